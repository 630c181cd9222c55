import { setTimeout as delay } from "node:timers/promises";
import { describe } from "../../framework/failures.ts";
import type { CallContext } from "../../framework/resource.ts";
import { dsMatches, keysOf } from "../lookup/delegationSigners.ts";
import { queryServer, type DnsServer } from "../lookup/query.ts";
import { Resolver } from "../lookup/resolver.ts";
import type { DelegationInputs, NameServer } from "./types.ts";

/** Seconds to wait, and milliseconds between two looks. */
const DEFAULT_TIMEOUT = 900;
const INTERVAL = 2000;

/**
 * Waits until the child zone is answered with authority by every address of every name server, and serves the keys that the
 * DS records speak of. A delegation before that would make the zone unreachable, or fail to validate.
 */
export async function waitForChild(wanted: DelegationInputs, context: CallContext): Promise<void> {
    await waitUntilNothing(
        `the child zone ${wanted.domain} to answer`,
        () => whatIsMissing(wanted, context),
        context,
    );
}

/** Waits until `look` finds nothing missing any more. Throws with what is missing when time is up. */
export async function waitUntilNothing(
    what: string,
    look: () => Promise<readonly string[]>,
    context: CallContext,
): Promise<void> {
    const seconds = context.timeoutSeconds ?? DEFAULT_TIMEOUT;
    const deadline = Date.now() + seconds * 1000;
    for (let last = ""; ;) {
        const missing = await look();
        if (missing.length === 0) return;
        const said = missing.join("; ");
        if (Date.now() >= deadline)
            throw new Error(`waited ${seconds} seconds for ${what}, but ${said}`);
        if (said !== last) context.log.status(`waiting for ${what}: ${said}`);
        last = said;
        await delay(INTERVAL, undefined, { signal: context.waiting });
    }
}

/** What is not yet as the delegation needs it, in words. */
export async function whatIsMissing(
    wanted: DelegationInputs,
    context: CallContext,
): Promise<string[]> {
    const resolver = new Resolver(context.config);
    const found = await Promise.all(
        wanted.nameServers.map((server) => missingAt(server, wanted, resolver, context.waiting)),
    );
    return found.flat();
}

async function missingAt(
    server: NameServer,
    wanted: DelegationInputs,
    resolver: Resolver,
    signal: AbortSignal,
): Promise<string[]> {
    let addresses: readonly string[] = server.addresses;
    try {
        if (addresses.length === 0) addresses = await resolver.addresses(server.name, signal);
    } catch (error) {
        signal.throwIfAborted();
        return [`${server.name} cannot be resolved (${describe(error)})`];
    }
    if (addresses.length === 0) return [`${server.name} has no address`];
    const found = await Promise.all(
        addresses.map((address) =>
            missingAtAddress(resolver.authoritative(address), wanted, signal),
        ),
    );
    return found.flatMap((reason) => (reason === undefined ? [] : [`${server.name} ${reason}`]));
}

async function missingAtAddress(
    server: DnsServer,
    { domain, ds }: DelegationInputs,
    signal: AbortSignal,
): Promise<string | undefined> {
    const at = `(${server.address}:${server.port})`;
    const options = { recursive: false, signal };
    try {
        const soa = await queryServer(server, domain, "SOA", options);
        if (soa.code !== "NOERROR") return `${at} answers ${soa.code}`;
        if (!soa.authoritative || !soa.answers.some(({ type }) => type === "SOA"))
            return `${at} does not answer for ${domain} with authority`;
        if (ds.length === 0) return undefined;
        const keys = keysOf((await queryServer(server, domain, "DNSKEY", options)).answers);
        const unmatched = ds.filter((record) => !dsMatches(record, domain, keys));
        return unmatched.length === 0
            ? undefined
            : `${at} does not serve the key of DS ${unmatched.join(" and ")}`;
    } catch (error) {
        signal.throwIfAborted();
        return `${at} does not answer (${describe(error)})`;
    }
}
