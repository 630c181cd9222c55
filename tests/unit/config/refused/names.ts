import type { RefusedConfig } from "./refusedConfig.ts";

/** Configurations whose name or domain mode cannot be. */
export const names: readonly RefusedConfig[] = [
    {
        name: "no FQDN",
        change: { fqdn: undefined },
        message: [
            "  fqdn: found nothing; expected a fully qualified domain name in lower case, of two labels or more of at most 63 characters each without outer hyphens, without a trailing dot",
            "      pulumi config set fqdn omantel.omani.works",
        ],
    },
    {
        name: "an FQDN with a trailing dot",
        change: { fqdn: "omantel.example.org." },
        message: [
            '  fqdn: found "omantel.example.org."; expected a fully qualified domain name in lower case, of two labels or more of at most 63 characters each without outer hyphens, without a trailing dot',
            "      pulumi config set fqdn omantel.example.org",
        ],
    },
    {
        name: "an FQDN in capitals",
        change: { fqdn: "Omantel.Example.org" },
        message: [
            '  fqdn: found "Omantel.Example.org"; expected a fully qualified domain name in lower case, of two labels or more of at most 63 characters each without outer hyphens, without a trailing dot',
            "      pulumi config set fqdn omantel.example.org",
        ],
    },
    {
        name: "an FQDN of one label",
        change: { fqdn: "omantel" },
        message: [
            '  fqdn: found "omantel"; expected a fully qualified domain name in lower case, of two labels or more of at most 63 characters each without outer hyphens, without a trailing dot',
            "      pulumi config set fqdn omantel.omani.works",
        ],
    },
    {
        name: "an FQDN with a label of 64 characters",
        change: { fqdn: `${"a".repeat(64)}.example.org` },
        message: [
            '  fqdn: found "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.org"; expected a fully qualified domain name in lower case, of two labels or more of at most 63 characters each without outer hyphens, without a trailing dot',
            "      pulumi config set fqdn omantel.omani.works",
        ],
    },
    {
        name: "an FQDN with a trailing hyphen in a label",
        change: { fqdn: "omantel-.example.org" },
        message: [
            '  fqdn: found "omantel-.example.org"; expected a fully qualified domain name in lower case, of two labels or more of at most 63 characters each without outer hyphens, without a trailing dot',
            "      pulumi config set fqdn omantel.omani.works",
        ],
    },
    {
        name: "an FQDN with an underscore",
        change: { fqdn: "my_sovereign.example.org" },
        message: [
            '  fqdn: found "my_sovereign.example.org"; expected a fully qualified domain name in lower case, of two labels or more of at most 63 characters each without outer hyphens, without a trailing dot',
            "      pulumi config set fqdn omantel.omani.works",
        ],
    },
    {
        name: "an FQDN of more than 253 characters",
        change: { fqdn: `${`${"a".repeat(63)}.`.repeat(4)}org` },
        message: [
            '  fqdn: found "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaa…; expected a fully qualified domain name in lower case, of two labels or more of at most 63 characters each without outer hyphens, without a trailing dot',
            "      pulumi config set fqdn omantel.omani.works",
        ],
    },
    {
        name: "an FQDN that is an address",
        change: { fqdn: "192.0.2.1" },
        message: [
            '  fqdn: found "192.0.2.1"; expected a fully qualified domain name in lower case, of two labels or more of at most 63 characters each without outer hyphens, without a trailing dot',
            "      pulumi config set fqdn omantel.omani.works",
        ],
    },
    {
        name: "no domain mode",
        change: { domainMode: undefined },
        message: [
            "  domainMode: found nothing; expected pool, byo-manual or byo-api",
            "      pulumi config set domainMode pool",
        ],
    },
    {
        name: "an unknown domain mode",
        change: { domainMode: "byo" },
        message: [
            '  domainMode: found "byo"; expected pool, byo-manual or byo-api',
            "      pulumi config set domainMode pool",
        ],
    },
    {
        name: "pool mode without a pool domain",
        change: { domainMode: "pool" },
        message: [
            "  poolDomain: found nothing; expected the pool's domain, since domainMode is pool",
            "      pulumi config set poolDomain example.org",
        ],
    },
    {
        name: "an FQDN outside its pool",
        change: { fqdn: "omantel.other.example", domainMode: "pool", poolDomain: "pool.example" },
        message: [
            '  fqdn: found "omantel.other.example"; expected one label under poolDomain, pool.example',
            "      pulumi config set fqdn omantel.pool.example",
        ],
    },
    {
        name: "an FQDN two labels below its pool",
        change: {
            fqdn: "mail.omantel.pool.example",
            domainMode: "pool",
            poolDomain: "pool.example",
        },
        message: [
            '  fqdn: found "mail.omantel.pool.example"; expected one label under poolDomain, pool.example',
            "      pulumi config set fqdn omantel.pool.example",
        ],
    },
    {
        name: "a label that the pool reserves",
        change: { fqdn: "gitea.pool.example", domainMode: "pool", poolDomain: "pool.example" },
        message: [
            '  fqdn: found "gitea.pool.example"; expected a first label that the pool does not reserve; gitea is reserved',
            "      pulumi config set fqdn omantel.pool.example",
        ],
    },
    {
        name: "a pool label that begins with a digit",
        change: { fqdn: "3com.pool.example", domainMode: "pool", poolDomain: "pool.example" },
        message: [
            '  fqdn: found "3com.pool.example"; expected a first label that begins with a letter, since domainMode is pool',
            "      pulumi config set fqdn omantel.pool.example",
        ],
    },
    {
        name: "a pool domain outside pool mode",
        change: { poolDomain: "pool.example" },
        message: [
            '  poolDomain: found "pool.example"; expected nothing, since domainMode is byo-manual',
            "      pulumi config rm poolDomain",
            "   or pulumi config set domainMode pool",
        ],
    },
];
