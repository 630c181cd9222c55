import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { SetupError } from "../toolchain/setupError.ts";
import { duration } from "../toolchain/steps.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { bringUpLab } from "./labStart.ts";
import { nextStepsText } from "./nextSteps.ts";
import { outputTable } from "./outputTable.ts";
import { say } from "./session.ts";
import type { CommandOptions } from "./session.ts";
import { devStack } from "./workspace.ts";

const outputsSchema = z.looseObject({
    sovereign: z.looseObject({ fqdn: z.string() }),
    cloud: z.looseObject({ loadBalancerIpv4: z.string() }),
    cluster: z.looseObject({ kubeconfig: z.string() }),
});

/** `npm start`: from nothing to a standing Sovereign. Repeating it brings up what is missing. */
export async function start(options: CommandOptions, flags: readonly string[]): Promise<number> {
    const begun = Date.now();
    const toolchain = await ensureToolchain({ signal: options.signal });
    const lab = await bringUpLab(options);
    const stack = await devStack(toolchain, lab);
    await stack.ensureStack();
    options.signal.throwIfAborted();
    const exitCode = await stack.show(["up", "--yes", "--skip-preview", ...flags]);
    if (exitCode !== 0) {
        options.signal.throwIfAborted();
        throw new SetupError(
            `pulumi up ended with exit code ${exitCode}; what exists already is kept`,
            `look at Pulumi's messages above and at the lab (npm run lab:status), then repeat: npm start`,
        );
    }
    const outputs = await stack.json(["stack", "output"]);
    const { sovereign, cloud, cluster } = outputsSchema.parse(
        await stack.json(["stack", "output", "--show-secrets"]),
    );
    const kubeconfig = join(lab.directory, "kubeconfig");
    await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 });
    const tools = toolchain.path.at(-1) ?? "/usr/bin";
    process.stdout.write(
        [
            "",
            outputTable(outputs as Record<string, unknown>),
            "",
            `The Sovereign ${sovereign.fqdn} stands. Look at it:`,
            "",
            nextStepsText({
                fqdn: sovereign.fqdn,
                loadBalancerIpv4: cloud.loadBalancerIpv4,
                addresses: lab.addresses,
                kubectl: toolchain.binaries.kubectl.path,
                dig: tools === "/usr/bin" ? "dig" : join(tools, "dig"),
                kubeconfig,
            }),
            "",
        ].join("\n"),
    );
    say(`\n✔ done in ${duration(Date.now() - begun)}`);
    return 0;
}
