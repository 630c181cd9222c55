import { rm } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { LAB_PASSPHRASE } from "../lab/credentials.ts";
import type { CommandOptions } from "../lab/commands/session.ts";
import { say } from "../lab/commands/session.ts";
import { table } from "../lab/commands/table.ts";
import { STACK, STACK_CONFIG } from "../lab/commands/workspace.ts";
import { portOffset } from "../lab/portOffset.ts";
import { PulumiCli } from "../lab/pulumiCli.ts";
import { writeLabStackConfig } from "../lab/stackConfig.ts";
import { startLab, stopLab } from "../lab/supervisor/lifecycle.ts";
import { LAB_ROOT } from "../lab/toolchain/directories.ts";
import { ensureToolchain } from "../lab/toolchain/toolchain.ts";
import { clockEnvironment, measure, median } from "./measure.ts";
import type { Sample } from "./measure.ts";

/** Lab of the measurements unless another is named, so that nobody's stack is touched. */
const BENCH_INSTANCE = 31;

interface Measurement {
    readonly name: string;
    readonly args: readonly string[];
    readonly runs: number;
}

/** In this order on one fresh stack with `protect` off. */
const MEASUREMENTS: readonly Measurement[] = [
    { name: "preview, empty account", args: ["preview"], runs: 3 },
    { name: "up, from nothing", args: ["up", "--yes", "--skip-preview"], runs: 1 },
    { name: "preview, nothing to do", args: ["preview", "--expect-no-changes"], runs: 5 },
    { name: "up, nothing to do", args: ["up", "--yes", "--skip-preview"], runs: 5 },
    { name: "destroy", args: ["destroy", "--yes", "--skip-preview"], runs: 1 },
];

/** `npm run bench`: measures on a lab of its own and prints a table. Figures are for reading; nothing asserts them. */
export async function bench(options: CommandOptions): Promise<number> {
    const toolchain = await ensureToolchain({ signal: options.signal });
    const instance = options.lab === 0 ? BENCH_INSTANCE : options.lab;
    const location = {
        instance,
        directory: join(LAB_ROOT, "bench"),
        portOffset: await portOffset(),
    };
    await stopLab(location);
    await rm(location.directory, { recursive: true, force: true });
    await startLab({ ...location, signal: options.signal, report: () => undefined });
    try {
        const pulumi = join(location.directory, "pulumi");
        const configFile = join(pulumi, "stack.yaml");
        const clock = join(pulumi, "clock.jsonl");
        await writeLabStackConfig(STACK_CONFIG, configFile, {
            ...location,
            overrides: { protect: "false" },
        });
        const stack = new PulumiCli({
            toolchain,
            directory: pulumi,
            stack: STACK,
            passphrase: LAB_PASSPHRASE,
            configFile,
            environment: clockEnvironment(clock),
        });
        await stack.ensureStack();
        const rows: string[][] = [];
        for (const { name, args, runs } of MEASUREMENTS) {
            const samples: Sample[] = [];
            while (samples.length < runs) {
                options.signal.throwIfAborted();
                samples.push(await measure(stack, args, clock));
                say(`… ${name}: run ${samples.length} of ${runs}`);
            }
            rows.push(row(name, samples));
        }
        process.stdout.write(
            `${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.versions.node}, Pulumi ${toolchain.pulumi.version}; medians in seconds\n` +
                `${table(["what", "runs", "whole", "program ran", "program's CPU", "its share"], rows)}\n`,
        );
    } finally {
        await stopLab(location);
    }
    await rm(location.directory, { recursive: true, force: true });
    return 0;
}

function seconds(milliseconds: number): string {
    return (milliseconds / 1000).toFixed(2);
}

function row(name: string, samples: readonly Sample[]): string[] {
    const wall = median(samples.map((sample) => sample.wall));
    const cpu = median(samples.map((sample) => sample.programCpu));
    return [
        name,
        String(samples.length),
        seconds(wall),
        seconds(median(samples.map((sample) => sample.programWall))),
        seconds(cpu),
        `${Math.round((100 * cpu) / wall)} %`,
    ];
}
