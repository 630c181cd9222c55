import { Command, InvalidArgumentError } from "commander";
import { checkRequest } from "../provision/checkRequest.ts";
import { EXIT_CODES } from "../provision/failure.ts";
import { workDirectory } from "../provision/engine.ts";
import { holderText } from "../provision/holder.ts";
import { Journal } from "../provision/journal.ts";
import { lockHolder } from "../provision/lock.ts";
import { destroy, outputs, preview, provision, refresh } from "../provision/operations.ts";
import { recover } from "../recover/recover.ts";
import { contextOf } from "./context.ts";
import type { CommonOptions, Context } from "./context.ts";
import { masked } from "./masked.ts";

function print(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value, undefined, 4)}\n`);
}

/** Events are the result where JSON was asked for. */
function printUnless(json: boolean | undefined, value: unknown): void {
    if (json !== true) print(value);
}

function labNumber(text: string): number {
    if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError("a lab's number is 0 to 63.");
    return Number(text);
}

const EXIT_CODE_HELP = `
Exit codes: 0 done · ${EXIT_CODES.failed} failed · ${EXIT_CODES.invalid} request or command line not valid · ${EXIT_CODES.locked} stack in use · ${EXIT_CODES.unrecovered} run recover first · ${EXIT_CODES.outputs} outputs missing or unreadable · ${EXIT_CODES.cancelled} ended by a signal
Progress goes to standard error, the result as JSON to standard output; with --json every event, one a line, to standard output.`;

type Action<O extends CommonOptions> = (context: Context, options: O) => Promise<void>;

/** The command line as a tree of commands; `signal` ends what runs. */
export function sovereignCommand(signal: AbortSignal): Command {
    const program = new Command("sovereign")
        .description("Brings Sovereigns up without a person beside them, and looks after them")
        .addHelpText("after", EXIT_CODE_HELP)
        .showHelpAfterError()
        .exitOverride((error) => {
            // Commander ends with 1 what is not valid; here that is a failed operation.
            process.exit(error.exitCode === 0 ? 0 : EXIT_CODES.invalid);
        });

    const add = <O extends CommonOptions>(
        name: string,
        description: string,
        action: Action<O>,
        declare: (command: Command) => Command = (command) => command,
    ) => {
        const command = program
            .command(name)
            .description(description)
            .option("--work <directory>", "where each stack has its work directory")
            .option("--backend <url>", "where states are kept (file://, s3://, postgres://)")
            .option(
                "--secrets-provider <provider>",
                "of stacks that are made (passphrase, hashivault://…)",
            )
            .option("--lab <number>", "the stack of a running lab", labNumber)
            .option("--json", "every event as a line of JSON on standard output");
        declare(command)
            .addHelpText("after", EXIT_CODE_HELP)
            .copyInheritedSettings(program)
            .action(async (options: O) => {
                await action(await contextOf(options, signal), options);
            });
    };
    const withRequest = (command: Command) =>
        command.option("--request <file>", "the request, JSON; - is standard input");
    const withStack = (command: Command) => command.option("--stack <name>", "the stack");

    add(
        "check",
        "check a request as a whole; touches nothing",
        async ({ request }) => {
            const { stack, fqdn } = checkRequest(await request());
            print({ stack, fqdn, valid: true });
        },
        withRequest,
    );
    add(
        "preview",
        "say what provision would do",
        async ({ settings, request, run }, { json }) => {
            printUnless(json, await preview(settings, await request(), run));
        },
        withRequest,
    );
    add<CommonOptions & { recover?: boolean }>(
        "provision",
        "bring a Sovereign up, or to what the request says",
        async ({ settings, request, run }, { json, recover: recovers = false }) => {
            const {
                stack,
                changes,
                outputs: found,
            } = await provision(settings, await request(), { ...run, recover: recovers });
            printUnless(json, { stack, changes, outputs: masked(found) });
        },
        (command) =>
            withRequest(command).option(
                "--recover",
                "take into the state first what an interrupted run made",
            ),
    );
    add(
        "refresh",
        "take into the state what changed behind its back",
        async ({ settings, stack, run }, { json }) => {
            printUnless(json, { stack: stack(), changes: await refresh(settings, stack(), run) });
        },
        withStack,
    );
    add<CommonOptions & { includeProtected?: boolean }>(
        "destroy",
        "destroy everything of a stack",
        async ({ settings, stack, run }, { json, includeProtected = false }) => {
            const changes = await destroy(settings, stack(), { ...run, includeProtected });
            printUnless(json, { stack: stack(), changes });
        },
        (command) =>
            withStack(command).option(
                "--include-protected",
                "also what is protected from deletion",
            ),
    );
    add<CommonOptions & { apply?: boolean; deleteOrphans?: boolean }>(
        "recover",
        "find what an interrupted run left, and take it into the state or delete it",
        async ({ settings, stack, run }, { json, apply = false, deleteOrphans = false }) => {
            printUnless(json, await recover(settings, stack(), { ...run, apply, deleteOrphans }));
        },
        (command) =>
            withStack(command)
                .option("--apply", "do it; without this it is only told")
                .option(
                    "--delete-orphans",
                    "delete what stands for nothing in the state instead of taking it in",
                ),
    );
    add<CommonOptions & { showSecrets?: boolean }>(
        "outputs",
        "print a stack's outputs, checked",
        async ({ settings, stack }, { showSecrets = false }) => {
            const found = await outputs(settings, stack());
            print(showSecrets ? found : masked(found));
        },
        (command) => withStack(command).option("--show-secrets", "secrets in plain"),
    );
    add(
        "status",
        "say who works on a stack, and how far it is",
        async ({ settings, stack }) => {
            const directory = workDirectory(settings, stack());
            const holder = await lockHolder(directory);
            print({
                stack: stack(),
                holder: holder === undefined ? null : holderText(holder),
                lastEvent: (await new Journal(directory).last()) ?? null,
            });
        },
        withStack,
    );
    return program;
}
