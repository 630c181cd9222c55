import type { EngineSettings } from "../provision/engine.ts";
import { OperationFailure } from "../provision/failure.ts";
import { withStack } from "../provision/session.ts";
import type { RunOptions, Session } from "../provision/session.ts";
import { exportState, importState, stackStateOf } from "../provision/stackState.ts";
import type { StackState, StateResource } from "../provision/stackState.ts";
import { decide } from "./decide.ts";
import type { Finding } from "./findings.ts";
import { findingText } from "./findings.ts";
import { deleteThing } from "./hetznerDeletion.ts";
import { mendState } from "./mendState.ts";
import { removeRecord } from "./releaseRecords.ts";
import { clusterOfState, lookAround, placesOf } from "./world.ts";
import type { Places } from "./world.ts";

export interface RecoverOptions extends RunOptions {
    /** Carries the findings out. @default false: says what it would do, and touches nothing */
    readonly apply?: boolean;
    /**
     * Deletes what is the Sovereign's at Hetzner and stands for nothing in the state, instead of taking it into the state; also
     * what is protected. @default false
     */
    readonly deleteOrphans?: boolean;
}

/** What came of {@link recover}. */
export interface Recovered {
    readonly stack: string;
    readonly findings: readonly Finding[];
    readonly applied: boolean;
}

/**
 * Finds what an interrupted run left: what carries the Sovereign's label or name and is not in the state, what was begun and never
 * recorded, and Helm releases that nobody carries on with. Then, with `apply`, takes it into the state or removes it, so that
 * `provision` or `destroy` goes on from there. It may itself be interrupted, and repeated.
 *
 * @throws OperationFailure
 */
export async function recover(
    settings: EngineSettings,
    stack: string,
    options: RecoverOptions = {},
): Promise<Recovered> {
    return await withStack(settings, { stack, operation: "recover" }, options, async (session) => ({
        result: await recoverSession(session, options),
        changes: {},
    }));
}

/** {@link recover} inside an operation that holds the stack's lock. */
export async function recoverSession(
    session: Session,
    { apply = false, deleteOrphans = false }: Pick<RecoverOptions, "apply" | "deleteOrphans">,
): Promise<Recovered> {
    const { stack, signal } = session;
    const places = await placesOf(stack);
    const state = stackStateOf(await exportState(stack, "plain"));
    const around = await lookAround(places, state, signal);
    const withoutPlan = decide(state, { ...around, planned: [] }, deleteOrphans);
    // Only orphans need the plan, to find the place that they stand for.
    const planned = withoutPlan.some(({ kind }) => kind === "orphan")
        ? await plannedCreates(session)
        : [];
    const findings = decide(state, { ...around, planned }, deleteOrphans);
    for (const finding of findings)
        session.tell({ type: "finding", finding, text: findingText(finding), applied: apply });
    if (apply) await carryOut(session, places, { state, planned, findings });
    return { stack: stack.name, findings, applied: apply };
}

/** Resources and components that the program would create; none where the plan fails, since that does not depend on them. */
async function plannedCreates(session: Session): Promise<readonly StateResource[]> {
    const planned: StateResource[] = [];
    try {
        await session.once(
            (run) => session.stack.preview(run),
            ({ resourcePreEvent }) => {
                const next = resourcePreEvent?.metadata.new;
                if (resourcePreEvent?.metadata.op !== "create" || next === undefined) return;
                const { urn, type, parent, provider, inputs, custom = false } = next;
                planned.push({ urn, type, parent, provider, inputs, custom });
            },
        );
    } catch (error) {
        session.signal.throwIfAborted();
        if (error instanceof OperationFailure) throw error;
        session.tell({
            type: "message",
            severity: "warning",
            text: "the program's plan failed, so that nothing could be found the place for that was not being made",
        });
    }
    return planned;
}

/** The state comes first: its import holds the backend's lock, and so proves that no engine is at work any more. */
async function carryOut(
    session: Session,
    { hetzner }: Places,
    {
        state,
        planned,
        findings,
    }: {
        readonly state: StackState;
        readonly planned: readonly StateResource[];
        readonly findings: readonly Finding[];
    },
): Promise<void> {
    const { stack, signal } = session;
    const exported = await exportState(stack);
    await session.once(() => importState(stack, mendState(exported, findings, planned)));
    const cluster = clusterOfState(state, signal);
    for (const finding of findings) {
        if (finding.kind === "stuck-release" && cluster)
            await removeRecord(cluster.api, finding.record);
        if (finding.kind === "delete") await deleteThing(hetzner, finding.thing, signal);
    }
    const read = new Set(
        findings.flatMap((f) => (f.kind === "import" || f.kind === "repeat" ? [f.urn] : [])),
    );
    const standing = stackStateOf(await exportState(stack)).resources.flatMap(({ urn }) =>
        read.has(urn) ? [urn] : [],
    );
    if (standing.length > 0)
        await session.update((run) => stack.refresh({ ...run, target: standing }));
}
