import { unprotect } from "../recover/hetznerDeletion.ts";
import { COLLECTIONS } from "../recover/hetznerInventory.ts";
import type { Collection, HetznerThing } from "../recover/hetznerInventory.ts";
import { placesOf } from "../recover/world.ts";
import { engineCommand } from "./engineCommand.ts";
import { deleteProtected, pulumiProtected } from "./protection.ts";
import type { Session } from "./session.ts";
import { readStackState } from "./stackState.ts";
import type { StateResource } from "./stackState.ts";

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
 */
export async function liftProtection(session: Session): Promise<void> {
    const { stack, signal } = session;
    const atHetzner = deleteProtected((await readStackState(stack)).resources);
    if (atHetzner.length > 0) {
        const { hetzner } = await placesOf(stack);
        for (const thing of atHetzner.flatMap(thingOf)) await unprotect(hetzner, thing, signal);
        await session.update((run) =>
            stack.refresh({ ...run, target: atHetzner.map(({ urn }) => urn) }),
        );
    }
    if (pulumiProtected((await readStackState(stack)).resources).length === 0) return;
    signal.throwIfAborted();
    await engineCommand(stack, ["state", "unprotect", "--all", "--yes"]);
}
