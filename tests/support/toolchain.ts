import { join } from "node:path";
import { labAddresses } from "../../lab/addresses.ts";
import { LAB_CREDENTIALS, LAB_PASSPHRASE } from "../../lab/credentials.ts";
import { composeLab } from "../../lab/lab.ts";
import type { Lab, LabOptions } from "../../lab/lab.ts";
import type { LabContext } from "../../lab/parts.ts";
import { portOffset } from "../../lab/portOffset.ts";
import { PulumiCli } from "../../lab/pulumiCli.ts";
import { writeLabStackConfig } from "../../lab/stackConfig.ts";
import { Supervisor } from "../../lab/supervisor/supervisor.ts";
import { CLONE } from "../../lab/toolchain/directories.ts";
import { ensureToolchain } from "../../lab/toolchain/toolchain.ts";
import type { Toolchain } from "../../lab/toolchain/toolchain.ts";
import { claimLabInstance } from "./labInstance.ts";

let toolchain: Promise<Toolchain> | undefined;

/** Every program of the toolchain; made on first use where it is not there, never skipped. */
export function testToolchain(): Promise<Toolchain> {
    toolchain ??= ensureToolchain({ display: process.env.CI === undefined ? "silent" : "plain" });
    return toolchain;
}

/** What a test's lab context may differ in. */
export interface TestContextOptions {
    /** Gets the lab's log. @default nothing is shown */
    readonly log?: LabContext["log"];
}

/** A context for one part or a whole lab, with a lab number and a directory of its own. */
export interface TestContext extends LabContext {
    /** Gives the number back and removes the directory. */
    release(): Promise<void>;
}

/** Claims a lab number and puts a context together; nothing runs yet. */
export async function testLabContext(options: TestContextOptions = {}): Promise<TestContext> {
    const { binaries } = await testToolchain();
    const claim = await claimLabInstance();
    return {
        addresses: labAddresses(claim.instance, await portOffset()),
        binaries,
        credentials: LAB_CREDENTIALS,
        directory: claim.directory,
        log: options.log ?? (() => undefined),
        release: () => claim.release(),
    };
}

/** A whole lab inside the test's process. */
export interface TestLab extends Lab {
    readonly context: LabContext;
    /** Stops it, gives its number back and removes its directory. */
    stop(): Promise<void>;
}

/** Starts a whole lab of its own for a test. Its processes end with the test's. */
export async function startTestLab(
    options: TestContextOptions & LabOptions = {},
): Promise<TestLab> {
    const context = await testLabContext(options);
    const lab = composeLab(context, options);
    const supervisor = new Supervisor(context, lab.parts, {
        pid: process.pid,
        clone: CLONE,
        startedAt: new Date().toISOString(),
    });
    const stop = async () => {
        await supervisor.stop();
        await context.release();
    };
    try {
        await supervisor.start();
    } catch (error) {
        await stop();
        throw error;
    }
    return { ...lab, context, stop };
}

export interface TestStackOptions {
    /** @default "dev" */
    readonly stack?: string;
    /** Config of the stack to start from. @default `Pulumi.dev.yaml` of the clone */
    readonly config?: string;
    /** Config values to set, by key without the project. */
    readonly overrides?: Readonly<Record<string, unknown>>;
    /** Directory with `Pulumi.yaml`. @default the clone */
    readonly project?: string;
    /** Added to the environment of the CLI. */
    readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The real Pulumi CLI on a fresh stack for a lab, on a file backend in the lab's directory. Call it again with other
 * overrides to change the same stack's config. Public certificates are asked for only where the overrides say so: their issuance
 * goes on for minutes after `up`.
 */
export async function testStack(
    { addresses, directory }: Pick<LabContext, "addresses" | "directory">,
    options: TestStackOptions = {},
): Promise<PulumiCli> {
    const { config = join(CLONE, "Pulumi.dev.yaml"), stack = "dev" } = options;
    const overrides = { certificateIssuer: "none", ...options.overrides };
    const pulumi = join(directory, "pulumi");
    const configFile = join(pulumi, `${stack}.yaml`);
    const { instance, portOffset: offset } = addresses;
    await writeLabStackConfig(config, configFile, { instance, portOffset: offset, overrides });
    const cli = new PulumiCli({
        toolchain: await testToolchain(),
        directory: pulumi,
        stack,
        passphrase: LAB_PASSPHRASE,
        configFile,
        ...(options.project === undefined ? {} : { project: options.project }),
        ...(options.environment === undefined ? {} : { environment: options.environment }),
    });
    await cli.ensureStack();
    return cli;
}
