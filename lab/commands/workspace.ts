import { join } from "node:path";
import { LAB_PASSPHRASE } from "../credentials.ts";
import { PulumiCli } from "../pulumiCli.ts";
import { writeLabStackConfig } from "../stackConfig.ts";
import type { LabStackConfigOptions } from "../stackConfig.ts";
import type { LabStatus } from "../supervisor/labStatus.ts";
import { CLONE } from "../toolchain/directories.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { keptSelectors } from "./dkim/keptSelectors.ts";

/** The lab's stack. */
export const STACK = "dev";

/** The committed config of {@link STACK}, for lab 0. */
export const STACK_CONFIG = join(CLONE, `Pulumi.${STACK}.yaml`);

/** What of a running lab the CLI needs to know. */
type LabOfStack = Pick<LabStatus, "addresses" | "directory">;

/**
 * The CLI on the `dev` stack of a lab. The stack's config is `Pulumi.dev.yaml` as it is where that fits, and a copy of it in the
 * lab's directory otherwise: with addresses moved, and with the selectors that a DKIM rotation in this lab has come to.
 *
 * @param overrides - config values for this run alone
 * @param environment - added to that of the CLI
 */
export async function devStack(
    toolchain: Toolchain,
    { addresses, directory }: LabOfStack,
    overrides: LabStackConfigOptions["overrides"] = {},
    environment: Readonly<Record<string, string>> = {},
): Promise<PulumiCli> {
    const { instance, portOffset } = addresses;
    const dkim = await keptSelectors(directory);
    const unchanged = Object.keys(overrides).length === 0;
    const plain = instance === 0 && portOffset === 0 && unchanged && dkim === undefined;
    const pulumi = join(directory, "pulumi");
    const configFile = join(pulumi, unchanged ? "stack.yaml" : "overridden.yaml");
    if (!plain)
        await writeLabStackConfig(STACK_CONFIG, configFile, {
            instance,
            portOffset,
            overrides: { ...(dkim && { dkim }), ...overrides },
        });
    return new PulumiCli({
        toolchain,
        directory: pulumi,
        stack: STACK,
        passphrase: LAB_PASSPHRASE,
        environment,
        ...(plain ? {} : { configFile }),
    });
}
