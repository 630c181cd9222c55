import type { ProviderConfiguration } from "../../framework/configuration.ts";

const WITHDRAWN = new WeakMap<ProviderConfiguration, Set<string>>();

/** Remembers that this run has withdrawn the delegation of the zone: its parent's servers are about to follow. */
export function noteWithdrawn(config: ProviderConfiguration, zone: string): void {
    const withdrawn = WITHDRAWN.get(config) ?? new Set<string>();
    WITHDRAWN.set(config, withdrawn.add(zone));
}

/** Whether this run has withdrawn the zone's delegation. */
export function isWithdrawn(config: ProviderConfiguration, zone: string): boolean {
    return WITHDRAWN.get(config)?.has(zone) === true;
}
