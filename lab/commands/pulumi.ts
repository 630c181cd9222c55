import { labAddresses } from "../addresses.ts";
import type { PulumiCli } from "../pulumiCli.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { bringUpLab } from "./labStart.ts";
import { takeOverrides } from "./overrides.ts";
import type { Overridden } from "./overrides.ts";
import { labLocation } from "./session.ts";
import type { CommandOptions } from "./session.ts";
import { devStack } from "./workspace.ts";

/** Sets up, starts the lab where it does not run, and opens its stack. */
async function openStack(
    options: CommandOptions,
    overrides: Overridden["overrides"] = {},
): Promise<PulumiCli> {
    const toolchain = await ensureToolchain({ signal: options.signal });
    const stack = await devStack(toolchain, await bringUpLab(options), overrides);
    await stack.ensureStack();
    return stack;
}

/** `npm run preview`, with `--set <key>=<value>` for config values that are not saved. */
export async function preview(options: CommandOptions, flags: readonly string[]): Promise<number> {
    const { overrides, rest } = takeOverrides(flags);
    return await (await openStack(options, overrides)).show(["preview", ...rest]);
}

/** `npm run up`. */
export async function up(options: CommandOptions, flags: readonly string[]): Promise<number> {
    return await (await openStack(options)).show(["up", "--yes", ...flags]);
}

/** `npm run refresh`. */
export async function refresh(options: CommandOptions, flags: readonly string[]): Promise<number> {
    return await (await openStack(options)).show(["refresh", "--yes", ...flags]);
}

/** `npm run --silent outputs`: JSON alone on standard output. Needs no running lab. */
export async function outputs(options: CommandOptions, flags: readonly string[]): Promise<number> {
    const toolchain = await ensureToolchain({ signal: options.signal });
    const { instance, portOffset, directory } = await labLocation(options.lab);
    const stack = await devStack(toolchain, {
        addresses: labAddresses(instance, portOffset),
        directory,
    });
    return await stack.show(["stack", "output", "--json", ...flags]);
}
