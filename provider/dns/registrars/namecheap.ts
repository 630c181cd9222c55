import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import { canonicalAddress } from "../addresses.ts";
import { canonicalName } from "../names.ts";
import { change, readNames, type RegistrarChange } from "./change.ts";
import { RegistrarRefused, RegistrarUnavailable } from "./failures.ts";
import { bare, listed, sameSet } from "./names.ts";
import type { HostRecords, Registrar } from "./registrar.ts";
import type { RegistrarTransport } from "./transport.ts";

export interface NamecheapAccess {
    /** URL of the API; `https://api.sandbox.namecheap.com/xml.response` is the test environment. */
    readonly url: string;
    readonly apiUser: string;
    readonly apiKey: string;
    readonly userName: string;
    /** The IPv4 address that the account's allowlist has. */
    readonly clientIp: string;
}

/** Values that a command's result may have, in attributes. */
const flag = z
    .string()
    .optional()
    .transform((text) => text?.toLowerCase() === "true");
const listSchema = z.object({
    DomainDNSGetListResult: z.object({
        "@IsUsingOurDNS": flag,
        Nameserver: z.array(z.string()).default([]),
    }),
});
const hostSchema = z.object({
    DomainNSInfoResult: z.object({ "@IP": z.string().optional(), IP: z.string().optional() }),
});
const responseSchema = z.object({
    ApiResponse: z.object({
        "@Status": z.string(),
        Errors: z
            .union([
                z.literal(""),
                z.object({
                    Error: z
                        .array(
                            z.union([
                                z.string().transform((text) => ({ "@Number": "0", "#text": text })),
                                z.object({
                                    "@Number": z.string(),
                                    "#text": z.string().default(""),
                                }),
                            ]),
                        )
                        .default([]),
                }),
            ])
            .default(""),
        CommandResponse: z.unknown().optional(),
    }),
});

const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    parseTagValue: false,
    parseAttributeValue: false,
    isArray: (name) => name === "Nameserver" || name === "Error",
});

/** `getInfo` of a host that is not registered: what the registries behind Namecheap say passes through with these numbers. */
const NO_SUCH_HOST = new Set(["3031510", "4022288"]);

/** Milliseconds to rest when there were too many requests. */
const RATE_PAUSE = 5000;

/** What a domain is answered by. */
interface Servers {
    /** Whether Namecheap's own servers do. */
    readonly own: boolean;
    readonly names: readonly string[];
}

/**
 * A domain at Namecheap: `namecheap.domains.dns.*` and `namecheap.domains.ns.*` of the XML API
 * (https://www.namecheap.com/support/api/methods/). The key is a parameter like any other
 * (https://www.namecheap.com/support/api/global-parameters/); it is sent in the body of a POST, so that no URL has it. Whatever is wrong, the HTTP status is
 * 200; only too many requests are answered with 405 (20 a minute, as `github.com/namecheap/go-namecheap-sdk` has it).
 */
export class Namecheap implements Registrar {
    readonly hosts: HostRecords;
    readonly #access: NamecheapAccess;
    readonly #transport: RegistrarTransport;

    constructor(access: NamecheapAccess, transport: RegistrarTransport) {
        this.#access = access;
        this.#transport = transport;
        this.hosts = {
            read: (domain, host) =>
                transport.persistently(async () => optional(await this.#host(domain, host))),
            register: (domain, host, [address = ""]) =>
                this.#setHost(domain, host, address, `register the host ${host}`),
            setAddresses: (domain, host, [address = ""]) =>
                this.#setHost(domain, host, address, `set the address of the host ${host}`),
            remove: (domain, host) => this.#removeHost(domain, host),
        };
    }

    nameServers(domain: string, expected?: readonly string[]): Promise<string[]> {
        const read = async () => chosen(await this.#servers(domain));
        return readNames(this.#transport, read, expected);
    }

    setNameServers(
        domain: string,
        names: readonly string[],
        found: readonly string[],
    ): Promise<void> {
        const command = "namecheap.domains.dns.setCustom";
        const Nameservers = names.map(bare).join(",");
        return change(this.#transport, {
            ...this.#servedBy(domain, names, `set the name servers of ${domain}`, command, {
                Nameservers,
            }),
            isExpected: (live) => sameSet(chosen(live), found),
        });
    }

    clearNameServers(domain: string): Promise<void> {
        const action = `give ${domain} back to Namecheap's own DNS`;
        const command = "namecheap.domains.dns.setDefault";
        return change(this.#transport, {
            ...this.#servedBy(domain, undefined, action, command, {}),
            isExpected: ({ own }) => !own,
        });
    }

