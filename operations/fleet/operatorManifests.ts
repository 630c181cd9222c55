import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { stringify } from "yaml";
import { InvalidFleetMember, operatorObjects } from "./operatorObjects.ts";
import type { FleetMember } from "./operatorObjects.ts";
import { stackConfiguration, UnusableConfiguration } from "./stackConfiguration.ts";

interface Flags {
    readonly file: string;
    readonly image: string;
    readonly backend: string;
    readonly secretsProvider: string;
    readonly driftSeconds: number;
    readonly maxBackoffSeconds: number;
    readonly destroyOnFinalize: boolean;
}

/** The operator polls no faster than once a minute. */
const SHORTEST_SECONDS = 60;

/**
 * `npm run --silent operator:manifests -- --file Pulumi.omantel.yaml --image … --backend …`: one Sovereign's objects for the Pulumi
 * Kubernetes Operator, as YAML on standard output. Reads the stack's file and nothing else; decrypts nothing.
 *
 * @returns 0, or 2 when an argument or the stack's file cannot be used
 */
export async function operatorManifests(rest: readonly string[]): Promise<number> {
    const command = manifestsCommand();
    try {
        command.parse(rest, { from: "user" });
        const { file, ...flags } = command.opts<Flags>();
        const member: FleetMember = {
            ...flags,
            stack: stackNameOf(file),
            configuration: stackConfiguration(await readFile(file, "utf8"), basename(file)),
        };
        process.stdout.write(manifests(member));
        return 0;
    } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
        if (!isExpected(error)) throw error;
        process.stderr.write(`error: ${error.message}\n`);
        return 2;
    }
}

/** One Sovereign's objects as YAML documents. Pure. */
export function manifests(member: FleetMember): string {
    return operatorObjects(member)
        .map((object) => stringify(object, { lineWidth: 0 }))
        .join("---\n");
}

/** `omantel` of `…/Pulumi.omantel.yaml`. */
function stackNameOf(file: string): string {
    const name = /^Pulumi\.(.+)\.yaml$/.exec(basename(file))?.[1];
    if (name === undefined)
        throw new UnusableConfiguration(
            `--file ${file}: expected a stack file, Pulumi.<stack>.yaml`,
        );
    return name;
}

function isExpected(error: unknown): error is Error {
    return (
        error instanceof UnusableConfiguration ||
        error instanceof InvalidFleetMember ||
        (error instanceof Error && "code" in error && error.code === "ENOENT")
    );
}

function manifestsCommand(): Command {
    return new Command("operator:manifests")
        .description("print one Sovereign's objects for the Pulumi Kubernetes Operator")
        .requiredOption("--file <path>", "the stack's file, Pulumi.<stack>.yaml")
        .requiredOption("--image <image>", "image of deploy/operator/Containerfile, by digest")
        .requiredOption("--backend <url>", "where the state is kept: s3://…, postgres://…")
        .requiredOption("--secrets-provider <name>", "passphrase, or for example hashivault://key")
        .option("--drift-seconds <number>", "seconds between looks for drift", seconds, 3600)
        .option("--max-backoff-seconds <number>", "longest pause between tries", seconds, 3600)
        .option("--destroy-on-finalize", "deleting the Stack object destroys the Sovereign", false)
        .exitOverride();
}

function seconds(text: string): number {
    const number = Number(text);
    if (!Number.isInteger(number) || number < SHORTEST_SECONDS)
        throw new InvalidArgumentError(`expected whole seconds, at least ${SHORTEST_SECONDS}.`);
    return number;
}
