import { placesOf } from "../recover/world.ts";
import { engineCommand } from "./engineCommand.ts";
import type { ProtectedStack } from "./liftProtection.ts";
import type { Session } from "./session.ts";
import { readStackState } from "./stackState.ts";

/** The stack of a session, as its protection is taken off. */
export function protectedStack(session: Session): ProtectedStack {
    const { stack } = session;
    return {
        resources: async () => (await readStackState(stack)).resources,
        hetzner: async () => (await placesOf(stack)).hetzner,
        refresh: async (urns) => {
            await session.update((run) => stack.refresh({ ...run, target: [...urns] }));
        },
        unprotectAll: async () => {
            await engineCommand(stack, ["state", "unprotect", "--all", "--yes"]);
        },
    };
}
