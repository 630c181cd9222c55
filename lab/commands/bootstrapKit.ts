import { z } from "zod";
import { auditBootstrap } from "../../components/platform/bootstrapGraph.ts";
import { readBootstrapKit, UnreadableKit } from "../../components/platform/bootstrapKit.ts";
import { mailSlot } from "../../components/platform/bootstrapSlot.ts";
import { labAddresses } from "../addresses.ts";
import { SetupError } from "../toolchain/setupError.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { labLocation, say } from "./session.ts";
import type { CommandOptions } from "./session.ts";
import { readState } from "./stackState.ts";
import { devStack } from "./workspace.ts";

/** Exit codes of an audit, beside 0. */
const DRIFT = 1;
const CYCLE = 2;
const UNREADABLE = 3;

/** `npm run bootstrap:audit -- <directory>`: compares a bootstrap kit with the expected graph. */
export function bootstrapAudit(_options: CommandOptions, rest: readonly string[]): Promise<number> {
    const [directory, ...more] = rest;
    if (directory === undefined || more.length > 0)
        throw new SetupError(
            "bootstrap:audit takes the directory of one kit",
            "write it like this: npm run bootstrap:audit -- clusters/_template/bootstrap-kit",
        );
    try {
        const { drift, cycles } = auditBootstrap(readBootstrapKit(directory));
        for (const line of [...drift, ...cycles.map((ring) => `cycle: ${ring}`)]) say(line);
        say(`${drift.length} drift, ${cycles.length} cycles`);
        return Promise.resolve(cycles.length > 0 ? CYCLE : drift.length > 0 ? DRIFT : 0);
    } catch (error) {
        if (!(error instanceof UnreadableKit)) throw error;
        say(error.message);
        return Promise.resolve(UNREADABLE);
    }
}

const releaseSchema = z.looseObject({
    version: z.string(),
    values: z.looseObject({ sovereignFQDN: z.string() }),
});

/** `npm run --silent bootstrap:slot`: the mail server's slot of the lab's stack, for a kit that Flux runs, on standard output. */
export async function bootstrapSlot(options: CommandOptions): Promise<number> {
    const toolchain = await ensureToolchain({ signal: options.signal });
    const { instance, portOffset, directory } = await labLocation(options.lab);
    const stack = await devStack(toolchain, {
        addresses: labAddresses(instance, portOffset),
        directory,
    });
    const { resources } = await readState(stack);
    const release = resources.find(
        ({ type, urn }) =>
            type === "kubernetes:helm.sh/v3:Release" && urn.includes("sovereign:mail:Mail$"),
    );
    if (release === undefined)
        throw new SetupError("the stack has no mail server to take values of", "npm start");
    const { version, values } = releaseSchema.parse(release.inputs);
    process.stdout.write(
        mailSlot({
            fqdn: values.sovereignFQDN,
            chartVersion: version,
            repository: "oci://ghcr.io/openova-io",
            pullSecret: "ghcr-pull",
            values,
        }),
    );
    return 0;
}
