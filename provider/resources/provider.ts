import * as pulumi from "@pulumi/pulumi";

/** Configuration of the `sovereign` provider. Each credential may also come from the environment variable named beside it. */
export interface ProviderArgs {
    /** Base URL of the PowerDNS API, for example `https://pdns.example/api/v1`. Env `SOVEREIGN_POWERDNS_URL`. */
    readonly powerdnsUrl?: pulumi.Input<string>;
    /** `X-API-Key` of the PowerDNS API; secret. Env `SOVEREIGN_POWERDNS_API_KEY`. */
    readonly powerdnsApiKey?: pulumi.Input<string>;
    /** @default "localhost" */
    readonly powerdnsServerId?: pulumi.Input<string>;
    /** Seconds that one request to the PowerDNS API may take. Env `SOVEREIGN_POWERDNS_TIMEOUT_SECONDS`. @default 30 */
    readonly powerdnsTimeoutSeconds?: pulumi.Input<number>;
    /** Base URL of Dynadot. Env `SOVEREIGN_DYNADOT_URL`. @default "https://api.dynadot.com" */
    readonly dynadotUrl?: pulumi.Input<string>;
    /** Secret. Env `SOVEREIGN_DYNADOT_API_KEY`. */
    readonly dynadotApiKey?: pulumi.Input<string>;
    /** Secret, signs REST v2 requests. Env `SOVEREIGN_DYNADOT_API_SECRET`. */
    readonly dynadotApiSecret?: pulumi.Input<string>;
    /**
     * Requests a minute that the account's price level allows: 60 at "Regular", 600 at "Bulk", 6000 at "Super Bulk".
     * Env `SOVEREIGN_DYNADOT_REQUESTS_PER_MINUTE`. @default 60
     */
    readonly dynadotRequestsPerMinute?: pulumi.Input<number>;
    /** Base URL of Cloudflare's API. Env `SOVEREIGN_CLOUDFLARE_URL`. @default "https://api.cloudflare.com/client/v4" */
    readonly cloudflareUrl?: pulumi.Input<string>;
    /** Secret; a token that may read and edit the domain's zone. Env `SOVEREIGN_CLOUDFLARE_API_TOKEN`. */
    readonly cloudflareApiToken?: pulumi.Input<string>;
    /** URL of Namecheap's XML API. Env `SOVEREIGN_NAMECHEAP_URL`. @default "https://api.namecheap.com/xml.response" */
    readonly namecheapUrl?: pulumi.Input<string>;
    /** `ApiUser` at Namecheap. Env `SOVEREIGN_NAMECHEAP_API_USER`. */
    readonly namecheapApiUser?: pulumi.Input<string>;
    /** `UserName` at Namecheap. Env `SOVEREIGN_NAMECHEAP_USER_NAME`. @default the API user */
    readonly namecheapUserName?: pulumi.Input<string>;
    /** IPv4 address that is on the account's allowlist. Env `SOVEREIGN_NAMECHEAP_CLIENT_IP`. */
    readonly namecheapClientIp?: pulumi.Input<string>;
    /** Secret. Env `SOVEREIGN_NAMECHEAP_API_KEY`. */
    readonly namecheapApiKey?: pulumi.Input<string>;
    /** Base URL of GoDaddy's API. Env `SOVEREIGN_GODADDY_URL`. @default "https://api.godaddy.com" */
    readonly godaddyUrl?: pulumi.Input<string>;
    /** Secret. Env `SOVEREIGN_GODADDY_API_KEY`. */
    readonly godaddyApiKey?: pulumi.Input<string>;
    /** Secret. Env `SOVEREIGN_GODADDY_API_SECRET`. */
    readonly godaddyApiSecret?: pulumi.Input<string>;
    /** Base URL of OVHcloud's API in the account's region. Env `SOVEREIGN_OVH_URL`. @default "https://eu.api.ovh.com/1.0" */
    readonly ovhUrl?: pulumi.Input<string>;
    /** Secret. Env `SOVEREIGN_OVH_APPLICATION_KEY`. */
    readonly ovhApplicationKey?: pulumi.Input<string>;
    /** Secret, signs requests. Env `SOVEREIGN_OVH_APPLICATION_SECRET`. */
    readonly ovhApplicationSecret?: pulumi.Input<string>;
    /** Secret. Env `SOVEREIGN_OVH_CONSUMER_KEY`. */
    readonly ovhConsumerKey?: pulumi.Input<string>;
    /** Hetzner token, for placement; secret. Env `HCLOUD_TOKEN`. */
    readonly hcloudToken?: pulumi.Input<string>;
    /** Hetzner API base including `/v1`. Env `HCLOUD_ENDPOINT`. @default "https://api.hetzner.cloud/v1" */
    readonly hcloudEndpoint?: pulumi.Input<string>;
    /** `host:port` of the resolver that delegation checks ask. @default the system's resolvers */
    readonly resolver?: pulumi.Input<string>;
    /** Port on which authoritative name servers are asked; other than 53 only in the lab. @default 53 */
    readonly dnsPort?: pulumi.Input<number>;
    /** Epoch that the stack is brought to: what lets the only control plane be replaced. */
    readonly epoch?: pulumi.Input<number>;
}

/** The local provider plugin of this project (`provider/`). */
export class Provider extends pulumi.ProviderResource {
    constructor(name: string, args: ProviderArgs, opts?: pulumi.ResourceOptions) {
        super(
            "sovereign",
            name,
            {
                ...args,
                ...secrets(args, [
                    "powerdnsApiKey",
                    "dynadotApiKey",
                    "dynadotApiSecret",
                    "cloudflareApiToken",
                    "namecheapApiKey",
                    "godaddyApiKey",
                    "godaddyApiSecret",
                    "ovhApplicationKey",
                    "ovhApplicationSecret",
                    "ovhConsumerKey",
                    "hcloudToken",
                ]),
            },
            opts,
        );
    }
}

function secrets(args: ProviderArgs, keys: readonly (keyof ProviderArgs)[]) {
    return Object.fromEntries(
        keys.flatMap((k) => (args[k] === undefined ? [] : [[k, pulumi.secret(args[k])]])),
    );
}
