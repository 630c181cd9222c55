import { createHash } from "node:crypto";
import { z } from "zod";
import type { WireReply } from "../dynadot/exchange.ts";
import { REGISTRAR_CREDENTIALS } from "./credentials.ts";
import { jsonReply, type ApiRequest, type RegistrarApi } from "./emulatedRegistrar.ts";
import {
    withoutHost,
    type AccountView,
    type RegisteredDomain,
    type RegisteredDomains,
} from "./registeredDomains.ts";

/** Name servers of OVHcloud's own DNS. */
export const OVH_NAME_SERVERS = ["dns105.ovh.net", "ns105.ovh.net"] as const;

/** Seconds by which the service's clock is ahead of the machine's, and by which a request's time may differ from it. */
const AHEAD = 3600;
const LENIENCY = 60;

const typeSchema = z.object({ nameServerType: z.enum(["hosted", "external"]) });
const serversSchema = z.object({ nameServers: z.array(z.object({ host: z.string() })).min(1) });
const glueSchema = z.object({ host: z.string().optional(), ips: z.array(z.string()).min(1) });
const keysSchema = z.object({
    keys: z.array(
        z.object({
            algorithm: z.number(),
            flags: z.union([z.literal(256), z.literal(257)]),
            publicKey: z.string(),
            tag: z.number(),
        }),
    ),
});

/** What a registry can hold beside names of name servers, as a domain says it. */
export interface RegistryAbilities {
    readonly hostSupported: boolean;
    readonly glueRecordIpv6Supported: boolean;
    readonly glueRecordMultiIpSupported: boolean;
}

/**
 * OVHcloud's API as far as `/domain/{serviceName}` goes with its name servers, glue and DS records (https://eu.api.ovh.com/console/), behind its signature and its own clock. A change is
 * visible at once and becomes a task that is done at the second look.
 */
export class OvhApi implements RegistrarApi {
    readonly name = "OVHcloud";
    readonly basePath = "/1.0";
    /** How tasks end. */
    taskStatus: "done" | "error" = "done";
    abilities: RegistryAbilities = {
        hostSupported: true,
        glueRecordIpv6Supported: true,
        glueRecordMultiIpSupported: true,
    };
    readonly #domains: RegisteredDomains;
    readonly #tasks: string[] = [];

    constructor(domains: RegisteredDomains) {
        this.#domains = domains;
    }

    operation({ method, url }: ApiRequest): string {
        const path = url.pathname.slice(this.basePath.length);
        const kind = path
            .replace(/^\/domain\/[^/]+/, "/domain")
            .replace(/\/(?:\d+|[^/]+\.[^/]+)(?=\/|$)/g, "");
        return `${method.toLowerCase()} ${kind}`;
    }

