import { z } from "zod";

const text = (description: string) => z.string().min(1).describe(description);
const secret = { secret: true } as const;

/** Configuration of the registrars beside Dynadot. A registrar's keys are needed only by delegations that are written there. */
export const registrarConfiguration = {
    cloudflareUrl: {
        schema: z.url().describe("Base URL of Cloudflare's API, including `/client/v4`."),
        env: "SOVEREIGN_CLOUDFLARE_URL",
        default: "https://api.cloudflare.com/client/v4",
    },
    cloudflareApiToken: {
        schema: text("API token at Cloudflare that may read and edit the domain's zone."),
        env: "SOVEREIGN_CLOUDFLARE_API_TOKEN",
        ...secret,
    },
    namecheapUrl: {
        schema: z.url().describe("URL of Namecheap's XML API."),
        env: "SOVEREIGN_NAMECHEAP_URL",
        default: "https://api.namecheap.com/xml.response",
    },
    namecheapApiUser: {
        schema: text("`ApiUser` of Namecheap's API."),
        env: "SOVEREIGN_NAMECHEAP_API_USER",
    },
    namecheapUserName: {
        schema: text("`UserName` of Namecheap's API, where it is not the API user's."),
        env: "SOVEREIGN_NAMECHEAP_USER_NAME",
    },
    namecheapClientIp: {
        schema: z
            .ipv4()
            .describe("IPv4 address that is on the allowlist of the Namecheap account."),
        env: "SOVEREIGN_NAMECHEAP_CLIENT_IP",
    },
    namecheapApiKey: {
        schema: text("API key of the Namecheap account."),
        env: "SOVEREIGN_NAMECHEAP_API_KEY",
        ...secret,
    },
    godaddyUrl: {
        schema: z.url().describe("Base URL of GoDaddy's API."),
        env: "SOVEREIGN_GODADDY_URL",
        default: "https://api.godaddy.com",
    },
    godaddyApiKey: {
        schema: text("API key of the GoDaddy account."),
        env: "SOVEREIGN_GODADDY_API_KEY",
        ...secret,
    },
    godaddyApiSecret: {
        schema: text("API secret of the GoDaddy account."),
        env: "SOVEREIGN_GODADDY_API_SECRET",
        ...secret,
    },
    ovhUrl: {
        schema: z.url().describe("Base URL of OVHcloud's API in the account's region."),
        env: "SOVEREIGN_OVH_URL",
        default: "https://eu.api.ovh.com/1.0",
    },
    ovhApplicationKey: {
        schema: text("Application key at OVHcloud."),
        env: "SOVEREIGN_OVH_APPLICATION_KEY",
        ...secret,
    },
    ovhApplicationSecret: {
        schema: text("Application secret at OVHcloud, which signs requests."),
        env: "SOVEREIGN_OVH_APPLICATION_SECRET",
        ...secret,
    },
    ovhConsumerKey: {
        schema: text("Consumer key at OVHcloud, with rights on `/domain/*`."),
        env: "SOVEREIGN_OVH_CONSUMER_KEY",
        ...secret,
    },
} as const;
