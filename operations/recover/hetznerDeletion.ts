import { hetznerRequest } from "../../provider/cloud/hetznerRequest.ts";
import type { HetznerAccess } from "../../provider/cloud/hetznerRequest.ts";
import pRetry from "p-retry";
import type { HetznerThing } from "./hetznerInventory.ts";

/** Collections with a delete protection, and what else that action takes off (`change_protection`). */
const PROTECTED: Readonly<Partial<Record<string, object>>> = {
    servers: { delete: false, rebuild: false },
    load_balancers: { delete: false },
    networks: { delete: false },
    volumes: { delete: false },
    primary_ips: { delete: false },
    floating_ips: { delete: false },
};

/** Errors that pass: something that was deleted before still holds on to it for seconds. */
const PASSING = ["locked", "conflict", "resource_in_use", "protected"];

/**
 * Deletes a thing, its protection included, and waits until it is gone.
 *
 * @throws Error with what Hetzner said
 */
export async function deleteThing(
    access: HetznerAccess,
    { collection, id, name }: HetznerThing,
    signal: AbortSignal,
): Promise<void> {
    const path = `${collection}/${id}`;
    const body = PROTECTED[collection];
    if (body !== undefined)
        await hetznerRequest(access, "POST", `${path}/actions/change_protection`, { signal, body });
    await hetznerRequest(access, "DELETE", path, { signal, passing: PASSING, retries: 12 });
    await pRetry(
        async () => {
            const { status } = await hetznerRequest(access, "GET", path, { signal });
            if (status !== 404) throw new Error(`Hetzner still has ${collection} ${name} (${id})`);
        },
        { retries: 12, minTimeout: 250, maxTimeout: 5_000, signal },
    );
}
