import { z } from "zod";
import { canonicalName } from "../names.ts";
import { change, readNames } from "./change.ts";
import { RegistrarRefused } from "./failures.ts";
import { bare, listed, sameSet } from "./names.ts";
import type { Registrar } from "./registrar.ts";
import type { RegistrarRequest, RegistrarTransport } from "./transport.ts";

export interface CloudflareAccess {
    /** Base URL including `/client/v4`. */
    readonly url: string;
    /** A token that may read and write the zone. */
    readonly apiToken: string;
}

const envelopeSchema = z.object({
    success: z.boolean(),
    errors: z.array(z.object({ code: z.number(), message: z.string() })).default([]),
    result: z.unknown().optional(),
});
const zonesSchema = z.array(
    z.object({
        id: z.string(),
        name: z.string(),
        name_servers: z.array(z.string()).nullable().default([]),
    }),
);

type Zone = z.output<typeof zonesSchema>[number];

/**
 * A domain at Cloudflare: `GET /zones?name=` and `PATCH /zones/{id}` of API v4, with a bearer token
 * (https://developers.cloudflare.com/api/resources/zones/). Errors stand in an envelope, beside an HTTP status; more than 1200 requests in
 * five minutes are answered with 429 and `Retry-After` (https://developers.cloudflare.com/fundamentals/api/reference/limits/).
 *
 * `name_servers` is documented as something to read. Whether an account may write it shows in reading it back.
 */
export class Cloudflare implements Registrar {
    readonly caution =
        "Cloudflare documents the name servers of a zone as its own choice, so an account may not be able to change them; that shows once they are read back";
    readonly #access: CloudflareAccess;
    readonly #transport: RegistrarTransport;

    constructor(access: CloudflareAccess, transport: RegistrarTransport) {
        this.#access = access;
        this.#transport = transport;
    }

    nameServers(domain: string, expected?: readonly string[]): Promise<string[]> {
        const read = async () => namesOf(await this.#zone(domain));
        return readNames(this.#transport, read, expected);
    }

    setNameServers(
        domain: string,
        names: readonly string[],
        found: readonly string[],
    ): Promise<void> {
        const action = `set the name servers of ${domain}`;
        return change(this.#transport, {
            action,
            read: () => this.#zone(domain),
            isDone: (zone) => sameSet(namesOf(zone), names),
            isExpected: (zone) => sameSet(namesOf(zone), found),
            write: async ({ id }) => {
                const body = JSON.stringify({ name_servers: names.map(bare) });
                await this.#call("PATCH", `/zones/${encodeURIComponent(id)}`, action, body);
            },
            show: (zone) => listed(namesOf(zone)),
            wanted: listed(names),
        });
    }

    async #zone(domain: string): Promise<Zone> {
        const action = `read the name servers of ${domain}`;
        const path = `/zones?name=${encodeURIComponent(bare(domain))}`;
        const zones = zonesSchema.parse(await this.#call("GET", path, action));
        const zone = zones.find(({ name }) => canonicalName(name) === domain);
        if (zone === undefined)
            throw new RegistrarRefused(
                this.#transport.registrar,
                action,
                404,
                "the token sees no zone of that name; it needs Zone:Read and Zone:Edit for it",
            );
        return zone;
    }

    async #call(
        method: RegistrarRequest["method"],
        path: string,
        action: string,
        body?: string,
    ): Promise<unknown> {
        const answer = await this.#transport.send({
            method,
            url: this.#access.url.replace(/\/+$/, "") + path,
            headers: {
                Accept: "application/json",
                Authorization: `Bearer ${this.#access.apiToken}`,
                ...(body === undefined ? {} : { "Content-Type": "application/json" }),
            },
            ...(body === undefined ? {} : { body }),
            action,
        });
        const read = envelopeSchema.safeParse(this.#transport.json(action, answer));
        if (!read.success) throw this.#transport.unreadable(action, answer.status, "envelope");
        const { success, errors, result } = read.data;
        if (success && answer.status < 300) return result;
        const reason = errors.map(({ message }) => message).join("; ") || "no reason given";
        const code = errors[0]?.code ?? answer.status;
        throw this.#transport.failure(action, answer, code, reason);
    }
}

function namesOf({ name_servers }: Zone): string[] {
    return (name_servers ?? []).map(canonicalName);
}
