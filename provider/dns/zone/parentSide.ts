import { describe } from "../../framework/failures.ts";
import type { CallContext } from "../../framework/resource.ts";
import { powerDns } from "../connections.ts";
import { waitUntilNothing } from "../delegation/childReadiness.ts";
import { canonicalContent } from "../contents.ts";
import { dsOf } from "../lookup/delegationSigners.ts";
import { Resolver } from "../lookup/resolver.ts";
import { canonicalName, parentName } from "../names.ts";
import { Refusal } from "../recordSetDecisions.ts";
import { isWithdrawn } from "./withdrawals.ts";

/** What the parent of a zone says of it. */
export interface ParentSide {
    /** Name servers that it delegates the zone to. */
    readonly nameServers: readonly string[];
    /** DS records, canonical. */
    readonly ds: readonly string[];
    /** TTL of the DS records in seconds; 0 where there are none. */
    readonly dsTtl: number;
}

/**
 * Reads the parent side of a zone: in the parent zone itself where this PowerDNS holds it, else at the parent's own name
 * servers. Throws where those cannot be asked.
 */
export async function parentSideOf(zone: string, context: CallContext): Promise<ParentSide> {
    const { client } = powerDns(context.config);
    for (let parent = parentName(zone); parent !== "."; parent = parentName(parent)) {
        const sets = await client.recordSetsAt(parent, zone, context.signal);
        if (sets === undefined) continue;
        const contents = (type: string) =>
            sets.filter((set) => set.type === type).flatMap(({ records }) => records);
        return {
            nameServers: contents("NS").map(({ content }) => canonicalName(content)),
            ds: contents("DS").map(({ content }) => canonicalContent("DS", content)),
            dsTtl: sets.find((set) => set.type === "DS")?.ttl ?? 0,
        };
    }
    const resolver = new Resolver(context.config);
    const signers = await resolver.atParent(zone, "DS", context.signal);
    return {
        nameServers: await resolver.referral(zone, context.signal),
        ds: dsOf(signers),
        dsTtl: Math.max(0, ...signers.map((answer) => ("ttl" in answer ? (answer.ttl ?? 0) : 0))),
    };
}

/** What would break if the zone were gone: its parent delegates to a server of it, or vouches for its keys. In words. */
export function heldAtParent(
    zone: string,
    nameServers: readonly string[],
    parent: ParentSide,
): string[] {
    const elsewhere =
        parent.nameServers.length > 0 &&
        !parent.nameServers.some((server) => nameServers.includes(server));
    if (elsewhere) return [];
    return [
        ...(parent.nameServers.length > 0
            ? [`the parent of ${zone} delegates it to ${parent.nameServers.join(", ")}`]
            : []),
        ...(parent.ds.length > 0
            ? [`the parent of ${zone} publishes ${parent.ds.map((ds) => `DS ${ds}`).join(" and ")}`]
            : []),
    ];
}

/**
 * Refuses to destroy a zone that is still in use: its names would stop to resolve at once, and anybody who gets a zone of that
 * name at these servers would answer for them. Where this very run has withdrawn the delegation, waits until the parent's servers
 * follow. Refuses, too, where the parent cannot be asked.
 */
export async function refuseWhileDelegated(
    zone: string,
    nameServers: readonly string[],
    context: CallContext,
): Promise<void> {
    const look = async () => heldAtParent(zone, nameServers, await parentSideOf(zone, context));
    const wayOut =
        "Nothing was changed. Withdraw it there first, or set `forceDestroy: true` on the zone, run `pulumi up`, then destroy it.";
    let held: string[];
    try {
        held = await look();
    } catch (error) {
        context.signal.throwIfAborted();
        throw new Refusal(
            `cannot tell whether ${zone} is still delegated: ${describe(error)}. ${wayOut}`,
        );
    }
    if (held.length === 0) return;
    if (!isWithdrawn(context.config, zone)) throw new Refusal(`${held.join(", and ")}. ${wayOut}`);
    await waitUntilNothing(`the parent of ${zone} to let go of it`, look, context);
}
