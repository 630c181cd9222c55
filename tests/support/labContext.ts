import { LAB_CREDENTIALS } from "../../lab/credentials.ts";
import { labAddresses } from "../../lab/addresses.ts";
import type { LabContext } from "../../lab/parts.ts";
import { portOffset } from "../../lab/portOffset.ts";
import { ensureToolchain } from "../../lab/toolchain/toolchain.ts";
import type { Toolchain } from "../../lab/toolchain/toolchain.ts";
import { claimLabInstance } from "./labInstance.ts";

let toolchain: Promise<Toolchain> | undefined;

/** The toolchain, once per test process. */
export function testToolchain(): Promise<Toolchain> {
    toolchain ??= ensureToolchain();
    return toolchain;
}

/** A lab of a test's own: what its parts are given. */
export interface TestLab {
    readonly context: LabContext;
    /** What the parts reported, as `<part>: <message>`. */
    readonly messages: readonly string[];
    /** Gives the lab number back and removes the directory; stop the parts first. */
    release(): Promise<void>;
}

/** Claims a lab for a test, with the real binaries. */
export async function claimTestLab(): Promise<TestLab> {
    const { binaries } = await testToolchain();
    const claim = await claimLabInstance();
    const messages: string[] = [];
    const context: LabContext = {
        addresses: labAddresses(claim.instance, await portOffset()),
        binaries,
        credentials: LAB_CREDENTIALS,
        directory: claim.directory,
        log: (part, message) => messages.push(`${part}: ${message}`),
    };
    return { context, messages, release: () => claim.release() };
}
