import type { ResourceImplementation } from "./resource.ts";

/** Which properties of a resource's state are secret, given which of its inputs are. */
export function secretProperties(
    implementation: ResourceImplementation,
    secretInputs: ReadonlySet<string>,
): ReadonlySet<string> {
    const secret = new Set<string>([
        ...secretInputs,
        ...(implementation.secretInputs ?? []),
        ...(implementation.secretOutputs ?? []),
    ]);
    for (const [output, sources] of Object.entries(implementation.derivedOutputs ?? {}))
        if (sources.some((source) => secret.has(source))) secret.add(output);
    return secret;
}
