import type { ExportedState, StateResource } from "../provision/stackState.ts";
import type { Finding } from "./findings.ts";

/**
 * Marks in what the engine's events show: of a value that is secret, of the envelope of one (Pulumi's `resource.SigKey`), and of one
 * that is not known yet (`plugin.UnknownStringValue`). None of them is the value.
 */
const NO_VALUE = /\[secret\]|4dabf18193072939515e22adb298388d|04da6b54-80e4-46f7-96ec-b56ff0331ba9/;

/**
 * A state with findings carried out: what is imported stands in it under its id, and what was interrupted is no longer pending. What
 * nobody could decide stays pending. Pure.
 *
 * @param planned - what the program would create, for what is imported and was not pending
 */
export function mendState(
    state: ExportedState,
    findings: readonly Finding[],
    planned: readonly StateResource[],
): ExportedState {
    const { deployment } = state;
    if (deployment === null || deployment === undefined) return state;
    const operations = deployment.pending_operations ?? [];
    const before = deployment.resources ?? [];
    const undecided = new Set(findings.flatMap((f) => (f.kind === "undecided" ? [f.urn] : [])));
    const imported = findings.flatMap((finding) => {
        if (finding.kind !== "import") return [];
        const pending = operations.find(({ resource }) => resource.urn === finding.urn)?.resource;
        if (pending) return [standing(pending, finding.id)];
        const place = planned.find(({ urn }) => urn === finding.urn);
        if (place === undefined) return [];
        const urns = new Set(before.map(({ urn }) => urn));
        return [
            ...(missingAncestors(place, urns, planned) ?? []),
            standing({ ...place, inputs: knownInputs(place) }, finding.id),
        ];
    });
    const added = [...new Map(imported.map((resource) => [resource.urn, resource])).values()];
    return {
        ...state,
        deployment: {
            ...deployment,
            resources: [...before, ...added],
            pending_operations: operations.filter(({ resource }) => undecided.has(resource.urn)),
        },
    };
}

/**
 * Components above a resource of a plan that a state does not have, the outermost first; undefined where the plan does not tell one
 * of them. Pure.
 */
export function missingAncestors(
    { parent = "" }: StateResource,
    urns: ReadonlySet<string>,
    planned: readonly StateResource[],
): readonly StateResource[] | undefined {
    if (urns.has(parent)) return [];
    const component = planned.find(({ urn, custom }) => urn === parent && custom !== true);
    const above = component && missingAncestors(component, urns, planned);
    if (component === undefined || above === undefined) return undefined;
    const { urn, type } = component;
    return [...above, { urn, type, custom: false, parent: component.parent }];
}

/** Inputs of a plan that are values; the refresh reads the rest. */
function knownInputs({ inputs = {} }: StateResource): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(inputs).filter(([, value]) => !NO_VALUE.test(JSON.stringify(value))),
    );
}

/** A resource as it stands until the refresh has read it. */
function standing(resource: StateResource, id: string): StateResource {
    return { ...resource, custom: true, id, outputs: { ...resource.inputs, id } };
}
