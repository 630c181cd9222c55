import type { automation } from "@pulumi/pulumi";
import type { ProgressDetail, ResourceAction } from "./events.ts";
import { PHASES, phaseOf } from "./phases.ts";
import type { Phase } from "./phases.ts";

/** Steps of the engine that change something, in plain words. */
const ACTIONS: Readonly<Partial<Record<string, ResourceAction>>> = {
    create: "create",
    "create-replacement": "replace",
    update: "update",
    delete: "delete",
    "delete-replaced": "delete",
    read: "read",
    "read-replacement": "read",
    import: "import",
    refresh: "read",
};

/** What is passed on. Not `debug`: the SDK writes there what resources are made of, secrets in plain. */
const SEVERITIES: Readonly<Partial<Record<string, "info" | "warning" | "error">>> = {
    info: "info",
    "info#err": "info",
    warning: "warning",
    error: "error",
};

/** Resources done before the pace says anything. */
const PACE_FROM = 5;

/** The last name of a URN. */
function nameOf(urn: string): string {
    return urn.split("::").slice(3).join("::");
}

/** A message without the marks that the engine puts where colours begin and end. */
function plainText(message: string): string {
    return message.replaceAll(/<\{%[^%]*%\}>/g, "").trimEnd();
}

interface Tally {
    running: number;
    done: number;
}

/** Turns the engine's events into progress. Keeps counts; the clock is given. */
export class Progress {
    readonly #emit: (event: ProgressDetail) => void;
    readonly #now: () => number;
    readonly #begun: number;
    readonly #planned: ReadonlyMap<Phase, number> | undefined;
    readonly #tallies = new Map<Phase, Tally>(
        PHASES.map((phase) => [phase, { running: 0, done: 0 }]),
    );
    readonly #failures: string[] = [];
    readonly #changes: Partial<Record<string, number>> = {};
    #done = 0;

    /**
     * @param planned - how many steps each phase will have; undefined where nobody knows
     * @param now - milliseconds
     */
    constructor(
        emit: (event: ProgressDetail) => void,
        planned?: ReadonlyMap<Phase, number>,
        now: () => number = Date.now,
    ) {
        this.#emit = emit;
        this.#planned = planned;
        this.#now = now;
        this.#begun = now();
    }

    /** Messages of severity error so far. */
    get failures(): readonly string[] {
        return this.#failures;
    }

    /** Steps done so far, by what they did. */
    get changes(): Readonly<Partial<Record<string, number>>> {
        return this.#changes;
    }

    get total(): number | undefined {
        return this.#planned && [...this.#planned.values()].reduce((sum, n) => sum + n, 0);
    }

    /** Takes an event of the engine. */
    take(event: automation.EngineEvent): void {
        if (event.resourcePreEvent) this.#step(event.resourcePreEvent.metadata, "running");
        else if (event.resOutputsEvent) this.#step(event.resOutputsEvent.metadata, "done");
        else if (event.resOpFailedEvent) this.#step(event.resOpFailedEvent.metadata, "failed");
        else if (event.diagnosticEvent) this.#message(event.diagnosticEvent);
    }

    #step(metadata: automation.StepEventMetadata, state: "running" | "done" | "failed"): void {
        const { urn, type } = metadata;
        const action = ACTIONS[metadata.op];
        if (action === undefined) return;
        const phase = phaseOf(urn);
        const tally = this.#tallies.get(phase) ?? { running: 0, done: 0 };
        if (state === "running") {
            if (tally.running === 0 && tally.done === 0) this.#phase(phase, "running");
            tally.running++;
        } else {
            tally.running = Math.max(0, tally.running - 1);
            if (state === "done") {
                tally.done++;
                this.#done++;
                this.#changes[action] = (this.#changes[action] ?? 0) + 1;
            }
        }
        this.#emit({
            type: "resource",
            phase,
            urn,
            resourceType: type,
            name: nameOf(urn),
            action,
            state,
            count: { done: this.#done, total: this.total },
            secondsLeft: this.#secondsLeft(),
        });
        if (tally.done === this.#planned?.get(phase) && state === "done")
            this.#phase(phase, "done");
    }

    #phase(phase: Phase, state: "running" | "done"): void {
        const done = this.#tallies.get(phase)?.done ?? 0;
        this.#emit({
            type: "phase",
            phase,
            state,
            count: { done, total: this.#planned?.get(phase) },
        });
    }

    #message(diagnostic: automation.DiagnosticEvent): void {
        const severity = SEVERITIES[diagnostic.severity];
        const text = plainText(diagnostic.message);
        if (severity === undefined || text === "" || diagnostic.ephemeral === true) return;
        if (severity === "error") this.#failures.push(text);
        this.#emit({
            type: "message",
            severity,
            ...(diagnostic.urn === undefined || diagnostic.urn === ""
                ? {}
                : { urn: diagnostic.urn }),
            text,
        });
    }

    #secondsLeft(): number | undefined {
        if (this.total === undefined || this.#done < PACE_FROM) return undefined;
        const pace = (this.#now() - this.#begun) / this.#done;
        return Math.round((Math.max(0, this.total - this.#done) * pace) / 1000);
    }
}

/** How many steps each phase of a preview has. */
export class PlannedSteps {
    readonly counts = new Map<Phase, number>();
    /** The engine's steps, for what else is asked of a plan. */
    readonly steps: automation.StepEventMetadata[] = [];

    /** Takes an event of the preview. */
    take(event: automation.EngineEvent): void {
        const metadata = event.resourcePreEvent?.metadata;
        if (metadata === undefined || ACTIONS[metadata.op] === undefined) return;
        const phase = phaseOf(metadata.urn);
        this.counts.set(phase, (this.counts.get(phase) ?? 0) + 1);
        this.steps.push(metadata);
    }
}
