import type { PendingOperation, StackState, StateResource } from "../provision/stackState.ts";
import type { Finding } from "./findings.ts";
import { COLLECTIONS } from "./hetznerInventory.ts";
import type { HetznerThing } from "./hetznerInventory.ts";
import { RELEASE, objectIdentity, partId, releaseIdentity } from "./identity.ts";
import { missingAncestors } from "./mendState.ts";
import type { ReleaseRecord } from "./releaseRecords.ts";

/** What was found outside the state. */
export interface World {
    /** What is the Sovereign's at Hetzner. */
    readonly things: readonly HetznerThing[];
    /** Helm's records in the cluster; undefined where there is no cluster, or it does not answer. */
    readonly records: readonly ReleaseRecord[] | undefined;
    /** URNs of objects of Kubernetes that were being made, and are there. */
    readonly objects: ReadonlySet<string>;
    /** What the program would create now, components as well. */
    readonly planned: readonly StateResource[];
}

const THING_TYPES: ReadonlySet<string> = new Set(Object.values(COLLECTIONS));

/** Providers whose resources are nowhere but in the state, or look before they write and know their own again. */
const REPEATABLE = /^(sovereign|random|tls|pulumi):/;

/** Statuses of a record that block the next install or upgrade while nobody works on them. */
const STUCK = "pending-";

function nameOf({ inputs }: StateResource): unknown {
    return inputs?.name;
}

/**
 * Says what a crash left behind, and what is to be done about it. Pure.
 *
 * @param deleteOrphans - delete what nothing in the state stands for, instead of taking it in
 */
export function decide(state: StackState, world: World, deleteOrphans: boolean): Finding[] {
    const pending = state.pending.flatMap((operation) =>
        ofPending(operation, world, deleteOrphans),
    );
    return [
        ...stuckReleases(state, world),
        ...pending,
        ...orphans(state, world, pending, deleteOrphans),
    ];
}

function ofPending(operation: PendingOperation, world: World, deleteOrphans: boolean): Finding[] {
    const { type: doing, resource } = operation;
    if (doing !== "creating")
        return [
            repeat(resource, `was interrupted while ${doing}; it is read anew, and done again`),
        ];
    return [ofCreation(resource, world, deleteOrphans)];
}

function repeat({ urn }: StateResource, why: string): Finding {
    return { kind: "repeat", urn, why };
}

function ofCreation(resource: StateResource, world: World, deleteOrphans: boolean): Finding {
    const { urn, type, inputs = {} } = resource;
    if (REPEATABLE.test(type)) return repeat(resource, "may be made twice");
    if (THING_TYPES.has(type)) return ofThing(resource, world, deleteOrphans);
    const part = partId(type, inputs);
    if (part !== undefined)
        return {
            kind: "import",
            urn,
            id: part,
            why: "may have been made; what is not there is dropped again",
        };
    if (type === RELEASE) return ofRelease(resource, world);
    if (objectIdentity(type, inputs) !== undefined) return ofObject(resource, world);
    return { kind: "undecided", urn, why: `whether it was made has to be looked up (${type})` };
}

function ofThing(resource: StateResource, { things }: World, deleteOrphans: boolean): Finding {
    const thing = things.find((t) => t.type === resource.type && t.name === nameOf(resource));
    if (thing === undefined) return repeat(resource, "was not made");
    const why = "was made, and the state does not know it";
    return deleteOrphans
        ? { kind: "delete", thing, why }
        : { kind: "import", urn: resource.urn, id: thing.id, why };
}

function ofRelease(resource: StateResource, { records }: World): Finding {
    const { urn, type, inputs = {} } = resource;
    const found = releaseIdentity(type, inputs);
    if (records === undefined || found === undefined)
        return { kind: "undecided", urn, why: "its cluster cannot be asked" };
    const last = records.filter((r) => isOf(r, found)).at(-1);
    if (last?.status !== "deployed")
        return repeat(resource, last ? `its record says ${last.status}` : "was not begun");
    const id = `${found.namespace}/${found.name}`;
    return { kind: "import", urn, id, why: "was deployed, and the state does not know it" };
}

function ofObject(resource: StateResource, { objects, records }: World): Finding {
    const { urn, type, inputs = {} } = resource;
    const identity = objectIdentity(type, inputs);
    if (records === undefined)
        return { kind: "undecided", urn, why: "its cluster cannot be asked" };
    if (identity === undefined || !objects.has(urn)) return repeat(resource, "was not made");
    const { namespace, name } = identity;
    const id = namespace === undefined ? name : `${namespace}/${name}`;
    return { kind: "import", urn, id, why: "was made, and the state does not know it" };
}

function isOf(record: ReleaseRecord, release: { namespace: string; name: string }): boolean {
    return record.namespace === release.namespace && record.release === release.name;
}

/** Records of our releases whose last revision is one that nobody carries on with. */
function stuckReleases({ resources, pending }: StackState, { records = [] }: World): Finding[] {
    const releases = [...resources, ...pending.map(({ resource }) => resource)].flatMap(
        ({ type, inputs = {} }) => releaseIdentity(type, inputs) ?? [],
    );
    const unique = new Map(releases.map((r) => [`${r.namespace}/${r.name}`, r]));
    return [...unique.values()].flatMap((release): Finding[] => {
        const record = records.filter((r) => isOf(r, release)).at(-1);
        if (record?.status.startsWith(STUCK) !== true) return [];
        return [
            {
                kind: "stuck-release",
                record,
                why: "whoever worked on it is gone, and Helm would refuse the next",
            },
        ];
    });
}

/** What is the Sovereign's at Hetzner, and neither in the state nor on its way there. */
function orphans(
    { resources }: StackState,
    { things, planned }: World,
    pending: readonly Finding[],
    deleteOrphans: boolean,
): Finding[] {
    const known = new Set(resources.map(({ type, id }) => `${type} ${id}`));
    const handled = new Set(
        pending.flatMap((f) =>
            f.kind === "import" ? [f.id] : f.kind === "delete" ? [f.thing.id] : [],
        ),
    );
    const urns = new Set(resources.map(({ urn }) => urn));
    const providers = new Set(resources.map(({ urn, id }) => `${urn}::${id}`));
    const unknown = things.filter(
        ({ type, id }) => !known.has(`${type} ${id}`) && !handled.has(id),
    );
    return unknown.map((thing): Finding => {
        const why = "carries the Sovereign's label or name, and the state does not know it";
        if (deleteOrphans) return { kind: "delete", thing, why };
        const place = planned.find(
            (p) =>
                p.type === thing.type &&
                nameOf(p) === thing.name &&
                missingAncestors(p, urns, planned) !== undefined &&
                providers.has(p.provider ?? ""),
        );
        return place === undefined
            ? { kind: "orphan", thing, why: `${why}; --delete-orphans deletes it` }
            : { kind: "import", urn: place.urn, id: thing.id, why };
    });
}
