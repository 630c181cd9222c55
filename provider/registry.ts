import type { ResourceImplementation } from "./framework/resource.ts";

/** Every resource type of the provider. */
export const RESOURCES: readonly ResourceImplementation[] = [];
