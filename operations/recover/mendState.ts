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
    const undecided = new Set(findings.flatMap((f) => (f.kind === "undecided" ? [f.urn] : [])));
    const imported = findings.flatMap((finding) => {
        if (finding.kind !== "import") return [];
        const pending = operations.find(({ resource }) => resource.urn === finding.urn)?.resource;
        const place = planned.find(({ urn }) => urn === finding.urn);
        const resource = pending ?? (place && { ...place, inputs: knownInputs(place) });
        return resource === undefined ? [] : [standing(resource, finding.id)];
    });
    return {
        ...state,
        deployment: {
            ...deployment,
            resources: [...(deployment.resources ?? []), ...imported],
            pending_operations: operations.filter(({ resource }) => undecided.has(resource.urn)),
        },
    };
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
