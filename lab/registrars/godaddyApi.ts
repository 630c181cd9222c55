import { z } from "zod";
import { REGISTRAR_CREDENTIALS } from "./credentials.ts";
import { jsonReply, type ApiRequest, type RegistrarApi } from "./emulatedRegistrar.ts";
import type { AccountView } from "./registeredDomains.ts";

/** Name servers of GoDaddy's own DNS. */
export const GODADDY_NAME_SERVERS = ["ns01.domaincontrol.com", "ns02.domaincontrol.com"] as const;

const updateSchema = z.object({ nameServers: z.array(z.string()).optional() });

/** GoDaddy's `GET` and `PATCH /v1/domains/{domain}` (https://developer.godaddy.com/doc/endpoint/domains), with its error model. */
export class GoDaddyApi implements RegistrarApi {
    readonly name = "GoDaddy";
    readonly basePath = "";

    operation({ method }: ApiRequest): string {
        return `${method.toLowerCase()} domain`;
    }

    authenticate({ headers }: ApiRequest) {
        const { godaddyApiKey, godaddyApiSecret } = REGISTRAR_CREDENTIALS;
        if (headers.authorization === `sso-key ${godaddyApiKey}:${godaddyApiSecret}`)
            return undefined;
        const message = "Unauthorized : Could not authenticate API key/secret";
        return failed(401, "UNABLE_TO_AUTHENTICATE", message);
    }

    isReading({ method }: ApiRequest): boolean {
        return method === "GET";
    }

    async perform({ method, url, body }: ApiRequest, account: AccountView) {
        const name = /^\/v1\/domains\/([^/]+)$/.exec(url.pathname)?.[1] ?? "";
        const domain = account.find(name);
        if (domain === undefined) return failed(404, "NOT_FOUND", "Resource not found");
        if (method === "GET")
            return jsonReply(200, {
                domainId: 1,
                domain: domain.name,
                status: "ACTIVE",
                locked: true,
                nameServers: domain.nameServers,
            });
        const update = updateSchema.safeParse(JSON.parse(body));
        if (!update.success || method !== "PATCH")
            return failed(400, "MALFORMED_REQUEST", "Request was malformed");
        const { nameServers } = update.data;
        if (nameServers !== undefined && nameServers.length < 2)
            return failed(422, "INVALID_BODY", "Request body doesn't fulfill schema");
        if (nameServers !== undefined)
            await account.change(name, () => ({ nameServers, own: false }));
        return { status: 204, contentType: "application/json", body: "" };
    }

    tooMany() {
        const message = "Too many requests received within interval";
        return failed(429, "TOO_MANY_REQUESTS", message, { retryAfterSec: 1 });
    }
}

function failed(status: number, code: string, message: string, more: object = {}) {
    return jsonReply(status, { code, message, ...more }, { refused: message });
}
