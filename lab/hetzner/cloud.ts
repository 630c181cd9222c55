import type { ActionRunner } from "./actions.ts";
import type { AddressPool } from "./addresses.ts";
import type { Faults } from "./faults.ts";
import type { TargetHealth } from "./forwarding/health.ts";
import type { MachinePower } from "./machines.ts";
import type { PtrPublisher } from "./reverseDns.ts";
import type { StateStore } from "./state/store.ts";

/** What the parts of the emulated cloud share. */
export interface Cloud {
    readonly store: StateStore;
    readonly actions: ActionRunner;
    readonly pool: AddressPool;
    readonly ptr: PtrPublisher;
    readonly power: MachinePower;
    readonly faults: Faults;
    readonly health: TargetHealth;
    /** Servers per project. */
    readonly serverLimit: number;
    /** Addresses that `ip` targets may name. */
    readonly ownedAddresses: readonly string[];
}
