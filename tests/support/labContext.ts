import type { LabContext } from "../../lab/parts.ts";
import { testLabContext } from "./toolchain.ts";

export { testToolchain } from "./toolchain.ts";

/** A lab of a test's own, of which it starts single parts: what those are given. */
export interface TestLab {
    readonly context: LabContext;
    /** What the parts reported, as `<part>: <message>`. */
    readonly messages: readonly string[];
    /** Gives the lab number back and removes the directory; stop the parts first. */
    release(): Promise<void>;
}

/** Claims a lab for a test of single parts, with the real binaries. Nothing runs yet. */
export async function claimTestLab(): Promise<TestLab> {
    const messages: string[] = [];
    const context = await testLabContext({
        log: (part, message) => messages.push(`${part}: ${message}`),
    });
    return { context, messages, release: () => context.release() };
}
