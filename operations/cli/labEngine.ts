import { join, dirname } from "node:path";
import { z } from "zod";
import { labAddresses } from "../../lab/addresses.ts";
import { labLocation } from "../../lab/commands/session.ts";
import { STACK, devStack } from "../../lab/commands/workspace.ts";
import { LAB_PASSPHRASE } from "../../lab/credentials.ts";
import { pulumiEnvironment } from "../../lab/pulumiCli.ts";
import type { PulumiCli, PulumiWorkspace } from "../../lab/pulumiCli.ts";
import { ensureToolchain } from "../../lab/toolchain/toolchain.ts";
import type { Toolchain } from "../../lab/toolchain/toolchain.ts";
import type { EngineSettings } from "../provision/engine.ts";

const configSchema = z.record(
    z.string(),
    z.looseObject({
        value: z.string().optional(),
        objectValue: z.unknown().optional(),
        secret: z.boolean(),
    }),
);

/** A lab as the operations need it. */
export interface LabEngine {
    readonly settings: EngineSettings;
    readonly stack: string;
    /** The request that brings the lab's stack up. */
    readonly request: Readonly<Record<string, unknown>>;
}

/**
 * The engine of a lab, with the same backend as `npm start` has.
 *
 * @param directory - of the lab
 */
export function labSettings(toolchain: Toolchain, directory: string): EngineSettings {
    const workspace: PulumiWorkspace = {
        toolchain,
        directory: join(directory, "pulumi"),
        stack: STACK,
        passphrase: LAB_PASSPHRASE,
    };
    // What is not to be inherited is emptied: the Automation API passes the rest of this process' environment on.
    const { PULUMI_BACKEND_URL: backend = "", ...rest } = pulumiEnvironment(workspace);
    const environment = Object.entries(rest).map(([name, value]) => [name, value ?? ""] as const);
    return {
        work: join(directory, "operations"),
        backend,
        pulumiRoot: dirname(dirname(toolchain.pulumi.path)),
        environment: Object.fromEntries(environment),
    };
}

/** The request that comes to the config of a stack. */
export async function requestOfStack(
    cli: PulumiCli,
    stack: string,
): Promise<Record<string, unknown>> {
    const found = configSchema.parse(await cli.json(["config", "--show-secrets"]));
    const plain: Record<string, unknown> = {};
    const secrets: Record<string, unknown> = {};
    for (const [key, { value, objectValue, secret }] of Object.entries(found)) {
        // The declared default of what is not set.
        if (value === "") continue;
        (secret ? secrets : plain)[key.replace(/^sovereign:/, "")] = objectValue ?? value;
    }
    const { fqdn, domainMode, ...config } = plain;
    return { stack, sovereignFQDN: fqdn, sovereignDomainMode: domainMode, config, secrets };
}

/** The engine and the request of a lab of this clone, which has to run. */
export async function labEngine(number: number, signal: AbortSignal): Promise<LabEngine> {
    const toolchain = await ensureToolchain({ signal });
    const { instance, portOffset, directory } = await labLocation(number);
    const cli = await devStack(toolchain, {
        addresses: labAddresses(instance, portOffset),
        directory,
    });
    await cli.ensureStack();
    return {
        settings: labSettings(toolchain, directory),
        stack: STACK,
        request: await requestOfStack(cli, STACK),
    };
}
