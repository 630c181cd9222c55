/**
 * Reads many Sovereigns by stack reference and gives a view of the fleet. A stack that cannot be read is told with everything
 * that keeps it from being read, and keeps no other from the view.
 */
import * as pulumi from "@pulumi/pulumi";
import { OutputsError } from "../../operations/outputs/problem.ts";
import { readSovereign } from "../../operations/outputs/readSovereign.ts";
import type { ReferencedSovereign } from "../../operations/outputs/readSovereign.ts";
import { fleetMember } from "./fleet.ts";
import type { UnreadableStack } from "./fleet.ts";
import { SmtpSecretCopy } from "./smtpSecretCopy.ts";

interface ReadableStack {
    readonly stack: string;
    readonly sovereign: ReferencedSovereign;
}

async function read(stack: string): Promise<ReadableStack | UnreadableStack> {
    const reference = new pulumi.StackReference(stack);
    try {
        return { stack, sovereign: await readSovereign(reference, stack) };
    } catch (error) {
        if (!(error instanceof OutputsError)) throw error;
        await pulumi.log.warn(error.message, reference);
        return { stack, problems: error.problems };
    }
}

const config = new pulumi.Config();
const found = await Promise.all(config.requireObject<string[]>("sovereigns").map(read));
const readable = found.filter((entry) => "sovereign" in entry);

const namespaces = config.getObject<Record<string, string>>("smtpSecretNamespaces") ?? {};
const copies = readable.flatMap(({ stack, sovereign }) => {
    const namespace = namespaces[stack];
    return namespace === undefined
        ? []
        : [[stack, new SmtpSecretCopy(stack, { sovereign, namespace })] as const];
});

/** Every Sovereign that could be read. */
export const fleet = readable.map(({ stack, sovereign }) => fleetMember(stack, sovereign));

/** Every stack that could not, with all that is missing, could not be decrypted or is of another contract. */
export const unreadable = found.filter((entry) => "problems" in entry);

/** Where the submission credentials were written, `namespace/name` by stack. */
export const smtpSecrets = Object.fromEntries(
    copies.map(([stack, { secretRef }]) => [stack, secretRef]),
);
