import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { EngineSettings } from "../provision/engine.ts";
import { OperationFailure } from "../provision/failure.ts";
import type { RunOptions } from "../provision/session.ts";
import { jsonLinesOn, showOn } from "./display.ts";

/** Options that every command takes. */
export interface CommonOptions {
    readonly work?: string;
    readonly backend?: string;
    readonly secretsProvider?: string;
    readonly json?: boolean;
    readonly lab?: number;
    readonly stack?: string;
    readonly request?: string;
}

/** What a command runs with. */
export interface Context {
    readonly settings: EngineSettings;
    readonly run: RunOptions;
    /** The stack that was named. @throws OperationFailure where none was */
    readonly stack: () => string;
    /** The request that was given. @throws OperationFailure where none was */
    readonly request: () => Promise<unknown>;
}

/** Where work directories are unless told otherwise: state of this user (XDG Base Directory, `XDG_STATE_HOME`). */
function defaultWork(): string {
    const state = process.env.XDG_STATE_HOME;
    return join(
        state !== undefined && isAbsolute(state) ? state : join(homedir(), ".local/state"),
        "sovereign",
    );
}

function missing(what: string, option: string): OperationFailure {
    return new OperationFailure("invalid", `no ${what} is given`, `name it with ${option}`);
}

async function readRequest(file: string | undefined): Promise<unknown> {
    if (file === undefined)
        throw missing("request", "--request <file>, or --request - for standard input");
    try {
        return JSON.parse(file === "-" ? await text(process.stdin) : await readFile(file, "utf8"));
    } catch (error) {
        throw new OperationFailure(
            "invalid",
            // Not the parser's words: they quote the text, which holds secrets.
            `the request ${file} ${error instanceof SyntaxError ? "is not JSON" : "cannot be read"}`,
            "see docs/operations.md for an example",
        );
    }
}

/** Puts together what a command runs with. A lab's engine is loaded only where one is asked for. */
export async function contextOf(options: CommonOptions, signal: AbortSignal): Promise<Context> {
    const run = {
        signal,
        onEvent: options.json === true ? jsonLinesOn(process.stdout) : showOn(process.stderr),
    };
    if (options.lab !== undefined) {
        const { labEngine } = await import("./labEngine.ts");
        const lab = await labEngine(options.lab, signal);
        return {
            settings: lab.settings,
            run,
            stack: () => options.stack ?? lab.stack,
            request: async () =>
                options.request === undefined ? lab.request : await readRequest(options.request),
        };
    }
    return {
        settings: {
            work: resolve(options.work ?? defaultWork()),
            ...(options.backend === undefined ? {} : { backend: options.backend }),
            ...(options.secretsProvider === undefined
                ? {}
                : { secretsProvider: options.secretsProvider }),
        },
        run,
        stack: () => {
            if (options.stack === undefined) throw missing("stack", "--stack <name>");
            return options.stack;
        },
        request: () => readRequest(options.request),
    };
}
