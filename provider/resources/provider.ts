import * as pulumi from "@pulumi/pulumi";

/** Configuration of the `sovereign` provider. Each credential may also come from the environment variable named beside it. */
export interface ProviderArgs {
    /** Base URL of the PowerDNS API, for example `https://pdns.example/api/v1`. Env `SOVEREIGN_POWERDNS_URL`. */
    readonly powerdnsUrl?: pulumi.Input<string>;
    /** `X-API-Key` of the PowerDNS API; secret. Env `SOVEREIGN_POWERDNS_API_KEY`. */
    readonly powerdnsApiKey?: pulumi.Input<string>;
    /** @default "localhost" */
    readonly powerdnsServerId?: pulumi.Input<string>;
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
