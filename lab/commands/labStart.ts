import { startLab } from "../supervisor/lifecycle.ts";
import type { LabStatus } from "../supervisor/labStatus.ts";
import { duration } from "../toolchain/steps.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { labLocation, say } from "./session.ts";
import type { CommandOptions } from "./session.ts";

/** Starts the lab, or finds it running, and says so. */
export async function bringUpLab({ lab, signal }: CommandOptions): Promise<LabStatus> {
    const begun = Date.now();
    const { status, started } = await startLab({
        ...(await labLocation(lab)),
        signal,
        report: (line) => {
            say(`… lab ${lab}: ${line}`);
        },
    });
    const { host, port } = status.addresses.control;
    say(
        started
            ? `✔ lab ${lab} runs after ${duration(Date.now() - begun)}: http://${host}:${port}/status`
            : `✔ lab ${lab} runs already: http://${host}:${port}/status`,
    );
    return status;
}

/** `npm run lab:start`. */
export async function labStart(options: CommandOptions): Promise<number> {
    await ensureToolchain({ signal: options.signal });
    await bringUpLab(options);
    return 0;
}
