import { certificateKeys } from "./certificateKeys.ts";
import { cloudKeys } from "./cloudKeys.ts";
import { clusterKeys } from "./clusterKeys.ts";
import { dnsKeys } from "./dnsKeys.ts";
import { gatewayKeys } from "./gatewayKeys.ts";
import { gitopsKeys } from "./gitopsKeys.ts";
import type { Checked, KeySpec } from "./keySpec.ts";
import { mailKeys } from "./mailKeys.ts";
import { platformKeys } from "./platformKeys.ts";

/** Every plain key of the project, flat, as `Pulumi.yaml` declares them. */
export const KEYS = {
    ...dnsKeys,
    ...cloudKeys,
    ...clusterKeys,
    ...mailKeys,
    ...gatewayKeys,
    ...gitopsKeys,
    ...platformKeys,
    ...certificateKeys,
} as const;

/** Name of a plain key. */
export type KeyName = keyof typeof KEYS;

/** The keys' values, each checked on its own. */
export type Values = Checked<typeof KEYS>;

/** The plain keys with their declarations. */
export function entries(): [KeyName, KeySpec][] {
    return Object.entries(KEYS) as [KeyName, KeySpec][];
}

/** Default of a key as the program applies it; undefined where there is none. */
export function defaultOf(spec: KeySpec): unknown {
    const result = spec.schema.safeParse(undefined);
    return result.success ? result.data : undefined;
}

/** Whether a stack has to set the key. */
export function isRequired(spec: KeySpec): boolean {
    return !spec.schema.safeParse(undefined).success;
}
