import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { liftProtection } from "../../operations/provision/liftProtection.ts";
import type { ProtectedStack } from "../../operations/provision/liftProtection.ts";
import { deleteProtected, pulumiProtected } from "../../operations/provision/protection.ts";
import type { PulumiCli } from "../pulumiCli.ts";
import type { LabStatus } from "../supervisor/labStatus.ts";
import { SetupError } from "../toolchain/setupError.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { bringUpLab } from "./labStart.ts";
import { readState } from "./stackState.ts";
import { remains } from "./remains/remains.ts";
import { say } from "./session.ts";
import type { CommandOptions } from "./session.ts";
import { STACK_CONFIG, devStack } from "./workspace.ts";

/** The one switch that also destroys what is protected. */
const SWITCH = "--include-protected";

const stackConfigSchema = z.looseObject({
    config: z.looseObject({ "sovereign:fqdn": z.string() }),
});

/** `npm run down`: destroys the Sovereign, then proves that nothing of it is left. */
export async function down(options: CommandOptions, flags: readonly string[]): Promise<number> {
    const toolchain = await ensureToolchain({ signal: options.signal });
    const lab = await bringUpLab(options);
    const stack = await devStack(toolchain, lab);
    await stack.ensureStack();
    if (flags.includes(SWITCH)) await liftProtection(protectedStack(stack, lab), options.signal);
    else await refuseProtected(stack);
    options.signal.throwIfAborted();
    const rest = flags.filter((flag) => flag !== SWITCH);
    const exitCode = await stack.show(["destroy", "--yes", "--skip-preview", ...rest]);
    if (exitCode !== 0)
        throw new SetupError(
            `pulumi destroy ended with exit code ${exitCode}; what is destroyed already is recorded`,
            `look at Pulumi's messages above, then repeat: npm run down -- ${SWITCH}`,
        );
    await proveEmpty(stack, lab);
    return 0;
}

async function refuseProtected(stack: PulumiCli): Promise<void> {
    const { resources } = await readState(stack);
    const count = new Set([...deleteProtected(resources), ...pulumiProtected(resources)]).size;
    if (count > 0)
        throw new SetupError(
            `${count} resources of the stack are protected, so nothing was destroyed`,
            `to destroy them as well: npm run down -- ${SWITCH}`,
        );
}

/** The lab's stack, as its protection is taken off. */
export function protectedStack(
    stack: Pick<PulumiCli, "run" | "show">,
    { addresses: { hetzner }, credentials }: Pick<LabStatus, "addresses" | "credentials">,
): ProtectedStack {
    return {
        resources: async () => (await readState(stack)).resources,
        hetzner: () =>
            Promise.resolve({
                endpoint: `http://${hetzner.host}:${hetzner.port}/v1`,
                token: credentials.hcloudToken,
            }),
        refresh: async (urns) => {
            say(`… the delete protection of ${urns.length} resources at Hetzner is off`);
            const targets = urns.flatMap((urn) => ["--target", urn]);
            const exitCode = await stack.show(["refresh", "--yes", "--skip-preview", ...targets]);
            if (exitCode !== 0)
                throw new SetupError(
                    "what is no longer protected could not be read back; nothing was destroyed",
                    "look at Pulumi's messages above, then repeat the command",
                );
        },
        unprotectAll: async () => {
            const { exitCode, stderr } = await stack.run(["state", "unprotect", "--all", "--yes"]);
            if (exitCode !== 0)
                throw new Error(`Pulumi's protection could not be lifted:\n${stderr}`);
        },
    };
}

async function proveEmpty(stack: PulumiCli, lab: LabStatus): Promise<void> {
    const config = stackConfigSchema.parse(parse(await readFile(STACK_CONFIG, "utf8")));
    const fqdn = config.config["sovereign:fqdn"];
    const state = await readState(stack);
    const left = [
        ...state.resources.map(({ urn }) => `in the stack: ${urn}`),
        ...(await remains({ addresses: lab.addresses, credentials: lab.credentials, fqdn })),
    ];
    if (left.length > 0)
        throw new SetupError(
            `${left.length} things are left of ${fqdn}:\n    ${left.join("\n    ")}`,
            "what the stack no longer knows has to be removed by hand at the service named; what it still knows goes with: npm run down -- --include-protected",
        );
    // What an interrupted run had begun is proven to be gone, so the record of it may go as well.
    if (state.pending.length > 0) await stack.run(["refresh", "--yes", "--clear-pending-creates"]);
    say(`✔ nothing is left of ${fqdn}: not in the stack, nor at Hetzner, PowerDNS or Dynadot`);
}
