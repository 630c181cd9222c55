import { describe } from "../framework/failures.ts";
import type { CallContext } from "../framework/resource.ts";
import { Refusal } from "./recordSetDecisions.ts";

/**
 * Looks at what is live during a preview. What an update would refuse becomes a warning, and so does a service that does not
 * answer: a preview must work before anything is there.
 */
export async function lookAhead<T>(
    context: CallContext,
    look: () => Promise<T>,
): Promise<T | undefined> {
    try {
        return await look();
    } catch (error) {
        if (error instanceof Refusal) {
            context.log.warning(`this will be refused: ${error.message}`);
            return undefined;
        }
        context.signal.throwIfAborted();
        if (error instanceof Error && error.name === "MissingConfiguration") throw error;
        context.log.warning(`cannot look ahead: ${describe(error)}`);
        return undefined;
    }
}
