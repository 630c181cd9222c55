import { canonicalName } from "../names.ts";
import { dsOf } from "../lookup/delegationSigners.ts";
import { Resolver } from "../lookup/resolver.ts";
import { describe } from "../../framework/failures.ts";
import type { CallContext } from "../../framework/resource.ts";
import { waitUntilNothing } from "./childReadiness.ts";
import type { DelegationInputs, ParentSide } from "./types.ts";

/** Somebody else writes the parent side: nothing is written, and with `wait` the resource waits until it is there. */
export const externalParent: ParentSide = {
    foresee: () => Promise.resolve(),

    async apply(wanted, _before, claim, context) {
        if (wanted.wait)
            await waitUntilNothing(
                `the parent of ${wanted.domain} to delegate it`,
                () => missingAtParent(wanted, context),
                context,
            );
        return { domain: wanted.domain, previousNameServers: [], registeredHosts: [], claim };
    },

    read: (at, before) => {
        if (before === undefined)
            throw new Error(
                `the delegation of ${at.domain} is somebody else's, so there is nothing to import; declare it`,
            );
        const { nameServers, ds, ttl, owner, claim } = before;
        return Promise.resolve({ nameServers, ds, ttl, owner, claim });
    },

    withdraw: () => Promise.resolve(),
};

async function missingAtParent(
    { domain, nameServers, ds }: DelegationInputs,
    context: CallContext,
): Promise<string[]> {
    const resolver = new Resolver(context.config);
    try {
        const servers = (await resolver.atParent(domain, "NS", context.waiting)).flatMap(
            (record) =>
                record.type === "NS" && typeof record.data === "string"
                    ? [canonicalName(record.data)]
                    : [],
        );
        const wanted = nameServers.map(({ name }) => name);
        const missing = wanted.filter((name) => !servers.includes(name));
        const foreign = servers.filter((name) => !wanted.includes(name));
        const published =
            ds.length === 0 ? [] : dsOf(await resolver.atParent(domain, "DS", context.waiting));
        const unsigned = ds.filter((record) => !published.includes(record));
        return [
            ...missing.map((name) => `it lacks NS ${name}`),
            ...foreign.map((name) => `it has NS ${name}, which is not of this zone`),
            ...unsigned.map((record) => `it lacks DS ${record}`),
        ];
    } catch (error) {
        context.waiting.throwIfAborted();
        return [describe(error)];
    }
}
