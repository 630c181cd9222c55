import { Command, InvalidArgumentError } from "commander";
import { MAX_INSTANCE } from "../addresses.ts";
import { SetupError } from "../toolchain/setupError.ts";
import { say } from "./session.ts";
import type { CommandOptions } from "./session.ts";

/** A command: gets the common options and what is left of the line; resolves to the exit code. */
type Run = (options: CommandOptions, rest: readonly string[]) => Promise<number>;

interface Entry {
    readonly name: string;
    readonly description: string;
    /** Its module, loaded only when it is called, so that each command starts fast. */
    readonly load: () => Promise<Run>;
    /** Whether `--help` is for the command itself. @default false */
    readonly ownHelp?: true;
}

const ENTRIES: readonly Entry[] = [
    {
        name: "start",
        description: "set up, start the lab, pulumi up, and show what now exists",
        load: async () => (await import("./start.ts")).start,
    },
    {
        name: "preview",
        description:
            "pulumi preview (--set <key>=<value>: with other config); further flags go to pulumi",
        load: async () => (await import("./pulumi.ts")).preview,
    },
    {
        name: "up",
        description: "pulumi up; further flags go to pulumi",
        load: async () => (await import("./pulumi.ts")).up,
    },
    {
        name: "refresh",
        description: "pulumi refresh; further flags go to pulumi",
        load: async () => (await import("./pulumi.ts")).refresh,
    },
    {
        name: "outputs",
        description: "pulumi stack output --json; further flags go to pulumi",
        load: async () => (await import("./pulumi.ts")).outputs,
    },
    {
        name: "down",
        description:
            "pulumi destroy (--include-protected: everything), then prove that nothing is left",
        load: async () => (await import("./down.ts")).down,
    },
    {
        name: "report",
        description:
            "a reviewer's report of a preview: what is destroyed, which risks it has, what it costs (--help)",
        ownHelp: true,
        load: async () => (await import("./report.ts")).report,
    },
    {
        name: "github",
        description: "put a report on GitHub, from a job of a workflow (--help)",
        ownHelp: true,
        load: async () => {
            const { toGitHub } = await import("../../operations/github/command.ts");
            return (_options, rest) => toGitHub(rest);
        },
    },
    {
        name: "prices:refresh",
        description: "write Hetzner's present prices into the price list of the report (--help)",
        ownHelp: true,
        load: async () => {
            const { refreshPrices } = await import("../../operations/cost/command.ts");
            return ({ signal }, rest) => refreshPrices(rest, signal);
        },
    },
    {
        name: "dkim:rotate",
        description:
            "a DKIM rotation on the lab's stack, step by step (--ttl, --lifetime: seconds to wait)",
        load: async () => (await import("./dkimRotate.ts")).dkimRotate,
    },
    {
        name: "doctor",
        description:
            "examine the mail of the lab's Sovereign, or of --stack <name>; --json for machines",
        load: async () => (await import("./doctor.ts")).doctor,
    },
    {
        name: "bootstrap:audit",
        description:
            "print the prerequisites and compare the stack with them, or a bootstrap kit with what is expected of it",
        load: async () => (await import("./bootstrapKit.ts")).bootstrapAudit,
    },
    {
        name: "bootstrap:slot",
        description:
            "print slot 95 (mail server) or 13 (platform) for a bootstrap kit that Flux runs",
        load: async () => (await import("./bootstrapKit.ts")).bootstrapSlot,
    },
    {
        name: "operator:manifests",
        description: "print one Sovereign's objects for the Pulumi Kubernetes Operator",
        load: async () => {
            const { operatorManifests } =
                await import("../../operations/fleet/operatorManifests.ts");
            return (_options, rest) => operatorManifests(rest);
        },
    },
    {
        name: "lab:start",
        description: "start the lab alone",
        load: async () => (await import("./labStart.ts")).labStart,
    },
    {
        name: "lab:status",
        description: "show the lab and where every program came from (--json)",
        load: async () => (await import("./labStatus.ts")).labStatus,
    },
    {
        name: "lab:stop",
        description: "stop the lab; its state is kept",
        load: async () => (await import("./labStop.ts")).labStop,
    },
    {
        name: "test",
        description: "run every tier of the tests, or those that are named",
        load: async () => (await import("./test.ts")).test,
    },
    {
        name: "golden",
        description: "write the golden plans anew",
        load: async () => (await import("./golden.ts")).golden,
    },
    {
        name: "fix",
        description: "let lint and format mend what they can",
        load: async () => (await import("./checks.ts")).fix,
    },
    {
        name: "bench",
        description: "measure preview, no-op up and up in the lab",
        load: async () => (await import("../../bench/bench.ts")).bench,
    },
    {
        name: "bench:rotation",
        description: "measure how long submissions are refused while the password is rotated",
        load: async () => (await import("../../bench/passwordRotation.ts")).benchRotation,
    },
    {
        name: "bench:dns",
        description: "measure batched record sets beside one PATCH for each",
        load: async () => (await import("../../bench/dns.ts")).benchDns,
    },
    {
        name: "bench:fleet",
        description: "measure eight Sovereigns brought up at once (or as many as are named)",
        load: async () => (await import("../../bench/fleet.ts")).benchFleet,
    },
];

const abort = new AbortController();

function onSignals(): void {
    process.once("SIGINT", () => {
        say("\nstopping; a second Ctrl-C ends at once");
        abort.abort(new SetupError("interrupted", "repeat the command to go on where it stopped"));
        process.once("SIGINT", () => process.exit(130));
    });
    for (const signal of ["SIGTERM", "SIGHUP"] as const)
        process.once(signal, () => {
            abort.abort(new SetupError(`ended by ${signal}`, "repeat the command to go on"));
        });
}

function labNumber(text: string): number {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number > MAX_INSTANCE)
        throw new InvalidArgumentError(`a lab's number is 0 to ${MAX_INSTANCE}.`);
    return number;
}

const program = new Command("sovereign")
    .description("Brings a whole Sovereign up in the lab, and looks after it")
    .helpCommand(false);
for (const { name, description, load, ownHelp } of ENTRIES)
    program
        .command(name)
        .helpOption(ownHelp === true ? false : undefined)
        .description(description)
        .option("--lab <number>", "number of the lab", labNumber, 0)
        .argument("[rest...]")
        .allowUnknownOption()
        .action(async (rest: string[], { lab }: { lab: number }) => {
            const run = await load();
            process.exitCode = await run({ lab, signal: abort.signal }, rest);
        });

/** An error as a person should read it: without a stack where what to do is known. */
function explain(error: unknown): string {
    if (error instanceof SetupError)
        return `error: ${error.message}\n  what to do: ${error.remedy}`;
    return `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

onSignals();
try {
    await program.parseAsync();
} catch (error) {
    const reason: unknown = abort.signal.aborted ? abort.signal.reason : error;
    say(`\n${explain(reason)}`);
    process.exitCode = abort.signal.aborted ? 130 : 1;
}
