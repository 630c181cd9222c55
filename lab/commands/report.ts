import { report as makeReport } from "../../operations/report/command.ts";
import { EVENT_LOG_ENVIRONMENT, recordPreview } from "../../operations/report/previewStack.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { bringUpLab } from "./labStart.ts";
import { takeOverrides } from "./overrides.ts";
import type { CommandOptions } from "./session.ts";
import { devStack } from "./workspace.ts";

/** `npm run report`: of a preview of the lab's stack, where no log and no stack of another backend is named. */
export async function report(options: CommandOptions, flags: readonly string[]): Promise<number> {
    const { overrides, rest } = takeOverrides(flags);
    return await makeReport(rest, async (preview) => {
        const toolchain = await ensureToolchain({ signal: options.signal });
        const lab = await bringUpLab(options);
        const stack = await devStack(toolchain, lab, overrides, EVENT_LOG_ENVIRONMENT);
        await stack.ensureStack();
        return await recordPreview(preview, (args) => stack.showOnStderr(args));
    });
}
