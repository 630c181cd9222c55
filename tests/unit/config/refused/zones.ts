import type { RefusedConfig } from "./refusedConfig.ts";

/** What a Gateway needs. */
const GATEWAY = { gatewayApiChart: "./charts/gateway-api" };

const named = (count: number) => Array.from({ length: count }, (_, i) => `zone${i}.example.net`);

const LONG = Array.from({ length: 4 }, () => "a".repeat(58)).join(".");

/** Just too long: with `gateway-zone-` and `-tls` it has 254 characters. */
const LONGEST = [58, 59, 59, 58].map((length) => "a".repeat(length)).join(".");

/** Configurations of zones beside the Sovereign's own. */
export const zones: readonly RefusedConfig[] = [
    {
        name: "further zones without a Gateway",
        change: { furtherZones: ["omani.homes"] },
        message: [
            "  gatewayApiChart: found nothing; expected the chart with the Gateway API's definitions, since furtherZones are served by listeners of a Gateway",
            "      pulumi config set gatewayApiChart oci://registry.example/charts/gateway-api",
            "   or pulumi config rm furtherZones",
        ],
    },
    {
        name: "a further zone that is none",
        change: { ...GATEWAY, furtherZones: ["Omani.Homes."] },
        message: [
            '  furtherZones[0]: found "Omani.Homes."; expected a zone in lower case, without a trailing dot',
            "      pulumi config set --path 'furtherZones[0]' omani.homes",
        ],
    },
    {
        name: "more zones than a Gateway has listeners for",
        change: { ...GATEWAY, furtherZones: named(31) },
        message: [
            "  furtherZones: found 31 zones; expected at most 30, since a Gateway has at most 64 listeners",
            "      pulumi config rm --path 'furtherZones[30]'",
        ],
    },
    {
        name: "a further zone that the Sovereign's own lies in",
        change: { ...GATEWAY, furtherZones: ["omani.homes", "example.org"] },
        message: [
            '  furtherZones[1]: found "example.org"; expected a zone that the Sovereign\'s own does not lie in; omantel.example.org is delegated from it',
            "      pulumi config rm --path 'furtherZones[1]'",
        ],
    },
    {
        name: "a further zone that lies in the Sovereign's own",
        change: { ...GATEWAY, furtherZones: ["shop.omantel.example.org"] },
        message: [
            '  furtherZones[0]: found "shop.omantel.example.org"; expected a zone outside of the Sovereign\'s own, omantel.example.org',
            "      pulumi config rm --path 'furtherZones[0]'",
        ],
    },
    {
        name: "a further zone that a name server lies in",
        change: { ...GATEWAY, furtherZones: ["operator.example"] },
        message: [
            '  furtherZones[0]: found "operator.example"; expected a zone that no name server lies in: the wildcard would answer for ns1.operator.example',
            "      pulumi config rm --path 'furtherZones[0]'",
        ],
    },
    {
        name: "further zones that are or lie in one another",
        change: { ...GATEWAY, furtherZones: ["omani.homes", "shop.omani.homes"] },
        message: [
            '  furtherZones[1]: found "shop.omani.homes"; expected a zone apart from omani.homes: none may be another one or lie in it',
            "      pulumi config rm --path 'furtherZones[1]'",
        ],
    },
    {
        name: "further zones whose listeners have one name",
        change: { ...GATEWAY, furtherZones: ["a-b.example.net", "a.b-example.net"] },
        message: [
            '  furtherZones[1]: found "a.b-example.net"; expected a zone whose listeners, https-a-b-example-net and https-a-b-example-net-apex, are not called like those of a-b.example.net',
            "      pulumi config rm --path 'furtherZones[1]'",
        ],
    },
    {
        name: "a further zone whose names are too long to be proven",
        change: { ...GATEWAY, certificateIssuer: "staging", furtherZones: [LONG] },
        message: [
            `  furtherZones[0]: found "${"a".repeat(58)}.${"a".repeat(20)}…; expected a shorter name: _acme-challenge.<zone>.acme.<fqdn>, where it is proven, would have 276 characters, and a name has at most 253`,
            "      pulumi config rm --path 'furtherZones[0]'",
        ],
    },
    {
        name: "a further zone whose grant's name is too long",
        change: { ...GATEWAY, furtherZones: [LONGEST] },
        message: [
            `  furtherZones[0]: found "${"a".repeat(58)}.${"a".repeat(20)}…; expected a shorter name: the grant for its certificate, gateway-zone-<zone>-tls, would have 254 characters in its name, and may have 253`,
            "      pulumi config rm --path 'furtherZones[0]'",
        ],
    },
    {
        name: "further zones whose wildcards would be proven by HTTP",
        change: {
            certificateIssuer: "staging",
            acmeChallenge: "http-01",
            furtherZones: ["omani.homes"],
        },
        message: [
            "  gatewayApiChart: found nothing; expected the chart with the Gateway API's definitions, since furtherZones are served by listeners of a Gateway",
            "      pulumi config set gatewayApiChart oci://registry.example/charts/gateway-api",
            "   or pulumi config rm furtherZones",
            '  acmeChallenge: found "http-01"; expected dns-01, since each of furtherZones is served under a certificate with its wildcard, which nobody proves by HTTP',
            "      pulumi config set acmeChallenge dns-01",
            "   or pulumi config rm furtherZones",
        ],
    },
    {
        name: "a further zone that reports are to be sent to",
        change: {
            ...GATEWAY,
            dmarcReportAddress: "dmarc@in.omani.homes",
            furtherZones: ["omani.homes"],
        },
        message: [
            '  furtherZones[0]: found "omani.homes"; expected a zone without the mailbox of dmarcReportAddress, dmarc@in.omani.homes: nothing in a further zone takes mail',
            "      pulumi config rm --path 'furtherZones[0]'",
        ],
    },
    {
        name: "a further zone that the smart host lies in",
        change: {
            ...GATEWAY,
            mailEgress: "smart-host",
            smartHost: {
                host: "smtp.omani.homes",
                port: 587,
                username: "sovereign",
                spf: "include:spf.relay.example",
            },
            smartHostPassword: "x",
            furtherZones: ["omani.homes"],
        },
        message: [
            '  furtherZones[0]: found "omani.homes"; expected a zone that smartHost.host does not lie in: the wildcard would answer for smtp.omani.homes',
            "      pulumi config rm --path 'furtherZones[0]'",
        ],
    },
];