    authenticate({ method, url, headers, body }: ApiRequest) {
        if (url.pathname === `${this.basePath}/auth/time`) return undefined;
        const { ovhApplicationKey, ovhApplicationSecret, ovhConsumerKey } = REGISTRAR_CREDENTIALS;
        if (headers["x-ovh-application"] !== ovhApplicationKey)
            return failed(403, "INVALID_KEY", "This application key is invalid");
        if (headers["x-ovh-consumer"] !== ovhConsumerKey)
            return failed(403, "INVALID_CREDENTIAL", "This credential is not valid");
        const timestamp = headers["x-ovh-timestamp"] ?? "";
        if (Math.abs(Number(timestamp) - this.#now()) > LENIENCY)
            return failed(400, "QUERY_TIME_OUT", "Query out of time");
        const signed = [ovhApplicationSecret, ovhConsumerKey, method, url.href, body, timestamp];
        const digest = createHash("sha1").update(signed.join("+")).digest("hex");
        if (headers["x-ovh-signature"] !== `$1$${digest}`)
            return failed(400, "INVALID_SIGNATURE", "Invalid signature");
        return undefined;
    }

    isReading({ method }: ApiRequest): boolean {
        return method === "GET";
    }

    async perform({ method, url, body }: ApiRequest, account: AccountView): Promise<WireReply> {
        const path = url.pathname.slice(this.basePath.length);
        if (path === "/auth/time") return jsonReply(200, this.#now());
        const [, , name = "", ...rest] = path.split("/").map(decodeURIComponent);
        const domain = account.find(name);
        if (!path.startsWith("/domain/") || domain === undefined)
            return absent("This service does not exist");
        const content: unknown = body === "" ? undefined : JSON.parse(body);
        return method === "GET"
            ? this.#read(domain, rest)
            : this.#write(domain, `${method} ${rest.join("/")}`, rest, content, account);
    }

    tooMany() {
        const reply = jsonReply(429, { message: "Too many requests" });
        return { ...reply, headers: { "retry-after": "1" }, refused: "too many requests" };
    }

    #read(domain: RegisteredDomain, [kind, id]: readonly string[]): WireReply {
        const { nameServers, hosts, keys, own, name } = domain;
        const number = Number(id);
        switch (kind) {
            case undefined:
                return jsonReply(200, {
                    domain: name,
                    nameServerType: own ? "hosted" : "external",
                    dnssecSupported: true,
                    transferLockStatus: "locked",
                    ...this.abilities,
                });
            case "nameServer": {
                if (id === undefined)
                    return jsonReply(
                        200,
                        nameServers.map((_, i) => i + 1),
                    );
                const host = nameServers[number - 1];
                if (host === undefined) return absent("The requested object does not exist");
                const state = { isUsed: true, toDelete: false };
                return jsonReply(200, { id: number, host, ip: null, ...state });
            }
            case "glueRecord": {
                if (id === undefined) return jsonReply(200, Object.keys(hosts));
                const ips = hosts[id];
                if (ips === undefined) return absent("The requested object does not exist");
                return jsonReply(200, { host: id, ips });
            }
            case "dsRecord": {
                if (id === undefined)
                    return jsonReply(
                        200,
                        keys.map((_, i) => i + 1),
                    );
                const key = keys[number - 1];
                if (key === undefined) return absent("The requested object does not exist");
                const { algorithm, flags } = key;
                const publicKey = key.key.toString("base64");
                return jsonReply(200, {
                    id: number,
                    algorithm,
                    flags,
                    publicKey,
                    status: "active",
                });
            }
            case "task":
                return jsonReply(200, this.#task(number, this.taskStatus));
            default:
                return absent("Got an invalid (or empty) URL");
        }
    }

    async #write(
        { name, own }: RegisteredDomain,
        operation: string,
        [, host = ""]: readonly string[],
        content: unknown,
        account: AccountView,
    ): Promise<WireReply> {
        if (operation === "PUT ") {
            const hosted = typeSchema.parse(content).nameServerType === "hosted";
            await account.change(name, () => ({
                own: hosted,
                ...(hosted ? { nameServers: OVH_NAME_SERVERS } : {}),
            }));
            return jsonReply(200, null);
        }
        if (operation === "POST nameServers/update") {
            // Where writes are ignored, so was the change of the type before this one.
            if (own && this.#domains.effect.kind !== "ignored")
                return failed(400, "INVALID_ARGUMENT", "Name servers are hosted");
            const nameServers = serversSchema.parse(content).nameServers.map((s) => s.host);
            await account.change(name, () => ({ nameServers }));
            return this.#begun("DomainDnsUpdate");
        }
        if (operation === "POST dsRecord") {
            const keys = keysSchema.parse(content).keys.map(({ algorithm, flags, publicKey }) => ({
                algorithm,
                flags,
                key: Buffer.from(publicKey, "base64"),
            }));
            await account.change(name, () => ({ keys }));
            return this.#begun("DomainDnssecUpdate");
        }
        if (operation.startsWith("DELETE glueRecord/")) {
            await account.change(name, ({ hosts }) => ({ hosts: withoutHost(hosts, host) }));
            return this.#begun("DomainHostDelete");
        }
        const glue = glueSchema.parse(content);
        const subject = glue.host ?? host;
        await account.change(name, ({ hosts }) => ({ hosts: { ...hosts, [subject]: glue.ips } }));
        return this.#begun(glue.host === undefined ? "DomainHostUpdate" : "DomainHostCreate");
    }

    #begun(kind: string): WireReply {
        this.#tasks.push(kind);
        return jsonReply(200, this.#task(this.#tasks.length, "todo"));
    }

    #task(id: number, status: string) {
        const comment = status === "error" ? "the registry refused" : null;
        return { id, function: this.#tasks[id - 1] ?? "", status, comment };
    }

    #now(): number {
        return Math.floor(this.#domains.clock.now() / 1000) + AHEAD;
    }
}

function absent(message: string): WireReply {
    return jsonReply(404, { class: "Client::NotFound", message }, { refused: message });
}

function failed(status: number, errorCode: string, message: string): WireReply {
    const httpCode = { 400: "400 Bad Request", 403: "403 Forbidden" }[status] ?? String(status);
    return jsonReply(status, { errorCode, httpCode, message }, { refused: message });
}
