import type { BootstrapAudit } from "./kitGraph.ts";
import type { Prerequisite, PrerequisiteGraph } from "./prerequisites.ts";
import { ringsOf } from "./rings.ts";

/** A resource as a stack's state has it. */
export interface AuditedResource {
    readonly urn: string;
    readonly type: string;
    readonly dependencies?: readonly string[] | undefined;
    /** `<urn>::<id>` of its provider. */
    readonly provider?: string | undefined;
    readonly inputs?: Readonly<Record<string, unknown>> | undefined;
}

/** What each prerequisite waits for, as the engine has it. */
type Observed = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Compares a stack with the graph of its prerequisites: what is missing or in no prerequisite, what does not wait for what it should or
 * waits for what it should not, and objects with more than one owner. An edge that follows from others counts as one. Pure.
 */
export function auditStack(
    resources: readonly AuditedResource[],
    graph: PrerequisiteGraph,
): BootstrapAudit {
    const observed = observe(resources, graph);
    const expected = new Map(
        Object.entries(graph).map(([name, { dependsOn }]) => [name, new Set(dependsOn)]),
    );
    return {
        drift: [
            ...unknownDependencies(graph),
            ...strangers(resources, graph),
            ...Object.entries(graph)
                .filter(([name, node]) => hasResources(node) && !observed.has(name))
                .map(([name]) => `${name} is expected, and the stack has nothing of it`),
            ...edgeDrift(observed, expected),
            ...doubleOwners(resources),
        ],
        cycles: ringsOf(graph),
    };
}

/** Names of the prerequisites that a resource is of. */
function prerequisitesOf(urn: string, graph: PrerequisiteGraph): string[] {
    return Object.entries(graph)
        .filter(([name, node]) => node.resources?.test(urn) === true || isGate(urn, name))
        .map(([name]) => name);
}

function hasResources({ resources, requires }: Prerequisite): boolean {
    return resources !== undefined || requires !== undefined;
}

function isGate(urn: string, name: string): boolean {
    return urn.includes("sovereign:cluster:PrerequisiteReady::") && urn.endsWith(`-ready-${name}`);
}

function observe(resources: readonly AuditedResource[], graph: PrerequisiteGraph): Observed {
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    const waits = new Map<string, Set<string>>();
    for (const resource of resources) {
        const names = prerequisitesOf(resource.urn, graph);
        for (const name of names) {
            const found = waits.get(name) ?? new Set();
            for (const other of reached(resource, byUrn, graph))
                if (!names.includes(other)) found.add(other);
            waits.set(name, found);
        }
    }
    return waits;
}

/** Prerequisites that a resource waits for, itself or through resources that are of none. */
function reached(
    start: AuditedResource,
    byUrn: ReadonlyMap<string, AuditedResource>,
    graph: PrerequisiteGraph,
): Set<string> {
    const found = new Set<string>();
    const seen = new Set<string>([start.urn]);
    const open = [start];
    for (let resource = open.pop(); resource !== undefined; resource = open.pop()) {
        for (const urn of directDependencies(resource)) {
            if (seen.has(urn)) continue;
            seen.add(urn);
            const names = prerequisitesOf(urn, graph);
            for (const name of names) found.add(name);
            const next = byUrn.get(urn);
            if (next && names.length === 0) open.push(next);
        }
    }
    return found;
}

function directDependencies({ dependencies = [], provider }: AuditedResource): string[] {
    const providerUrn = provider?.replace(/::[^:]*$/, "");
    return [...dependencies, ...(providerUrn === undefined ? [] : [providerUrn])];
}

function unknownDependencies(graph: PrerequisiteGraph): string[] {
    return Object.entries(graph).flatMap(([name, { dependsOn }]) =>
        dependsOn
            .filter((dependency) => !(dependency in graph))
            .map((dependency) => `${name} depends on ${dependency}, which is not in the graph`),
    );
}

function isInCluster({ type }: AuditedResource): boolean {
    return type.startsWith("kubernetes:");
}

function strangers(resources: readonly AuditedResource[], graph: PrerequisiteGraph): string[] {
    return resources
        .filter(isInCluster)
        .filter(({ urn }) => prerequisitesOf(urn, graph).length === 0)
        .map(({ urn }) => `${nameOf(urn)} is in no prerequisite of the graph; declare it there`);
}

function nameOf(urn: string): string {
    return urn.split("::").at(-1) ?? urn;
}

function edgeDrift(observed: Observed, expected: Observed): string[] {
    const drift: string[] = [];
    for (const [name, dependencies] of expected)
        for (const dependency of dependencies)
            if (
                observed.has(name) &&
                observed.has(dependency) &&
                !reaches(observed, name, dependency)
            )
                drift.push(`${name} does not wait for ${dependency}, as expected`);
    for (const [name, dependencies] of observed)
        for (const dependency of dependencies)
            if (!reaches(expected, name, dependency))
                drift.push(`${name} waits for ${dependency}, which is not expected`);
    return drift;
}

function reaches(graph: Observed, from: string, to: string): boolean {
    const seen = new Set<string>([from]);
    const open = [from];
    for (let name = open.pop(); name !== undefined; name = open.pop())
        for (const next of graph.get(name) ?? []) {
            if (next === to) return true;
            if (seen.has(next)) continue;
            seen.add(next);
            open.push(next);
        }
    return false;
}

/** Objects that two resources of the stack write: each would undo what the other did. */
function doubleOwners(resources: readonly AuditedResource[]): string[] {
    const owners = new Map<string, string[]>();
    for (const resource of resources.filter(isInCluster)) {
        const object = objectOf(resource);
        if (object === undefined) continue;
        owners.set(object, [...(owners.get(object) ?? []), nameOf(resource.urn)]);
    }
    return [...owners]
        .filter(([, names]) => names.length > 1)
        .map(([object, names]) => `${object} has more than one owner: ${names.join(", ")}`);
}

function objectOf({ type, inputs = {} }: AuditedResource): string | undefined {
    const { metadata, name, namespace, kind } = inputs as {
        metadata?: { name?: string; namespace?: string };
        name?: string;
        namespace?: string;
        kind?: string;
    };
    const object = type.endsWith(":Release") ? { name, namespace } : metadata;
    if (object?.name === undefined) return undefined;
    return `${kind ?? type.split(":").at(-1) ?? type} ${object.namespace ?? "-"}/${object.name}`;
}
