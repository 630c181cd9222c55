import ipaddr from "ipaddr.js";
import { z } from "zod";
import { defineResource, PartialFailure, type CheckFailure } from "../framework/resource.ts";
import { describe } from "../framework/failures.ts";
import { isUnknown, known } from "../framework/values.ts";
import { powerDns } from "./connections.ts";
import { canonicalName, InvalidDnsData } from "./names.ts";
import { ownerSchema, sameOwner } from "./ownerSchema.ts";
import { lookAhead } from "./previewLook.ts";
import {
    PolicyAtPowerDns,
    refuseWithoutUpdates,
    sameMembers,
    warnOfOpenRanges,
} from "./updatePolicyAtPowerDns.ts";

const inputs = z.object({
    zone: z.string().describe("Zone that may be changed; a zone of ours."),
    tsigKeys: z
        .array(z.string())
        .min(1, "is empty; without a key anybody at the sources could change the zone")
        .describe("Names of the TSIG keys, one of which an update must be signed with."),
    sources: z
        .array(z.string().refine((text) => ipaddr.isValidCIDR(text), "is no address range"))
        .min(1, "is empty; no update could come from anywhere")
        .default(["0.0.0.0/0", "::/0"])
        .describe("Address ranges that updates may come from; everywhere by default."),
    owner: ownerSchema,
});

type Inputs = z.output<typeof inputs>;

/**
 * `sovereign:dns:UpdatePolicy`: who may change a zone by dynamic update (RFC 2136, 3.3). PowerDNS knows the right per zone, not per
 * name or type: give it for a zone that holds nothing else.
 */
export const updatePolicy = defineResource({
    token: "sovereign:dns:UpdatePolicy",
    description:
        "Who may change a zone by dynamic update (RFC 2136): the TSIG keys that PowerDNS takes for it, and from where. Import by the zone's name.",
    inputs,
    outputs: z.object({ zone: z.string().describe("The zone's name with trailing dot.") }),
    replaceOn: ["zone"],
    equal: { tsigKeys: sameMembers, sources: sameMembers, owner: sameOwner },

    check(given) {
        const failures: CheckFailure[] = [];
        const canonical = <T>(property: string, name: T): T | string => {
            if (isUnknown(name) || typeof name !== "string") return name;
            try {
                return canonicalName(name);
            } catch (error) {
                if (!(error instanceof InvalidDnsData)) throw error;
                failures.push({ property, reason: error.message });
                return name;
            }
        };
        const { tsigKeys } = given;
        return {
            inputs: {
                ...given,
                zone: canonical("zone", given.zone),
                tsigKeys: isUnknown(tsigKeys)
                    ? tsigKeys
                    : tsigKeys.map((name, i) => canonical(`tsigKeys[${i}]`, name)),
            },
            failures,
        };
    },

    async previewCreate(after, context) {
        await lookAhead(context, () => refuseWithoutUpdates(context));
        const given = known<Inputs>(after);
        if (given !== undefined)
            await lookAhead(context, async () => {
                const at = new PolicyAtPowerDns(given.zone, context);
                if (await at.zoneExists()) at.refuseOther(await at.read(), given);
            });
        return { zone: after.zone };
    },

    async create(given, context) {
        await refuseWithoutUpdates(context);
        await warnOfOpenRanges(context);
        powerDns(context.config).declare(`update policy ${given.zone}`, context.urn);
        const at = new PolicyAtPowerDns(given.zone, context);
        await at.refuseForeignZone(given.owner);
        at.refuseOther(await at.read(), given);
        await write(at, given);
        return { id: given.zone, outputs: { zone: given.zone } };
    },

    async read(id, before, context) {
        const zone = canonicalName(id);
        const at = new PolicyAtPowerDns(zone, context);
        const live = await at.read();
        if (live === undefined) return undefined;
        const owner = (await at.owner()) ?? "";
        return {
            id: zone,
            inputs: {
                zone,
                ...inOrder(live, before?.inputs),
                owner: before?.inputs.owner ?? owner,
            },
            outputs: { zone },
        };
    },

    previewUpdate: (_id, _before, after) => Promise.resolve({ zone: after.zone }),

    async update(_id, before, given, context) {
        await refuseWithoutUpdates(context);
        const at = new PolicyAtPowerDns(given.zone, context);
        await at.refuseForeignZone(given.owner);
        const live = await at.read();
        if (live !== undefined && !at.isEqual(live, before.state)) at.refuseOther(live, given);
        await write(at, given);
        return { zone: given.zone };
    },

    async delete(id, state, context) {
        powerDns(context.config).release(`update policy ${id}`, context.urn);
        const at = new PolicyAtPowerDns(id, context);
        const live = await at.read();
        if (live === undefined) return;
        if (!at.isEqual(live, state)) {
            context.log.warning(
                `somebody else has changed who may update the zone ${id}, so that is left as it is`,
            );
            return;
        }
        await at.write({ tsigKeys: [], sources: [] });
    },
});

async function write(at: PolicyAtPowerDns, given: Inputs): Promise<void> {
    try {
        await at.write(given);
    } catch (error) {
        throw new PartialFailure(
            given.zone,
            { zone: given.zone },
            `who may update the zone ${given.zone} was not written whole: ${describe(error)}`,
        );
    }
}

/** The program's own order where the members are the same. */
function inOrder(
    live: Pick<Inputs, "tsigKeys" | "sources">,
    before: Inputs | undefined,
): Pick<Inputs, "tsigKeys" | "sources"> {
    const { tsigKeys = [], sources = [] } = before ?? {};
    return {
        tsigKeys: sameMembers(tsigKeys, live.tsigKeys) ? tsigKeys : live.tsigKeys,
        sources: sameMembers(sources, live.sources) ? sources : live.sources,
    };
}