    /** @param names - undefined stands for Namecheap's own servers */
    #servedBy(
        domain: string,
        names: readonly string[] | undefined,
        action: string,
        command: string,
        parameters: Readonly<Record<string, string>>,
    ): RegistrarChange<Servers> {
        return {
            action,
            read: () => this.#servers(domain),
            isDone: (live) =>
                names === undefined ? live.own : !live.own && sameSet(live.names, names),
            write: async () => {
                await this.#call(command, domain, parameters, action);
            },
            show: ({ own, names: found }) => (own ? "Namecheap's own DNS" : listed(found)),
            wanted: names === undefined ? "Namecheap's own DNS" : listed(names),
        };
    }

    async #servers(domain: string): Promise<Servers> {
        const action = `read the name servers of ${domain}`;
        const command = "namecheap.domains.dns.getList";
        const content = listSchema.parse(await this.#call(command, domain, {}, action));
        const { "@IsUsingOurDNS": own, Nameserver } = content.DomainDNSGetListResult;
        return { own, names: Nameserver.map(canonicalName) };
    }

    #setHost(domain: string, host: string, address: string, action: string): Promise<void> {
        const Nameserver = bare(host);
        return change(this.#transport, {
            action,
            read: () => this.#host(domain, host),
            isDone: (live) => live === address,
            write: async (live) => {
                const parameters = { Nameserver, IP: address };
                if (live === "")
                    await this.#call("namecheap.domains.ns.create", domain, parameters, action);
                else {
                    const moved = { ...parameters, OldIP: live };
                    await this.#call("namecheap.domains.ns.update", domain, moved, action);
                }
            },
            show: (live) => live || "none",
            wanted: address,
        });
    }

    async #removeHost(domain: string, host: string): Promise<string | undefined> {
        const action = `delete the host ${host}`;
        const parameters = { Nameserver: bare(host) };
        await change(this.#transport, {
            action,
            read: () => this.#host(domain, host),
            isDone: (live) => live === "",
            isExpected: (live) => live !== "",
            write: async () => {
                await this.#call("namecheap.domains.ns.delete", domain, parameters, action);
            },
            show: (live) => live || "none",
            wanted: "none",
        });
        return undefined;
    }

    /** Address of a host; empty where there is none of that name. */
    async #host(domain: string, host: string): Promise<string> {
        const action = `read the host ${host}`;
        const command = "namecheap.domains.ns.getInfo";
        try {
            const answer = await this.#call(command, domain, { Nameserver: bare(host) }, action);
            const { "@IP": attribute, IP } = hostSchema.parse(answer).DomainNSInfoResult;
            const address = attribute ?? IP ?? "";
            return address === "" ? "" : canonicalAddress(address);
        } catch (error) {
            if (error instanceof RegistrarRefused && NO_SUCH_HOST.has(String(error.code)))
                return "";
            throw error;
        }
    }

    async #call(
        command: string,
        domain: string,
        parameters: Readonly<Record<string, string>>,
        action: string,
    ): Promise<unknown> {
        const { url, apiUser, apiKey, userName, clientIp } = this.#access;
        const name = bare(domain);
        const split = name.indexOf(".");
        const body = new URLSearchParams({
            ApiUser: apiUser,
            ApiKey: apiKey,
            UserName: userName,
            ClientIp: clientIp,
            Command: command,
            SLD: name.slice(0, split),
            TLD: name.slice(split + 1),
            ...parameters,
        });
        const answer = await this.#transport.send({
            method: "POST",
            url,
            headers: { "Content-Type": "application/x-www-form-urlencoded" },
            body: body.toString(),
            action,
        });
        if (answer.status === 405)
            throw new RegistrarUnavailable(this.#transport.registrar, action, "too many requests", {
                outcome: "not done",
                pause: answer.retryAfter ?? RATE_PAUSE,
            });
        return this.#content(action, answer.status, answer.text);
    }

    #content(action: string, status: number, text: string): unknown {
        const whole = text.trimEnd().endsWith("</ApiResponse>");
        const read = responseSchema.safeParse(whole ? parser.parse(text) : undefined);
        if (!read.success) throw this.#transport.unreadable(action, status, "XML of the API");
        const { "@Status": outcome, Errors, CommandResponse } = read.data.ApiResponse;
        if (outcome.toUpperCase() === "OK") return CommandResponse;
        const errors = Errors === "" ? [] : Errors.Error;
        const reason = errors.map((error) => error["#text"]).join("; ") || "no reason given";
        throw this.#transport.failure(
            action,
            { status, retryAfter: undefined },
            errors[0]?.["@Number"] ?? status,
            reason,
        );
    }
}

/** Name servers by choice of somebody. */
function chosen({ own, names }: Servers): string[] {
    return own ? [] : [...names];
}

function optional(address: string): string[] | undefined {
    return address === "" ? undefined : [address];
}
