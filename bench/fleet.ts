import { availableParallelism, cpus } from "node:os";
import type { CommandOptions } from "../lab/commands/session.ts";
import { say } from "../lab/commands/session.ts";
import { table } from "../lab/commands/table.ts";
import { provisionFleet } from "../tests/e2e/fleetOfSovereigns.ts";
import { startOperationsLab } from "../tests/e2e/operationsLab.ts";

/** How many Sovereigns are brought up at once unless the command says otherwise. */
const SIZE = 8;

/**
 * `npm run bench:fleet [-- <how many>]`: Sovereigns of one control plane each, brought up at once on one lab and one account at every
 * service. Figures are for reading; nothing asserts them but that all are ready, and that the registrar never got a request while another was in flight.
 */
export async function benchFleet(
    _options: CommandOptions,
    rest: readonly string[],
): Promise<number> {
    const size = rest[0] === undefined ? SIZE : Number(rest[0]);
    if (!Number.isInteger(size) || size < 1 || size > 32) {
        say(`how many is a number from 1 to 32, not ${rest[0] ?? ""}`);
        return 2;
    }
    const world = await startOperationsLab();
    try {
        const fleet = await provisionFleet(world, size, (line) => {
            say(`… ${line}`);
        });
        const { requests } = world.lab.dynadot.requests;
        const early = requests.filter(({ status }) => status === 429);
        const failed = fleet.filter(({ outcome }) => outcome instanceof Error);
        const rows = fleet.map(({ fqdn, outcome, seconds }) => [
            fqdn,
            outcome instanceof Error ? "failed" : "ready",
            seconds.toFixed(1),
        ]);
        process.stdout.write(
            `${size} at once on ${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"})\n` +
                `${table(["Sovereign", "outcome", "seconds from the common start"], rows)}\n` +
                `${requests.length} requests at the registrar, ${early.length} of them while another was in flight\n`,
        );
        return failed.length > 0 || early.length > 0 ? 1 : 0;
    } finally {
        await world.lab.stop();
    }
}
