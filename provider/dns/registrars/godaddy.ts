import { z } from "zod";
import { canonicalName } from "../names.ts";
import { change, readNames } from "./change.ts";
import { RegistrarUnavailable } from "./failures.ts";
import { bare, listed, sameSet } from "./names.ts";
import type { Registrar } from "./registrar.ts";
import type { RegistrarAnswer, RegistrarRequest, RegistrarTransport } from "./transport.ts";

export interface GoDaddyAccess {
    /** Base URL; `https://api.ote-godaddy.com` is the test environment. */
    readonly url: string;
    readonly apiKey: string;
    readonly apiSecret: string;
}

const domainSchema = z.object({ nameServers: z.array(z.string()).nullish() });
const errorSchema = z.object({
    code: z.string(),
    message: z.string().default("no reason given"),
    fields: z
        .array(z.object({ path: z.string().default(""), message: z.string().default("") }))
        .default([]),
    retryAfterSec: z.number().optional(),
});

/** Milliseconds to wait while another request works on the same domain. */
const BUSY_PAUSE = 2000;

/**
 * A domain at GoDaddy: `GET` and `PATCH /v1/domains/{domain}` with `sso-key` authorization
 * (https://developer.godaddy.com/doc/endpoint/domains). Errors have `code`, `message` and `fields`; more than 60 requests a minute are answered
 * with 429 and `retryAfterSec` (https://developer.godaddy.com/getstarted). Accounts with few domains are answered `ACCESS_DENIED`.
 */
export class GoDaddy implements Registrar {
    readonly #access: GoDaddyAccess;
    readonly #transport: RegistrarTransport;

    constructor(access: GoDaddyAccess, transport: RegistrarTransport) {
        this.#access = access;
        this.#transport = transport;
    }

    nameServers(domain: string, expected?: readonly string[]): Promise<string[]> {
        const read = () => this.#read(domain);
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
            read: () => this.#read(domain),
            isDone: (live) => sameSet(live, names),
            isExpected: (live) => sameSet(live, found),
            write: async () => {
                const body = JSON.stringify({ nameServers: names.map(bare) });
                await this.#call("PATCH", domain, action, body);
            },
            show: listed,
            wanted: listed(names),
        });
    }

    async #read(domain: string): Promise<string[]> {
        const answer = await this.#call("GET", domain, `read the name servers of ${domain}`);
        return (domainSchema.parse(answer).nameServers ?? []).map(canonicalName);
    }

    async #call(
        method: RegistrarRequest["method"],
        domain: string,
        action: string,
        body?: string,
    ): Promise<unknown> {
        const { url, apiKey, apiSecret } = this.#access;
        const answer = await this.#transport.send({
            method,
            url: `${url.replace(/\/+$/, "")}/v1/domains/${encodeURIComponent(bare(domain))}`,
            headers: {
                Accept: "application/json",
                Authorization: `sso-key ${apiKey}:${apiSecret}`,
                ...(body === undefined ? {} : { "Content-Type": "application/json" }),
            },
            ...(body === undefined ? {} : { body }),
            action,
        });
        const content = this.#transport.json(action, answer);
        if (answer.status < 300) return content;
        throw this.#failure(action, answer, content);
    }

    #failure(action: string, answer: RegistrarAnswer, content: unknown): Error {
        const read = errorSchema.safeParse(content);
        if (!read.success) return this.#transport.unreadable(action, answer.status, "error");
        const { code, message, fields, retryAfterSec } = read.data;
        const details = fields.map(({ path, message: what }) => `${path} ${what}`.trim());
        const reason = [message, ...details].join("; ");
        // Two requests on one domain at a time are refused; the other one may be a person's.
        if (/being used in another request/i.test(reason))
            return new RegistrarUnavailable(this.#transport.registrar, action, reason, {
                outcome: "not done",
                pause: BUSY_PAUSE,
            });
        const retryAfter = retryAfterSec === undefined ? answer.retryAfter : retryAfterSec * 1000;
        return this.#transport.failure(
            action,
            { status: answer.status, retryAfter },
            code,
            code === "ACCESS_DENIED"
                ? `${reason}. GoDaddy opens this API only to accounts with enough domains`
                : reason,
        );
    }
}
