import type { RefusedConfig } from "./refusedConfig.ts";

/** Configurations that nobody could delegate to. */
export const delegation: readonly RefusedConfig[] = [
    {
        name: "a delegation that the mode cannot have",
        change: { delegation: "powerdns" },
        message: [
            '  delegation: found "powerdns"; expected external, since domainMode is byo-manual',
            "      pulumi config set delegation external",
        ],
    },
    {
        name: "the registrar's API without its credentials",
        change: { domainMode: "byo-api" },
        message: [
            "  dynadotApiKey: found nothing; expected the API key of the Dynadot account, since the delegation is written there",
            "      pulumi config set --secret dynadotApiKey",
            "  dynadotApiSecret: found nothing; expected the API secret of the Dynadot account, since the delegation is written there",
            "      pulumi config set --secret dynadotApiSecret",
        ],
    },
    {
        name: "three signing keys",
        change: { dnssecKeys: ["1", "2", "3"] },
        message: [
            '  dnssecKeys: found ["1","2","3"]; expected one or two different names of keys, each of letters, digits, underscores, dots and hyphens, at most 32',
            "      pulumi config set --path 'dnssecKeys[0]' 1",
        ],
    },
    {
        name: "one name server",
        change: { nameServers: [{ name: "ns1.operator.example" }] },
        message: [
            '  nameServers: found [{"name":"ns1.operator.example"}]; expected 2 to 13 name servers (RFC 2182 5)',
            "      pulumi config set --path 'nameServers[0].name' ns1.openova.io",
            "      pulumi config set --path 'nameServers[0].ipv4' 203.0.113.53",
            "      pulumi config set --path 'nameServers[0].ipv6' 2001:db8::53",
            "      pulumi config set --path 'nameServers[1].name' ns2.openova.io",
            "      pulumi config set --path 'nameServers[1].ipv4' 203.0.113.54",
            "      pulumi config set --path 'nameServers[1].ipv6' 2001:db8::54",
        ],
    },
    {
        name: "a name server of the Sovereign's own without an address",
        change: {
            nameServers: [{ name: "ns1.omantel.example.org" }, { name: "ns2.operator.example" }],
        },
        message: [
            '  nameServers[0]: found {"name":"ns1.omantel.example.org"}; expected an ipv4 or ipv6 address beside the name, since it lies under omantel.example.org and the parent needs glue',
            "      pulumi config set --path 'nameServers[0].ipv4' 203.0.113.53",
        ],
    },
    {
        name: "a name server named twice",
        change: {
            nameServers: [{ name: "ns1.operator.example" }, { name: "ns1.operator.example" }],
        },
        message: [
            '  nameServers[1].name: found "ns1.operator.example"; expected a name server that the list does not name already',
            "      pulumi config set --path 'nameServers[1].name' ns2.omantel.example.org",
        ],
    },
    {
        name: "a name server with the name of the mail host",
        change: {
            nameServers: [
                { name: "mail.omantel.example.org", ipv4: "192.0.2.1" },
                { name: "ns2.operator.example" },
            ],
        },
        message: [
            '  nameServers[0].name: found "mail.omantel.example.org"; expected a name that is not one of the Sovereign\'s own host names',
            "      pulumi config set --path 'nameServers[0].name' ns1.omantel.example.org",
        ],
    },
    {
        name: "a name server with a bad address",
        change: {
            nameServers: [
                { name: "ns1.operator.example", ipv4: "192.0.2.256" },
                { name: "ns2.operator.example" },
            ],
        },
        message: [
            '  nameServers[0].ipv4: found "192.0.2.256"; expected an IPv4 address',
            "      pulumi config set --path 'nameServers[0].ipv4' 203.0.113.53",
        ],
    },
    {
        name: "a name server with an unknown entry",
        change: {
            nameServers: [
                { name: "ns1.operator.example", ip: "192.0.2.1" },
                { name: "ns2.operator.example" },
            ],
        },
        message: [
            "  nameServers[0].ip: found an entry that this program does not know; expected nothing",
            "      pulumi config rm --path 'nameServers[0].ip'",
        ],
    },
    {
        name: "a TTL of no time",
        change: { ttl: 0 },
        message: [
            "  ttl: found 0; expected a whole number of seconds from 60 to 86400",
            "      pulumi config set ttl 300",
        ],
    },
    {
        name: "a TTL that is no number",
        change: { ttl: "5m" },
        message: [
            '  ttl: found "5m"; expected a whole number of seconds from 60 to 86400',
            "      pulumi config set ttl 300",
        ],
    },
    {
        name: "a PowerDNS URL with credentials",
        change: { powerdnsUrl: "https://user:secret@pdns.operator.example/api/v1" },
        message: [
            '  powerdnsUrl: found "https://[credentials]@pdns.operator.example/api/v1"; expected the http or https URL of the PowerDNS API without credentials and trailing slash',
            "      pulumi config set powerdnsUrl https://pdns.example/api/v1",
        ],
    },
    {
        name: "a PowerDNS URL with a trailing slash",
        change: { powerdnsUrl: "https://pdns.operator.example/api/v1/" },
        message: [
            '  powerdnsUrl: found "https://pdns.operator.example/api/v1/"; expected the http or https URL of the PowerDNS API without credentials and trailing slash',
            "      pulumi config set powerdnsUrl https://pdns.operator.example/api/v1",
        ],
    },
    {
        name: "a resolver without a port",
        change: { resolver: "9.9.9.9" },
        message: [
            '  resolver: found "9.9.9.9"; expected host:port',
            "      pulumi config set resolver 9.9.9.9:53",
        ],
    },
    {
        name: "a port beyond the last",
        change: { dnsPort: 65536 },
        message: [
            "  dnsPort: found 65536; expected a port from 1 to 65535",
            "      pulumi config set dnsPort 53",
        ],
    },
    {
        name: "TLSA in an unsigned zone",
        change: { tlsa: true, dnssec: false },
        message: [
            "  tlsa: found true; expected false, since dnssec is false and TLSA records count only in a signed zone (RFC 7672 2.1.1)",
            "      pulumi config set tlsa false",
            "   or pulumi config set dnssec true",
        ],
    },
    {
        name: "TLSA under a parent that takes no DS",
        change: {
            fqdn: "omantel.pool.example",
            domainMode: "pool",
            poolDomain: "pool.example",
            delegation: "dynadot",
            dynadotApiKey: "x",
            dynadotApiSecret: "x",
            tlsa: true,
        },
        message: [
            "  tlsa: found true; expected false, since a zone hosted at Dynadot takes no DS records and nobody could validate the TLSA record",
            "      pulumi config set tlsa false",
            "   or pulumi config set delegation powerdns",
        ],
    },
];
