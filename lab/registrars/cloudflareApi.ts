import { createHash } from "node:crypto";
import { z } from "zod";
import { REGISTRAR_CREDENTIALS } from "./credentials.ts";
import { jsonReply, type ApiRequest, type RegistrarApi } from "./emulatedRegistrar.ts";
import type { AccountView, RegisteredDomain } from "./registeredDomains.ts";

/** Name servers that Cloudflare assigns to a zone. */
export const CLOUDFLARE_NAME_SERVERS = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"] as const;

const editSchema = z.object({ name_servers: z.array(z.string()).min(1).optional() });

/**
 * Cloudflare's API v4 as far as `GET /zones?name=` and `PATCH /zones/{id}` go (https://developers.cloudflare.com/api/resources/zones/), with its envelope and error
 * codes. Its documentation lists no name servers among what can be edited; an account that may not write them is one whose
 * writes are ignored.
 */
export class CloudflareApi implements RegistrarApi {
    readonly name = "Cloudflare";
    readonly basePath = "/client/v4";

    operation({ method, url }: ApiRequest): string {
        return url.pathname.endsWith("/zones") ? "list zones" : `${method.toLowerCase()} zone`;
    }

    authenticate({ headers }: ApiRequest) {
        if (headers.authorization === `Bearer ${REGISTRAR_CREDENTIALS.cloudflareApiToken}`)
            return undefined;
        return failed(403, 9109, "Invalid access token");
    }

    isReading({ method }: ApiRequest): boolean {
        return method === "GET";
    }

    async perform(request: ApiRequest, account: AccountView) {
        const { method, url } = request;
        const path = url.pathname.slice(this.basePath.length);
        if (method === "GET" && path === "/zones") {
            const found = account.find(url.searchParams.get("name") ?? "");
            return succeeded(found === undefined ? [] : [zoneOf(found)]);
        }
        const id = path.replace(/^\/zones\//, "");
        const zone = account.all.find((domain) => idOf(domain) === id);
        if (method !== "PATCH" || zone === undefined)
            return failed(
                404,
                7003,
                `Could not route to ${path}, perhaps your object identifier is invalid?`,
            );
        const edit = editSchema.safeParse(JSON.parse(request.body));
        if (!edit.success) return failed(400, 1004, "Failed to validate requested changes");
        const { name_servers: nameServers } = edit.data;
        if (nameServers === undefined) return succeeded(zoneOf(zone));
        const change = () => ({ nameServers, own: false });
        return succeeded(zoneOf(await account.change(zone.name, change)));
    }

    tooMany() {
        const reply = failed(429, 971, "Please wait and consider throttling your request speed");
        return { ...reply, headers: { "retry-after": "1" } };
    }
}

function zoneOf(domain: RegisteredDomain) {
    return {
        id: idOf(domain),
        name: domain.name,
        status: "active",
        paused: false,
        type: "full",
        name_servers: domain.nameServers,
    };
}

function idOf({ name }: RegisteredDomain): string {
    return createHash("sha256").update(name).digest("hex").slice(0, 32);
}

function succeeded(result: unknown) {
    return jsonReply(200, { result, success: true, errors: [], messages: [] });
}

function failed(status: number, code: number, message: string) {
    const content = { result: null, success: false, errors: [{ code, message }], messages: [] };
    return jsonReply(status, content, { refused: message });
}
