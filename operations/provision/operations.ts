import { automation } from "@pulumi/pulumi";
import type { StackOutputs } from "../outputs/contract.ts";
import { OutputsError } from "../outputs/problem.ts";
import { readSovereign } from "../outputs/readSovereign.ts";
import { recoverSession } from "../recover/recover.ts";
import { checkRequest } from "./checkRequest.ts";
import { openStack, stackFile } from "./engine.ts";
import type { EngineSettings } from "./engine.ts";
import { OperationFailure } from "./failure.ts";
import { liftProtection } from "./liftProtection.ts";
import { PlannedSteps } from "./progress.ts";
import { protectedStack } from "./protectedStack.ts";
import { refuseProtected } from "./protection.ts";
import { withStack } from "./session.ts";
import type { Changes, RunOptions, Session } from "./session.ts";
import { writeStackConfig } from "./stackFiles.ts";
import { pendingOperations } from "./stackState.ts";

/** What came of {@link provision}. */
export interface Provisioned {
    readonly stack: string;
    readonly changes: Changes;
    readonly outputs: StackOutputs;
}

/** What {@link preview} would change. */
export interface Previewed {
    readonly stack: string;
    readonly changes: Changes;
    /** URNs by what would be done. */
    readonly steps: readonly { readonly op: string; readonly urn: string }[];
}

export interface ProvisionOptions extends RunOptions {
    /**
     * Takes into the state first what an interrupted run made, as `recover` with `apply` does; never deletes anything but stuck
     * records of Helm. @default false: an interrupted stack is refused
     */
    readonly recover?: boolean;
}

/**
 * Brings a Sovereign up, or to what the request says. Repeating it changes nothing; after a crash it goes on where it
 * stopped, once it is recovered.
 *
 * @param request - checked as a whole before anything is touched; see `request.ts`
 * @throws OperationFailure `invalid`, `locked`, `unrecovered`, `failed` or `cancelled`
 */
export async function provision(
    settings: EngineSettings,
    request: unknown,
    options: ProvisionOptions = {},
): Promise<Provisioned> {
    const checked = checkRequest(request);
    const { stack } = checked;
    return await withStack(
        settings,
        { stack, operation: "provision", create: true },
        options,
        async (session) => {
            const interrupted = (await pendingOperations(session.stack)).length > 0;
            // With the config in place, since it tells where to look.
            if (!interrupted || options.recover === true)
                await writeStackConfig(session.stack, stackFile(settings, stack), checked.config);
            if (interrupted && options.recover === true)
                await recoverSession(session, { apply: true });
            await refuseUnrecovered(session);
            const planned = await plan(session);
            const changes = await session.update((run) => session.stack.up(run), planned.counts);
            return { result: { stack, changes, outputs: await read(session.stack) }, changes };
        },
    );
}

/** Says what {@link provision} would do with a request; touches nothing but the stack's own config. */
export async function preview(
    settings: EngineSettings,
    request: unknown,
    options: RunOptions = {},
): Promise<Previewed> {
    const checked = checkRequest(request);
    const { stack } = checked;
    return await withStack(
        settings,
        { stack, operation: "preview", create: true },
        options,
        async (session) => {
            await writeStackConfig(session.stack, stackFile(settings, stack), checked.config);
            const { steps } = await plan(session);
            const changes: Partial<Record<string, number>> = {};
            for (const { op } of steps) changes[op] = (changes[op] ?? 0) + 1;
            return {
                result: { stack, changes, steps: steps.map(({ op, urn }) => ({ op, urn })) },
                changes,
            };
        },
    );
}

/** Takes into the state what became of the stack's resources behind its back; changes none of them. */
export async function refresh(
    settings: EngineSettings,
    stack: string,
    options: RunOptions = {},
): Promise<Changes> {
    return await withStack(settings, { stack, operation: "refresh" }, options, async (session) => {
        const changes = await session.update((run) => session.stack.refresh(run));
        return { result: changes, changes };
    });
}

export interface DestroyOptions extends RunOptions {
    /** Also destroys what is protected at Pulumi and at Hetzner. @default false */
    readonly includeProtected?: boolean;
}

/** Destroys everything of a stack; the stack itself stays, empty. */
export async function destroy(
    settings: EngineSettings,
    stack: string,
    options: DestroyOptions = {},
): Promise<Changes> {
    return await withStack(settings, { stack, operation: "destroy" }, options, async (session) => {
        await refuseUnrecovered(session);
        if (options.includeProtected === true)
            await liftProtection(protectedStack(session), session.signal);
        else await refuseProtected(session.stack);
        const changes = await session.update((run) => session.stack.destroy(run));
        return { result: changes, changes };
    });
}

/**
 * A stack's outputs, checked, secrets in plain. Takes no lock.
 *
 * @throws OperationFailure `outputs`
 */
export async function outputs(settings: EngineSettings, stack: string): Promise<StackOutputs> {
    return await read(await openStack(settings, stack, false));
}

async function read(stack: automation.Stack): Promise<StackOutputs> {
    try {
        return await readSovereign(await stack.outputs(), stack.name);
    } catch (error) {
        if (!(error instanceof OutputsError)) throw error;
        throw new OperationFailure(
            "outputs",
            error.message,
            "npx sovereign provision, then repeat",
            {
                cause: error,
            },
        );
    }
}

/** What an update would do. */
async function plan(session: Session): Promise<PlannedSteps> {
    const steps = new PlannedSteps();
    const failures: string[] = [];
    try {
        await session.once(
            (run) => session.stack.preview(run),
            (event) => {
                steps.take(event);
                if (event.diagnosticEvent?.severity === "error")
                    failures.push(event.diagnosticEvent.message.replaceAll(/<\{%[^%]*%\}>/g, ""));
            },
        );
    } catch (error) {
        if (session.signal.aborted || error instanceof OperationFailure) throw error;
        throw new OperationFailure(
            "failed",
            failures.join("\n").trim() || (error instanceof Error ? error.message : String(error)),
            "nothing was changed; mend what the messages name, and repeat the command",
            { cause: error },
        );
    }
    return steps;
}

/** After a crash it has to be known first what exists: a second server of the same name cannot be made, a second zone must not. */
async function refuseUnrecovered({ stack }: Session): Promise<void> {
    const pending = await pendingOperations(stack);
    if (pending.length === 0) return;
    throw new OperationFailure(
        "unrecovered",
        [
            `an interrupted run began ${pending.length} operations whose end is not known:`,
            ...pending.map(({ type, resource }) => `  ${type} ${resource.urn}`),
        ].join("\n"),
        `npx sovereign recover --stack ${stack.name}`,
    );
}
