import Table from "cli-table3";
import { labAddresses } from "../addresses.ts";
import { fetchStatus } from "../supervisor/client.ts";
import type { LabStatus } from "../supervisor/labStatus.ts";
import { inventory } from "../toolchain/inventory.ts";
import type { ToolchainInventory } from "../toolchain/inventory.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { labLocation, say } from "./session.ts";
import type { CommandOptions } from "./session.ts";

/** What `lab:status -- --json` prints for a lab that does not run. */
interface StoppedLab {
    readonly state: "stopped";
    readonly instance: number;
    readonly directory: string;
}

/** `npm run lab:status`. Exit code 0 where the lab serves, 1 otherwise. */
export async function labStatus({
    lab,
    json,
}: CommandOptions & { readonly json: boolean }): Promise<number> {
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
    if (status.state === "stopped")
        say(`lab ${status.instance} does not run; start it with: npm run lab:start`);
    else printLab(status);
    const binaries = new Table({
        head: ["program", "version", "from", "path"],
        style: { head: [] },
    });
    for (const [name, { version, origin, path }] of Object.entries(toolchain))
        binaries.push([name, version, origin, path]);
    process.stdout.write(`${binaries.toString()}\n`);
}

function printLab(status: LabStatus): void {
    const { instance, state, error, pid, clone, startedAt, credentials } = status;
    process.stdout.write(
        `lab ${instance} is ${state}${error === undefined ? "" : ` (${error})`}: process ${pid} of ${clone}, since ${startedAt}\n`,
    );
    const parts = new Table({
        head: ["part", "state", "address", "processes"],
        style: { head: [] },
    });
    for (const [name, part] of Object.entries(status.parts))
        parts.push([
            name,
            part.state,
            part.url ?? "",
            part.processes.map((process) => `${process.name} ${process.pid}`).join("\n"),
        ]);
    process.stdout.write(`${parts.toString()}\n`);
    const keys = new Table({ head: ["credential", "value"], style: { head: [] } });
    for (const [name, value] of Object.entries(credentials)) keys.push([name, String(value)]);
    process.stdout.write(`${keys.toString()}\n`);
}
