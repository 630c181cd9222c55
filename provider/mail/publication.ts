import type { Answer } from "dns-packet";
import { describe } from "../framework/failures.ts";
import type { CallContext } from "../framework/resource.ts";
import { queryServer, type DnsServer } from "../dns/lookup/query.ts";
import { Resolver } from "../dns/lookup/resolver.ts";

/** An authoritative name server of the zone, with its addresses where its name cannot be resolved yet. */
export interface AuthoritativeServer {
    readonly name: string;
    readonly addresses: readonly string[];
}

/** A selector's record as every server ought to answer it. */
export interface ExpectedRecord {
    readonly selector: string;
    readonly value: string;
}

/** What a look at every address of every name server found. */
export interface Publication {
    /** Selectors that every server answers with the value expected. */
    readonly everywhere: ReadonlySet<string>;
    /** Answers that are not as expected, in words. */
    readonly wrong: readonly string[];
    /** Servers that gave no answer, in words. */
    readonly silent: readonly string[];
}

/** Asks every address of every authoritative name server for the selectors' records, past all caches. */
export async function lookUp(
    zone: string,
    expected: readonly ExpectedRecord[],
    nameServers: readonly AuthoritativeServer[],
    context: CallContext,
): Promise<Publication> {
    const resolver = new Resolver(context.config);
    const servers = await Promise.all(
        nameServers.map((server) => addressesOf(server, resolver, context.waiting)),
    );
    const silent = servers.flatMap(({ silent }) => silent);
    const wrong: string[] = [];
    const missing = new Set<string>(silent.length > 0 ? expected.map((e) => e.selector) : []);
    await Promise.all(
        servers
            .flatMap(({ name, addresses }) => addresses.map((address) => ({ name, address })))
            .flatMap(({ name, address }) =>
                expected.map(async ({ selector, value }) => {
                    const at = resolver.authoritative(address);
                    const where = `${name} (${at.address}:${at.port})`;
                    try {
                        const found = await valueAt(at, selector, zone, context.waiting);
                        if (found === value) return;
                        wrong.push(`${where} answers ${found} for ${selector}._domainkey.${zone}`);
                    } catch (error) {
                        context.waiting.throwIfAborted();
                        silent.push(`${where} does not answer (${describe(error)})`);
                    }
                    missing.add(selector);
                }),
            ),
    );
    const everywhere = expected.map((e) => e.selector).filter((s) => !missing.has(s));
    return { everywhere: new Set(everywhere), wrong: wrong.sort(), silent: silent.sort() };
}

async function addressesOf(
    server: AuthoritativeServer,
    resolver: Resolver,
    signal: AbortSignal,
): Promise<AuthoritativeServer & { readonly silent: string[] }> {
    const { name } = server;
    if (server.addresses.length > 0) return { ...server, silent: [] };
    try {
        const addresses = await resolver.addresses(name, signal);
        return { name, addresses, silent: addresses.length > 0 ? [] : [`${name} has no address`] };
    } catch (error) {
        signal.throwIfAborted();
        const silent = [`${name} cannot be resolved (${describe(error)})`];
        return { name, addresses: [], silent };
    }
}

/** The one TXT value that a server gives with authority, or in words what it gives instead. */
async function valueAt(
    server: DnsServer,
    selector: string,
    zone: string,
    signal: AbortSignal,
): Promise<string> {
    const name = `${selector}._domainkey.${zone}`;
    const reply = await queryServer(server, name, "TXT", { recursive: false, signal });
    if (!reply.authoritative) return "without authority";
    if (reply.code !== "NOERROR") return reply.code;
    const values = reply.answers.flatMap(textOf);
    if (values.length === 0) return "no TXT record";
    if (values.length > 1) return `${values.length} TXT records`;
    return values[0] ?? "";
}

/** Character-strings of a TXT record joined without anything between them (RFC 6376 3.6.2.2). */
function textOf(answer: Answer): string[] {
    if (answer.type !== "TXT") return [];
    const { data } = answer;
    return [Array.isArray(data) ? data.map(String).join("") : String(data)];
}
