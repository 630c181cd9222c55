import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { auditBootstrap, BOOTSTRAP_GRAPH } from "../../components/bootstrap/kitGraph.ts";
import type { BootstrapAudit } from "../../components/bootstrap/kitGraph.ts";
import { kitIncidents } from "../../components/bootstrap/kitIncidents.ts";
import { readBootstrapKit, UnreadableKit } from "../../components/bootstrap/kit.ts";
import { kitSlot } from "../../components/bootstrap/kitSlots.ts";
import { prerequisites } from "../../components/bootstrap/prerequisites.ts";
import { auditStack } from "../../components/bootstrap/stackAudit.ts";
import { localChart } from "../../components/localChart.ts";
import { pinnedVersion } from "../../config/chartReference.ts";
import { labAddresses } from "../addresses.ts";
import type { PulumiCli } from "../pulumiCli.ts";
import { SetupError } from "../toolchain/setupError.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { labLocation, say } from "./session.ts";
import type { CommandOptions } from "./session.ts";
import { readState } from "./stackState.ts";
import { devStack, STACK_CONFIG } from "./workspace.ts";

/** Exit codes of an audit, beside 0. */
const DRIFT = 1;
const CYCLE = 2;
const UNREADABLE = 3;

/**
 * `npm run bootstrap:audit`: prints the graph of the stack's prerequisites and compares the stack with it; with a directory, compares
 * that bootstrap kit with the graph that is expected of one.
 */
export async function bootstrapAudit(
    options: CommandOptions,
    rest: readonly string[],
): Promise<number> {
    const [directory, fluxChartVersion, ...more] = rest;
    if (more.length > 0)
        throw new SetupError(
            "bootstrap:audit takes the directory of one kit and the stack's fluxChartVersion, or nothing for the lab's stack",
            "write it like this: npm run bootstrap:audit -- clusters/_template/bootstrap-kit 1.1.2",
        );
    if (directory === undefined) return verdict(await auditOfStack(options));
    try {
        const { drift, cycles } = auditBootstrap(readBootstrapKit(directory));
        return verdict({
            drift: [
                ...drift,
                ...kitIncidents(
                    directory,
                    fluxChartVersion && pinnedVersion(fluxChartVersion).version,
                ),
            ],
            cycles,
        });
    } catch (error) {
        if (!(error instanceof UnreadableKit)) throw error;
        say(error.message);
        return UNREADABLE;
    }
}

function verdict({ drift, cycles }: BootstrapAudit): number {
    for (const line of [...drift, ...cycles.map((ring) => `cycle: ${ring}`)]) say(line);
    say(`${drift.length} drift, ${cycles.length} cycles`);
    return cycles.length > 0 ? CYCLE : drift.length > 0 ? DRIFT : 0;
}

async function auditOfStack(options: CommandOptions): Promise<BootstrapAudit> {
    const { resources } = await readState(await labStack(options));
    const has = (type: string) => resources.some((resource) => resource.type === type);
    const graph = prerequisites({
        gateway: has("sovereign:bootstrap:Gateway"),
        pullSecrets: has("sovereign:bootstrap:PullSecrets"),
        publicCertificates: has("sovereign:certificates:Certificates"),
    });
    for (const [name, { owner, dependsOn }] of Object.entries(graph))
        say(`${name} (${owner}) ← ${dependsOn.join(", ") || "–"}`);
    return auditStack(resources, graph);
}

async function labStack(options: CommandOptions): Promise<PulumiCli> {
    const toolchain = await ensureToolchain({ signal: options.signal });
    const { instance, portOffset, directory } = await labLocation(options.lab);
    return await devStack(toolchain, { addresses: labAddresses(instance, portOffset), directory });
}

/** `npm run --silent bootstrap:slot [-- 13|95]`: a slot that the kit may own, for a kit that Flux runs, on standard output. */
export async function bootstrapSlot(
    _options: CommandOptions,
    [number = "95"]: readonly string[],
): Promise<number> {
    const slot = SLOTS.find((name) => String(BOOTSTRAP_GRAPH[name].slot) === number);
    if (slot === undefined)
        throw new SetupError(
            `slot ${number} is the kit's alone`,
            "write it like this: npm run --silent bootstrap:slot -- 95",
        );
    process.stdout.write(
        kitSlot({
            slot,
            chartVersion:
                slot === "bp-stalwart-sovereign"
                    ? localChart("stalwart-sovereign").version
                    : await platformVersion(),
            repository: "oci://ghcr.io/openova-io",
        }),
    );
    return 0;
}

const SLOTS = ["bp-catalyst-platform", "bp-stalwart-sovereign"] as const;

const stackConfig = z.object({
    config: z.looseObject({ "sovereign:platformChartVersion": z.string() }),
});

/** The version that the lab's stack has. */
async function platformVersion(): Promise<string> {
    const { config } = stackConfig.parse(parse(await readFile(STACK_CONFIG, "utf8")));
    return pinnedVersion(config["sovereign:platformChartVersion"]).version;
}
