import type { HetznerAccess } from "../../provider/cloud/hetznerRequest.ts";
import { unprotect } from "../recover/hetznerDeletion.ts";
import { COLLECTIONS } from "../recover/hetznerInventory.ts";
import type { Collection, HetznerThing } from "../recover/hetznerInventory.ts";
import { deleteProtected, pulumiProtected } from "./protection.ts";
import type { StateResource } from "./stackState.ts";

/** A stack whose protection is taken off. */
export interface ProtectedStack {
    /** What its state holds. */
    resources(): Promise<readonly StateResource[]>;
    /** Where its servers, addresses and networks are. Asked only where Hetzner protects any. */
    hetzner(): Promise<HetznerAccess>;
    /** Reads these resources back into the state. */
    refresh(urns: readonly string[]): Promise<void>;
    /** Takes Pulumi's own protection off every resource of the state. */
    unprotectAll(): Promise<void>;
}

/** What stands at Hetzner for a resource of the state. */
function thingOf({ urn, type, id }: StateResource): readonly HetznerThing[] {
    const found = Object.entries(COLLECTIONS).find(([, known]) => known === type);
    if (found === undefined || id === undefined) return [];
    const name = urn.split("::").slice(3).join("::");
    return [{ collection: found[0] as Collection, type, id, name }];
}

/**
 * Takes the protection off everything of a stack, at Hetzner and in Pulumi's state, and touches nothing else. The program is not run for it:
 * a targeted update fails in a stack that was never brought up wholly, since the targets' siblings need what does not exist yet. What was
 * taken off is read back into the state, so that the next provisioning puts it on again.
 *
 * @throws Error with what Hetzner or the engine said; can be repeated
 */
export async function liftProtection(stack: ProtectedStack, signal: AbortSignal): Promise<void> {
    const atHetzner = deleteProtected(await stack.resources());
    if (atHetzner.length > 0) {
        const hetzner = await stack.hetzner();
        for (const thing of atHetzner.flatMap(thingOf)) await unprotect(hetzner, thing, signal);
        await stack.refresh(atHetzner.map(({ urn }) => urn));
    }
    if (pulumiProtected(await stack.resources()).length === 0) return;
    signal.throwIfAborted();
    await stack.unprotectAll();
}
