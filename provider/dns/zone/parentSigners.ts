import { describe } from "../../framework/failures.ts";
import type { CallContext } from "../../framework/resource.ts";
import { dsOf } from "../lookup/delegationSigners.ts";
import { Resolver } from "../lookup/resolver.ts";
import { Refusal } from "../recordSetDecisions.ts";

/** DS records that the parent publishes for the zone, asked at the parent's own servers. */
export async function publishedSigners(zone: string, context: CallContext): Promise<string[]> {
    const resolver = new Resolver(context.config);
    return dsOf(await resolver.atParent(zone, "DS", context.signal));
}

/**
 * Refuses to take the signatures off a zone while its parent says that it is signed: every validating resolver would then
 * answer SERVFAIL for the whole zone. Refuses, too, where the parent cannot be asked.
 */
export async function refuseWhileSigned(zone: string, context: CallContext): Promise<void> {
    let published: string[];
    try {
        published = await publishedSigners(zone, context);
    } catch (error) {
        throw new Refusal(
            `cannot tell whether the parent of ${zone} publishes a DS record, so that its signatures stay: ${describe(error)}`,
        );
    }
    if (published.length > 0)
        throw new Refusal(
            `the parent of ${zone} publishes ${published.map((ds) => `DS ${ds}`).join(" and ")}: without signatures the zone would fail ` +
                "to validate everywhere. Take the DS out of the delegation first, and wait for as long as its TTL.",
        );
}
