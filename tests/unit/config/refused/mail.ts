import type { RefusedConfig } from "./refusedConfig.ts";

/** Configurations of a mail identity that would not work. */
export const mail: readonly RefusedConfig[] = [
    {
        name: "a pinned egress without a node",
        change: { mailEgress: "pinned" },
        message: [
            "  mailPinnedNode: found nothing; expected one of the nodes of this configuration, since mailEgress is pinned: cp1",
            "      pulumi config set mailPinnedNode cp1",
        ],
    },
    {
        name: "a pinned egress at a node that does not exist",
        change: { mailEgress: "pinned", mailPinnedNode: "w1" },
        message: [
            '  mailPinnedNode: found "w1"; expected one of the nodes of this configuration, since mailEgress is pinned: cp1',
            "      pulumi config set mailPinnedNode cp1",
        ],
    },
    {
        name: "a pinned node that nothing pins",
        change: { mailPinnedNode: "cp1" },
        message: [
            '  mailPinnedNode: found "cp1"; expected nothing, since mailEgress is all; or mailEgress pinned',
            "      pulumi config rm mailPinnedNode",
            "   or pulumi config set mailEgress pinned",
        ],
    },
    {
        name: "a smart host that is not described",
        change: { mailEgress: "smart-host" },
        message: [
            "  smartHost: found nothing; expected host, port and username of a relay, since mailEgress is smart-host",
            "      pulumi config set --path smartHost.host smtp.relay.example",
            "      pulumi config set --path smartHost.port 587",
            "      pulumi config set --path smartHost.username sovereign",
            "  smartHostPassword: found nothing; expected the password at the relay, since mailEgress is smart-host",
            "      pulumi config set --secret smartHostPassword",
        ],
    },
    {
        name: "a smart host without a password",
        change: {
            mailEgress: "smart-host",
            smartHost: { host: "smtp.relay.example", port: 587, username: "omantel" },
            smartHostPassword: undefined,
        },
        message: [
            "  smartHostPassword: found nothing; expected the password at the relay, since mailEgress is smart-host",
            "      pulumi config set --secret smartHostPassword",
        ],
    },
    {
        name: "a smart host on a blocked port",
        change: {
            mailEgress: "smart-host",
            smartHost: { host: "smtp.relay.example", port: 25, username: "omantel" },
            smartHostPassword: "x",
        },
        message: [
            "  smartHost.port: found 25; expected a port that Hetzner lets out, 587 or 2525 (it blocks 25 and 465)",
            "      pulumi config set --path smartHost.port 587",
        ],
    },
    {
        name: "a smart host on the other blocked port",
        change: {
            mailEgress: "smart-host",
            smartHost: { host: "smtp.relay.example", port: 465, username: "omantel" },
            smartHostPassword: "x",
        },
        message: [
            "  smartHost.port: found 465; expected a port that Hetzner lets out, 587 or 2525 (it blocks 25 and 465)",
            "      pulumi config set --path smartHost.port 587",
        ],
    },
    {
        name: "a smart host that is the Sovereign itself",
        change: {
            mailEgress: "smart-host",
            smartHost: { host: "mail.omantel.example.org", port: 587, username: "omantel" },
            smartHostPassword: "x",
        },
        message: [
            '  smartHost.host: found "mail.omantel.example.org"; expected a relay outside omantel.example.org, or mail would go round in a circle',
            "      pulumi config set --path smartHost.host smtp.relay.example",
        ],
    },
    {
        name: "a smart host with an SPF record for a term",
        change: {
            mailEgress: "smart-host",
            smartHost: {
                host: "smtp.relay.example",
                port: 587,
                username: "omantel",
                spf: "v=spf1 include:spf.relay.example -all",
            },
            smartHostPassword: "x",
        },
        message: [
            '  smartHost.spf: found "v=spf1 include:spf.relay.example -all"; expected an SPF term, for example include:spf.relay.example',
            "      pulumi config set --path smartHost.spf include:spf.relay.example",
        ],
    },
    {
        name: "a smart host with its password in the open",
        change: {
            mailEgress: "smart-host",
            smartHost: {
                host: "smtp.relay.example",
                port: 587,
                username: "omantel",
                password: "hunter2",
            },
            smartHostPassword: "x",
        },
        message: [
            "  smartHost.password: found an entry that this program does not know; expected nothing",
            "      pulumi config rm --path smartHost.password",
        ],
    },
    {
        name: "a smart host that is not used",
        change: { smartHost: { host: "smtp.relay.example", port: 587, username: "omantel" } },
        message: [
            '  smartHost: found {"host":"smtp.relay.example","port":587,"username":"omantel"}; expected nothing, since mailEgress is all; or mailEgress smart-host',
            "      pulumi config rm smartHost",
            "   or pulumi config set mailEgress smart-host",
        ],
    },
    {
        name: "mail over an IPv6 that is off",
        change: { mailIpv6: true, ipv6: false },
        message: [
            "  mailIpv6: found true; expected false, since ipv6 is false and the nodes have no IPv6 address",
            "      pulumi config set mailIpv6 false",
            "   or pulumi config set ipv6 true",
        ],
    },
    {
        name: "an unknown DMARC policy",
        change: { dmarcPolicy: "strict" },
        message: [
            '  dmarcPolicy: found "strict"; expected none, quarantine or reject',
            "      pulumi config set dmarcPolicy reject",
        ],
    },
    {
        name: "reports to no address",
        change: { dmarcReportAddress: "mailto:dmarc@example.org" },
        message: [
            '  dmarcReportAddress: found "mailto:dmarc@example.org"; expected a mail address',
            "      pulumi config set dmarcReportAddress dmarc@reports.example",
        ],
    },
    {
        name: "an unknown MTA-STS mode",
        change: { mtaSts: "on" },
        message: [
            '  mtaSts: found "on"; expected none, testing or enforce',
            "      pulumi config set mtaSts testing",
        ],
    },
    {
        name: "an image without a digest",
        change: { stalwartImage: "stalwartlabs/stalwart:v0.16.24" },
        message: [
            '  stalwartImage: found "stalwartlabs/stalwart:v0.16.24"; expected an image with registry or organisation, tag and sha256 digest',
            "      pulumi config set stalwartImage stalwartlabs/stalwart:v0.16.24@sha256:ec011be228596e37e65f41aab17deed573859614430472f7eeb42178c50d87b7",
        ],
    },
    {
        name: "an image without a tag",
        change: { stalwartImage: `stalwartlabs/stalwart@sha256:${"a".repeat(64)}` },
        message: [
            '  stalwartImage: found "stalwartlabs/stalwart@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…; expected an image with registry or organisation, tag and sha256 digest',
            "      pulumi config set stalwartImage stalwartlabs/stalwart:v0.16.24@sha256:ec011be228596e37e65f41aab17deed573859614430472f7eeb42178c50d87b7",
        ],
    },
    {
        name: "an authority by its name",
        change: { caaIssuers: ["Let's Encrypt"] },
        message: [
            '  caaIssuers[0]: found "Let\'s Encrypt"; expected the domain of a certificate authority, for example letsencrypt.org',
            "      pulumi config set --path 'caaIssuers[0]' letsencrypt.org",
        ],
    },
    {
        name: "a password generation of zero",
        change: { smtpPasswordGeneration: 0 },
        message: [
            "  smtpPasswordGeneration: found 0; expected a whole number from 1; raise it to rotate the submission password",
            "      pulumi config set smtpPasswordGeneration 2",
        ],
    },
];
