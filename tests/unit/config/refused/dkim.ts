import type { RefusedConfig } from "./refusedConfig.ts";

/** Configurations of DKIM that would not work. */
export const dkim: readonly RefusedConfig[] = [
    {
        name: "no active RSA key but one to activate",
        change: {
            dkim: [
                { selector: "e1", algorithm: "ed25519", state: "active" },
                { selector: "r1", algorithm: "rsa2048", state: "pending" },
            ],
        },
        message: [
            "  dkim: found no active rsa2048 selector; expected exactly one active rsa2048 selector (large receivers do not verify ed25519)",
            "      pulumi config set --path 'dkim[1].state' active",
        ],
    },
    {
        name: "no DKIM selector",
        change: { dkim: [] },
        message: [
            "  dkim: found []; expected one selector or more",
            "      pulumi config set --path 'dkim[0].selector' r1",
            "      pulumi config set --path 'dkim[0].algorithm' rsa2048",
            "      pulumi config set --path 'dkim[0].state' active",
        ],
    },
    {
        name: "no active RSA key",
        change: { dkim: [{ selector: "e1", algorithm: "ed25519", state: "active" }] },
        message: [
            "  dkim: found no active rsa2048 selector; expected exactly one active rsa2048 selector (large receivers do not verify ed25519)",
            "      pulumi config set --path 'dkim[1].selector' r1",
            "      pulumi config set --path 'dkim[1].algorithm' rsa2048",
            "      pulumi config set --path 'dkim[1].state' active",
        ],
    },
    {
        name: "two active RSA keys",
        change: {
            dkim: [
                { selector: "r1", algorithm: "rsa2048", state: "active" },
                { selector: "r2", algorithm: "rsa2048", state: "active" },
            ],
        },
        message: [
            "  dkim: found 2 active rsa2048 selectors: r1, r2; expected exactly one active rsa2048 selector (large receivers do not verify ed25519)",
            "      pulumi config set --path 'dkim[1].state' pending",
        ],
    },
    {
        name: "two active Ed25519 keys",
        change: {
            dkim: [
                { selector: "r1", algorithm: "rsa2048", state: "active" },
                { selector: "e1", algorithm: "ed25519", state: "active" },
                { selector: "e2", algorithm: "ed25519", state: "active" },
            ],
        },
        message: [
            "  dkim: found 2 active ed25519 selectors: e1, e2; expected at most one active ed25519 selector",
            "      pulumi config set --path 'dkim[2].state' pending",
        ],
    },
    {
        name: "a selector named twice",
        change: {
            dkim: [
                { selector: "r1", algorithm: "rsa2048", state: "active" },
                { selector: "r1", algorithm: "rsa2048", state: "retiring" },
            ],
        },
        message: [
            '  dkim[1].selector: found "r1"; expected a selector that no other entry has',
            "      pulumi config set --path 'dkim[1].selector' r2",
        ],
    },
    {
        name: "a selector in an unknown state",
        change: { dkim: [{ selector: "r1", algorithm: "rsa2048", state: "on" }] },
        message: [
            '  dkim[0].state: found "on"; expected pending, active, retiring or revoked',
            "      pulumi config set --path 'dkim[0].state' active",
        ],
    },
    {
        name: "a selector of two labels",
        change: { dkim: [{ selector: "r1.mail", algorithm: "rsa2048", state: "active" }] },
        message: [
            '  dkim[0].selector: found "r1.mail"; expected one label of lower-case letters, digits and hyphens',
            "      pulumi config set --path 'dkim[0].selector' r1",
        ],
    },
    {
        name: "a selector whose record's name is too long",
        change: {
            fqdn: `${`${"a".repeat(59)}.`.repeat(4)}org`,
            dkim: [{ selector: "r1", algorithm: "rsa2048", state: "active" }],
        },
        message: [
            '  fqdn: found "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaa…; expected a shorter name (or shorter selectors in dkim): the name of its DKIM record has 257 characters, DNS allows 253',
            "      pulumi config set fqdn omantel.omani.works",
        ],
    },
];
