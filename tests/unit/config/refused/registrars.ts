import type { RefusedConfig } from "./refusedConfig.ts";

const unsigned = { domainMode: "byo-api", dnssec: false } as const;

/** Configurations that a registrar's API could not carry out. */
export const registrars: readonly RefusedConfig[] = [
    {
        name: "Cloudflare without its token",
        change: { ...unsigned, delegation: "cloudflare" },
        message: [
            "  cloudflareApiToken: found nothing; expected the API token at Cloudflare, since the delegation is written there",
            "      pulumi config set --secret cloudflareApiToken",
        ],
    },
    {
        name: "Namecheap without who asks, from where, and the key",
        change: { ...unsigned, delegation: "namecheap" },
        message: [
            "  namecheapApiKey: found nothing; expected the API key of the Namecheap account, since the delegation is written there",
            "      pulumi config set --secret namecheapApiKey",
            "  namecheapApiUser: found nothing; expected the API user of the Namecheap account, since the delegation is written there",
            "      pulumi config set namecheapApiUser acme",
            "  namecheapClientIp: found nothing; expected the IPv4 address of this machine, as the allowlist of the Namecheap account has it, since the delegation is written there",
            "      pulumi config set namecheapClientIp 203.0.113.10",
        ],
    },
    {
        name: "GoDaddy without key and secret",
        change: { ...unsigned, delegation: "godaddy" },
        message: [
            "  godaddyApiKey: found nothing; expected the API key of the GoDaddy account, since the delegation is written there",
            "      pulumi config set --secret godaddyApiKey",
            "  godaddyApiSecret: found nothing; expected the API secret of the GoDaddy account, since the delegation is written there",
            "      pulumi config set --secret godaddyApiSecret",
        ],
    },
    {
        name: "OVHcloud without its three keys",
        change: { domainMode: "byo-api", delegation: "ovh" },
        message: [
            "  ovhApplicationKey: found nothing; expected the application key at OVHcloud, since the delegation is written there",
            "      pulumi config set --secret ovhApplicationKey",
            "  ovhApplicationSecret: found nothing; expected the application secret at OVHcloud, since the delegation is written there",
            "      pulumi config set --secret ovhApplicationSecret",
            "  ovhConsumerKey: found nothing; expected the consumer key at OVHcloud, since the delegation is written there",
            "      pulumi config set --secret ovhConsumerKey",
        ],
    },
    {
        name: "a signed zone at a registrar whose API takes no DS records",
        change: { domainMode: "byo-api", delegation: "cloudflare", cloudflareApiToken: "x" },
        message: [
            "  dnssec: found true; expected false, since Cloudflare's API takes no DS records; or ds in byHand, to enter by hand the DS records that the preview names",
            "      pulumi config set dnssec false",
            "   or pulumi config set --path 'byHand[0]' ds",
        ],
    },
    {
        name: "a name server of the Sovereign's own at a registrar whose API has no host records",
        change: {
            ...unsigned,
            delegation: "cloudflare",
            cloudflareApiToken: "x",
            nameServers: [
                { name: "ns1.omantel.example.org", ipv4: "192.0.2.1" },
                { name: "ns2.operator.example" },
            ],
        },
        message: [
            '  nameServers[0]: found {"name":"ns1.omantel.example.org","ipv4":"192.0.2.1"}; expected a name server outside of omantel.example.org, since Cloudflare\'s API has no host records; or glue in byHand, to enter by hand the hosts that the preview names',
            "      pulumi config set --path 'byHand[0]' glue",
        ],
    },
    {
        name: "a name server with two addresses at Namecheap",
        change: {
            ...unsigned,
            delegation: "namecheap",
            namecheapApiKey: "x",
            namecheapApiUser: "acme",
            namecheapClientIp: "203.0.113.10",
            nameServers: [
                { name: "ns1.omantel.example.org", ipv4: "192.0.2.1", ipv6: "2001:db8::1" },
                { name: "ns2.operator.example" },
            ],
        },
        message: [
            '  nameServers[0]: found {"name":"ns1.omantel.example.org","ipv4":"192.0.2.1","ipv6":"2001:db8::1"}; expected a name server outside of omantel.example.org, since a host record in Namecheap\'s API has exactly one address, an IPv4 one; or glue in byHand, to enter by hand the hosts that the preview names',
            "      pulumi config set --path 'byHand[0]' glue",
        ],
    },
    {
        name: "entries by hand where no registrar is written to",
        change: { byHand: ["ds"] },
        message: [
            '  byHand: found ["ds"]; expected nothing, since the delegation is not written at a registrar',
            "      pulumi config rm byHand",
        ],
    },
    {
        name: "an entry by hand that there is not",
        change: {
            domainMode: "byo-api",
            dynadotApiKey: "x",
            dynadotApiSecret: "x",
            byHand: ["mx"],
        },
        message: [
            '  byHand[0]: found "mx"; expected ds or glue',
            "      pulumi config set --path 'byHand[0]' ds",
        ],
    },
    {
        name: "a registrar for a pool that it cannot host",
        change: {
            domainMode: "pool",
            poolDomain: "example.org",
            delegation: "ovh",
            ovhApplicationKey: "x",
            ovhApplicationSecret: "x",
            ovhConsumerKey: "x",
        },
        message: [
            '  delegation: found "ovh"; expected powerdns or dynadot or external, since domainMode is pool',
            "      pulumi config set delegation powerdns",
        ],
    },
];
