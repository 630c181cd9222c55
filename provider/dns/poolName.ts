import { z } from "zod";
import { defineResource, type CallContext } from "../framework/resource.ts";
import { known, type PreviewProps } from "../framework/values.ts";
import { checkDelegation } from "./delegation/check.ts";
import { hostedParent } from "./delegation/hostedParent.ts";
import { nameServerSchema } from "./delegation/nameServerSchema.ts";
import { powerDnsParent } from "./delegation/powerDnsParent.ts";
import type { DelegationInputs, ParentSide } from "./delegation/types.ts";
import { ownerSchema, sameOwner } from "./ownerSchema.ts";
import { lookAhead } from "./previewLook.ts";

const inputs = z.object({
    domain: z.string().describe("The name in the pool."),
    via: z.enum(["powerdns", "dynadot-zone"]).describe("Who holds the pool's zone."),
    parent: z.string().describe("The pool's domain."),
    nameServers: z
        .array(nameServerSchema)
        .min(1, "is empty; a delegation needs at least one name server")
        .describe("Name servers that the name will be delegated to."),
    owner: ownerSchema,
});

type Inputs = z.output<typeof inputs>;

const PARENT_SIDES: Readonly<Record<Inputs["via"], ParentSide>> = {
    powerdns: powerDnsParent,
    "dynadot-zone": hostedParent,
};

/**
 * `sovereign:dns:PoolName`: a name in a pool domain that is free, or this program's already. It is looked at before anything
 * is written for it: a zone whose delegation is refused in the end would be left over.
 */
export const poolName = defineResource({
    token: "sovereign:dns:PoolName",
    description:
        "A name in a pool domain, made sure to be free before anything is written for it. Writes nothing itself; the delegation takes the name.",
    inputs,
    outputs: z.object({ domain: z.string().describe("The name, with trailing dot.") }),
    replaceOn: ["domain", "via", "parent"],
    equal: { nameServers: () => true, owner: sameOwner },

    check(given) {
        const { inputs: checked, failures } = checkDelegation(asDelegation(given));
        const { domain, via, parent, nameServers, owner } = checked as PreviewProps<Inputs>;
        return { inputs: { domain, via, parent, nameServers, owner }, failures: failures ?? [] };
    },

    async previewCreate(after, context) {
        const wanted = known<Inputs>(after);
        if (wanted !== undefined) await lookAhead(context, () => assertFree(wanted, context));
        return { domain: after.domain };
    },

    async create(given, context) {
        await assertFree(given, context);
        return { id: given.domain, outputs: { domain: given.domain } };
    },

    read(id, before) {
        if (before === undefined)
            throw new Error(
                `nothing stands for the name ${id} itself, so there is nothing to import; declare it`,
            );
        return Promise.resolve({ id, inputs: before.inputs, outputs: { domain: id } });
    },

    update: (_id, before) => Promise.resolve({ domain: before.state.domain }),

    delete: () => Promise.resolve(),
});

async function assertFree(given: Inputs, context: CallContext): Promise<void> {
    const wanted = asDelegation(given) as DelegationInputs;
    await PARENT_SIDES[given.via].assertFree?.(wanted, context);
}

/** As the delegation that will take the name. */
function asDelegation(given: PreviewProps<Inputs>): PreviewProps<DelegationInputs> {
    return { ...given, ds: [], ttl: 3600, wait: false, retain: false };
}
