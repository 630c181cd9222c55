import { z } from "zod";
import { defineResource, type CallContext } from "../framework/resource.ts";
import { known } from "../framework/values.ts";
import { waitForChild } from "./delegation/childReadiness.ts";
import { checkDelegation } from "./delegation/check.ts";
import { externalParent } from "./delegation/externalParent.ts";
import { hostedParent } from "./delegation/hostedParent.ts";
import { parseImportId } from "./delegation/importId.ts";
import { nameServerSchema } from "./delegation/nameServerSchema.ts";
import { powerDnsParent } from "./delegation/powerDnsParent.ts";
import { registrarParent } from "./delegation/registrarParent.ts";
import type {
    DelegationInputs,
    DelegationState,
    NameServer,
    ParentSide,
} from "./delegation/types.ts";
import { newClaim, ownerSchema, sameOwner } from "./ownerSchema.ts";
import { lookAhead } from "./previewLook.ts";
import { MAX_TTL } from "./recordSets.ts";
import { BY_HAND } from "./registrars/byHand.ts";
import { registrarOf } from "./registrars/profiles.ts";
import { noteWithdrawn } from "./zone/withdrawals.ts";

const inputs = z.object({
    domain: z.string().describe("The delegated zone."),
    via: z
        .enum([
            "powerdns",
            "dynadot-zone",
            "dynadot-registrar",
            "cloudflare-registrar",
            "namecheap-registrar",
            "godaddy-registrar",
            "ovh-registrar",
            "external",
        ])
        .describe("Who holds the parent side."),
    parent: z.string().optional().describe("Parent zone, where the delegation is written in one."),
    nameServers: z
        .array(nameServerSchema)
        .min(1, "is empty; a delegation needs at least one name server")
        .describe("Name servers of the delegated zone."),
    ds: z.array(z.string()).default([]).describe("DS records to publish."),
    ttl: z.number().int().min(0).max(MAX_TTL).default(3600).describe("Seconds."),
    owner: ownerSchema,
    wait: z
        .boolean()
        .default(true)
        .describe("Waits until the child answers on every name server before anything is written."),
    retain: z.boolean().default(false).describe("Leaves the delegation as it is on destroy."),
    byHand: z
        .array(z.enum(BY_HAND))
        .optional()
        .describe("What a person enters at the registrar, because its API cannot: ds, glue."),
});

const outputs = z.object({
    domain: z.string().describe("The delegated zone, with trailing dot."),
    previousNameServers: z
        .array(z.string())
        .describe("Name servers that the registrar held before; put back on destroy."),
    registeredHosts: z
        .array(z.string())
        .describe("Hosts made known at the registrar; taken away on destroy."),
    claim: z.string().describe("Tells this resource's records from those taken over by another."),
});

const PARENT_SIDES: Readonly<Record<DelegationInputs["via"], ParentSide>> = {
    powerdns: powerDnsParent,
    "dynadot-zone": hostedParent,
    "dynadot-registrar": registrarParent("dynadot"),
    "cloudflare-registrar": registrarParent("cloudflare"),
    "namecheap-registrar": registrarParent("namecheap"),
    "godaddy-registrar": registrarParent("godaddy"),
    "ovh-registrar": registrarParent("ovh"),
    external: externalParent,
};

/** `sovereign:dns:Delegation`: the parent side of a zone cut. */
export const delegation = defineResource({
    token: "sovereign:dns:Delegation",
    description:
        "The parent side of a zone cut. Import by powerdns/<parent>/<domain>, dynadot-zone/<parent>/<domain> or <registrar>-registrar/<domain>, for example ovh-registrar/<domain>.",
    inputs,
    outputs,
    replaceOn: ["domain", "via", "parent"],
    equal: { nameServers: sameServers, ds: sameSet, owner: sameOwner, wait: () => true },

    check: checkDelegation,

    async previewCreate(after, context) {
        await foresee(known<DelegationInputs>(after), undefined, context);
        return { domain: after.domain };
    },

    async create(given, context) {
        const parentSide = PARENT_SIDES[given.via];
        if (given.wait && given.via !== "external") await waitForChild(given, context);
        const made = await parentSide.apply(given, undefined, newClaim(), context);
        return { id: given.domain, outputs: made };
    },

    async read(id, before, context) {
        const at = before === undefined ? parseImportId(id) : { ...before.inputs };
        const state = before === undefined ? undefined : stateOf(before.state);
        const live = await PARENT_SIDES[at.via].read(at, state, context);
        if (live === undefined) return undefined;
        const { domain, via, parent } = at;
        const byHand = before?.inputs.byHand;
        return {
            id: domain,
            inputs: {
                domain,
                via,
                ...(parent === undefined ? {} : { parent }),
                nameServers: live.nameServers,
                ds: live.ds,
                ttl: live.ttl ?? before?.inputs.ttl ?? 3600,
                owner: live.owner ?? before?.inputs.owner ?? "",
                wait: before?.inputs.wait ?? true,
                retain: before?.inputs.retain ?? false,
                ...(byHand === undefined ? {} : { byHand }),
            },
            outputs: {
                domain,
                // What is imported was there before: a destroy leaves it so.
                previousNameServers:
                    state?.previousNameServers ??
                    (registrarOf(via) !== undefined
                        ? live.nameServers.map(({ name }) => name)
                        : []),
                registeredHosts: state?.registeredHosts ?? [],
                claim: state?.claim ?? live.claim ?? "",
            },
        };
    },

    async previewUpdate(_id, before, after, context) {
        await foresee(known<DelegationInputs>(after), stateOf(before.state), context);
        return { domain: after.domain };
    },

    async update(_id, before, given, context) {
        const parentSide = PARENT_SIDES[given.via];
        if (given.wait && given.via !== "external") await waitForChild(given, context);
        const state = stateOf(before.state);
        return parentSide.apply(given, state, state.claim || newClaim(), context);
    },

    async delete(_id, state, context) {
        if (state.retain) {
            context.log.info(`the delegation of ${state.domain} is left as it is (retain)`);
            return;
        }
        await PARENT_SIDES[state.via].withdraw(stateOf(state), context);
        if (state.via !== "external") noteWithdrawn(context.config, state.domain);
    },
});

async function foresee(
    wanted: DelegationInputs | undefined,
    before: DelegationState | undefined,
    context: CallContext,
): Promise<void> {
    if (wanted === undefined) return;
    await lookAhead(context, () => PARENT_SIDES[wanted.via].foresee(wanted, before, context));
}

/** A state that a crash or an older version left incomplete is filled up. */
function stateOf(
    state: Partial<DelegationState> & Pick<DelegationState, "domain" | "via">,
): DelegationState {
    return {
        nameServers: [],
        ds: [],
        ttl: 3600,
        owner: "",
        wait: true,
        retain: false,
        previousNameServers: [],
        registeredHosts: [],
        claim: "",
        ...state,
    };
}

function sameServers(a: readonly NameServer[], b: readonly NameServer[]): boolean {
    const keys = (servers: readonly NameServer[]) =>
        servers.map(({ name, addresses }) => [name, ...[...addresses].sort()].join(" "));
    return sameSet(keys(a), keys(b));
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
    const [left, right] = [[...a].sort(), [...b].sort()];
    return left.length === right.length && left.every((entry, i) => entry === right[i]);
}
