import { isDeepStrictEqual } from "node:util";
import type { CallContext, ResourceImplementation } from "./resource.ts";
import { UNKNOWN } from "./values.ts";

type Props = Record<string, unknown>;

/** State that a create would leave, as far as it can be foretold: every output not foretold is unknown. */
export async function previewedCreate(
    implementation: ResourceImplementation,
    inputs: Props,
    context: CallContext,
): Promise<Props> {
    const foretold = await implementation.previewCreate?.(inputs, context);
    return { ...inputs, ...eachOutput(implementation, () => UNKNOWN), ...foretold };
}

/**
 * State that an update would leave. An output keeps its value unless the input of the same name changes, or the
 * implementation foretells another.
 */
export async function previewedUpdate(
    implementation: ResourceImplementation,
    id: string,
    before: { readonly inputs: Props; readonly state: Props },
    after: Props,
    context: CallContext,
): Promise<Props> {
    const foretold = await implementation.previewUpdate?.(id, before, after, context);
    const outputs = eachOutput(implementation, (key) =>
        isDeepStrictEqual(before.inputs[key], after[key]) ? before.state[key] : UNKNOWN,
    );
    return { ...after, ...outputs, ...foretold };
}

function eachOutput(
    implementation: ResourceImplementation,
    value: (key: string) => unknown,
): Props {
    return Object.fromEntries(
        Object.keys(implementation.outputs.shape).map((key) => [key, value(key)]),
    );
}
