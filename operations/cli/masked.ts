import type { StackOutputs } from "../outputs/contract.ts";
import { secretPaths } from "../outputs/revision.ts";

/** Outputs as they may be shown: `[secret]` in place of every secret. */
export function masked(outputs: StackOutputs): StackOutputs {
    const copy = structuredClone(outputs) as unknown as Record<string, unknown>;
    for (const path of secretPaths()) {
        const holder = path
            .slice(0, -1)
            .reduce((object, part) => object[part] as Record<string, unknown>, copy);
        holder[path.at(-1) ?? ""] = "[secret]";
    }
    return copy as unknown as StackOutputs;
}
