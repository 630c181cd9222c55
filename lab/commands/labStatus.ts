import { labAddresses } from "../addresses.ts";
import { fetchStatus } from "../supervisor/client.ts";
import type { LabStatus } from "../supervisor/labStatus.ts";
import { inventory } from "../toolchain/inventory.ts";
import type { ToolchainInventory } from "../toolchain/inventory.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { labLocation } from "./session.ts";
import type { CommandOptions } from "./session.ts";
import { table } from "./table.ts";

/** What `lab:status -- --json` prints for a lab that does not run. */
interface StoppedLab {
    readonly state: "stopped";
    readonly instance: number;
    readonly directory: string;
}

/** `npm run lab:status`. Exit code 0 where the lab serves, 1 otherwise. */
export async function labStatus(
    { lab }: CommandOptions,
    flags: readonly string[],
): Promise<number> {
    const json = flags.includes("--json");
    const { directory, portOffset } = await labLocation(lab);
    const found = await fetchStatus(labAddresses(lab, portOffset));
    const status: LabStatus | StoppedLab =
        found ?? ({ state: "stopped", instance: lab, directory } as const);
    const toolchain = inventory(await ensureToolchain());
    if (json) process.stdout.write(`${JSON.stringify({ ...status, toolchain }, null, 4)}\n`);
    else print(status, toolchain);
    return status.state === "ready" ? 0 : 1;
}

function print(status: LabStatus | StoppedLab, toolchain: ToolchainInventory): void {
    const lines =
        status.state === "stopped"
            ? [`lab ${status.instance} does not run; start it with: npm run lab:start`]
            : runningLab(status);
    lines.push(
        table(
            ["program", "version", "from", "path"],
            Object.entries(toolchain).map(([name, { version, origin, path }]) => [
                name,
                version,
                origin,
                path,
            ]),
        ),
    );
    process.stdout.write(`${lines.join("\n")}\n`);
}

function runningLab(status: LabStatus): string[] {
    const { instance, state, error, pid, clone, startedAt, credentials } = status;
    const why = error === undefined ? "" : ` (${error})`;
    return [
        `lab ${instance} is ${state}${why}: process ${pid} of ${clone}, since ${startedAt}`,
        table(
            ["part", "state", "address", "processes"],
            Object.entries(status.parts).map(([name, part]) => [
                name,
                part.state,
                part.url ?? "",
                part.processes.map((process) => `${process.name} ${process.pid}`).join("\n"),
            ]),
        ),
        table(
            ["credential", "value"],
            Object.entries(credentials).map(([name, value]) => [name, String(value)]),
        ),
    ];
}
