import { availableParallelism, cpus } from "node:os";
import type { CommandOptions } from "../lab/commands/session.ts";
import { say } from "../lab/commands/session.ts";
import { table } from "../lab/commands/table.ts";
import { gaps, startMailFlow } from "../tests/e2e/mailFlow.ts";
import { readOutputs, startSovereignLab, up } from "../tests/e2e/sovereignLab.ts";
import { testStack } from "../tests/support/toolchain.ts";

/** How often the password is rotated. */
const RUNS = 3;

/** Messages before the update begins. */
const RUN_UP = 3;

/**
 * `npm run bench:rotation`: how long submissions are refused while the submission password is rotated, as a pod of the platform sees
 * it, which has the password of when it was started. On a lab of its own. Figures are for reading; nothing asserts them.
 */
export async function benchRotation({ signal }: CommandOptions): Promise<number> {
    const { lab, stack } = await startSovereignLab({}, { mailErrorDelay: 50 });
    try {
        await up(stack);
        const { cluster, mail } = await readOutputs(stack);
        const rows: string[][] = [];
        for (let generation = 2; generation < 2 + RUNS; generation++) {
            signal.throwIfAborted();
            const flow = startMailFlow(lab, {
                kubeconfig: cluster.kubeconfig,
                authority: mail.authorityCertificate,
                name: `rotation${generation}`,
            });
            const acceptedMore = async (count: number) => {
                const wanted = flow.accepted() + count;
                while (flow.accepted() < wanted) await new Promise((r) => setTimeout(r, 50));
            };
            await acceptedMore(RUN_UP);
            const begun = Date.now();
            await up(
                await testStack(lab.context, {
                    overrides: { smtpPasswordGeneration: String(generation) },
                }),
            );
            const whole = Date.now() - begun;
            await acceptedMore(1);
            const found = gaps(await flow.stop());
            rows.push([
                String(generation),
                seconds(whole),
                found.map(({ length }) => seconds(length)).join(", ") || "none",
                [...new Set(found.flatMap(({ replies }) => replies))].join(", "),
            ]);
            say(`… rotation ${generation - 1} of ${RUNS}`);
        }
        process.stdout.write(
            `${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.versions.node}; seconds\n` +
                `${table(["generation", "update", "gap", "replies in it"], rows)}\n`,
        );
    } finally {
        await lab.stop();
    }
    return 0;
}

function seconds(milliseconds: number): string {
    return (milliseconds / 1000).toFixed(1);
}
