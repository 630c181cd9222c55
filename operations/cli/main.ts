/** `npx sovereign`: the operations on one machine's command line. */
import { EngineInterrupted } from "../provision/cancellation.ts";
import { EXIT_CODES, OperationFailure } from "../provision/failure.ts";
import { sovereignCommand } from "./command.ts";

const abort = new AbortController();

function say(line: string): void {
    process.stderr.write(`${line}\n`);
}

/** Milliseconds in which npx and the terminal may both deliver one Ctrl-C. */
const SAME_KEYSTROKE = 500;

process.once("SIGINT", () => {
    const first = Date.now();
    say("\nstopping: what is begun is finished and recorded; a second Ctrl-C ends at once");
    abort.abort(process.stdin.isTTY ? new EngineInterrupted() : undefined);
    process.on("SIGINT", () => {
        if (Date.now() - first > SAME_KEYSTROKE) process.exit(EXIT_CODES.cancelled);
    });
});
for (const signal of ["SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
        abort.abort();
    });

/** An error as a person reads it: without a stack where what to do is known. */
function explain(error: unknown): string {
    if (error instanceof OperationFailure)
        return `error: ${error.message}\n  what to do: ${error.remedy}`;
    return `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

try {
    await sovereignCommand(abort.signal).parseAsync();
} catch (error) {
    say(explain(error));
    process.exitCode =
        error instanceof OperationFailure ? EXIT_CODES[error.kind] : EXIT_CODES.failed;
}
