import assert from "node:assert/strict";
import { z } from "zod";
import type { LabOptions } from "../../lab/lab.ts";
import type { PulumiCli, PulumiResult } from "../../lab/pulumiCli.ts";
import { startTestLab, testStack } from "../support/toolchain.ts";
import type { TestLab } from "../support/toolchain.ts";

/** The Sovereign of `Pulumi.dev.yaml`. */
export const FQDN = "omantel.example";

/** Milliseconds for one run of the engine over the whole stack, the toolchain being there. */
export const WHOLE_STACK = 600_000;

/** A lab and the `dev` stack on it, with nothing in it yet. */
export interface SovereignLab {
    readonly lab: TestLab;
    readonly stack: PulumiCli;
}

/** Starts a lab of its own for a test, and makes the stack. */
export async function startSovereignLab(
    overrides: Readonly<Record<string, unknown>> = {},
    options: LabOptions = {},
): Promise<SovereignLab> {
    const lab = await startTestLab(options);
    try {
        return { lab, stack: await sovereignStack(lab, overrides) };
    } catch (error) {
        await lab.stop();
        throw error;
    }
}

/** The `dev` stack on a lab, with some of its configuration changed. */
export async function sovereignStack(
    { context }: Pick<TestLab, "context">,
    overrides: Readonly<Record<string, unknown>> = {},
): Promise<PulumiCli> {
    // The CLI hides `--event-log` otherwise.
    return await testStack(context, { overrides, environment: { PULUMI_DEBUG_COMMANDS: "true" } });
}

/** Runs a command of the CLI that has to end with exit code 0; what it printed is the error message otherwise. */
export async function succeeds(stack: PulumiCli, ...args: string[]): Promise<PulumiResult> {
    const result = await stack.run(args);
    assert.equal(
        result.exitCode,
        0,
        `pulumi ${args.join(" ")}\n${result.stdout}\n${result.stderr}`,
    );
    return result;
}

/** Brings the whole stack up. */
export async function up(stack: PulumiCli): Promise<void> {
    await succeeds(stack, "up", "--yes", "--skip-preview", "--suppress-outputs");
}

const recordSet = z.object({
    name: z.string(),
    type: z.string(),
    ttl: z.number(),
    records: z.array(z.string()),
});

const outputsSchema = z.looseObject({
    schemaVersion: z.int(),
    schemaRevision: z.int(),
    serverIds: z.record(z.string(), z.string()),
    stalwartReleaseStatus: z.string(),
    catalystReleaseStatus: z.string(),
    cloud: z.looseObject({
        loadBalancerIpv4: z.string(),
        loadBalancerIpv6: z.string().nullable().default(null),
        nodeIpv4: z.record(z.string(), z.string()),
        ptrRecords: z.array(z.object({ ip: z.string(), name: z.string() })),
    }),
    cluster: z.looseObject({ kubeconfig: z.string(), uid: z.string(), epoch: z.number() }),
    dns: z.looseObject({
        nameServers: z.array(z.string()),
        dsRecords: z.array(z.string()),
        records: z.array(recordSet),
        furtherZones: z.array(
            z.looseObject({
                zone: z.string(),
                nameServers: z.array(z.string()),
                dsRecords: z.array(z.string()),
            }),
        ),
    }),
    dnsRecords: z.array(recordSet),
    mail: z.looseObject({
        host: z.string(),
        mxHost: z.string(),
        egressIpv4: z.array(z.string()),
        authorityCertificate: z.string(),
    }),
    smtp: z.looseObject({
        host: z.string(),
        port: z.string(),
        from: z.string(),
        user: z.string(),
        password: z.string(),
    }),
});

/** What the tests read of the stack's outputs, secrets in plain. */
export type Outputs = z.infer<typeof outputsSchema>;

/** Reads the stack's outputs as its readers do. */
export async function readOutputs(stack: PulumiCli): Promise<Outputs> {
    return outputsSchema.parse(await stack.json(["stack", "output", "--show-secrets"]));
}
