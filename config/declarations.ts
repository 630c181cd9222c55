import { z } from "zod";
import type { KeyKind } from "./keySpec.ts";

const declaration = z.object({
    type: z.enum(["string", "integer", "boolean", "array", "object"]),
    default: z.json(),
    description: z.string().min(1),
    items: z.object({ type: z.string() }).optional(),
});

/** A key as `Pulumi.yaml` declares it. */
export interface Declaration {
    readonly type: KeyKind;
    readonly default: unknown;
    readonly description: string;
}

/** The declarations of a project file that has been read as YAML. Throws where a key lacks type, default or description. */
export function declarationsOf(project: unknown): Record<string, Declaration> {
    const parsed = z.object({ config: z.record(z.string(), declaration) }).safeParse(project);
    if (!parsed.success) throw new Error(`Pulumi.yaml: ${z.prettifyError(parsed.error)}`);
    return parsed.data.config;
}
