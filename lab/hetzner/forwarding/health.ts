import { setTimeout as delay } from "node:timers/promises";
import type { HealthCheck } from "../state/model.ts";
import { probe } from "./probe.ts";
import type { Endpoint } from "./relay.ts";

export type HealthStatus = "healthy" | "unhealthy" | "unknown";

/** A member of a service that is to be checked. */
export interface Checked {
    readonly balancer: number;
    readonly listenPort: number;
    readonly member: string;
    /** The check as it is now, with its endpoint where the member can be reached; undefined when the service is gone. */
    readonly current: () =>
        { readonly check: HealthCheck; readonly endpoint: Endpoint | undefined } | undefined;
}

interface Watch {
    readonly abort: AbortController;
    readonly done: Promise<void>;
    status: HealthStatus;
}

function keyOf(balancer: number, listenPort: number, member: string): string {
    return `${balancer}/${listenPort}/${member}`;
}

/**
 * Checks members of services again and again: healthy after one good answer, unhealthy after as many bad ones in a row as the service
 * has retries, unknown before either.
 */
export class TargetHealth {
    readonly #scale: number;
    readonly #watches = new Map<string, Watch>();

    /** `scale` is the factor on the checks' intervals. */
    constructor(scale: number) {
        this.#scale = scale;
    }

    status(balancer: number, listenPort: number, member: string): HealthStatus {
        return this.#watches.get(keyOf(balancer, listenPort, member))?.status ?? "unknown";
    }

    /** Begins what is new and ends what is gone. */
    watch(wanted: readonly Checked[]): void {
        const keys = new Set<string>();
        for (const checked of wanted) {
            const key = keyOf(checked.balancer, checked.listenPort, checked.member);
            keys.add(key);
            if (!this.#watches.has(key)) this.#begin(key, checked);
        }
        for (const [key, watch] of this.#watches)
            if (!keys.has(key)) {
                watch.abort.abort();
                this.#watches.delete(key);
            }
    }

    async stop(): Promise<void> {
        const running = [...this.#watches.values()].map((watch) => watch.done);
        this.watch([]);
        await Promise.all(running);
    }

    #begin(key: string, checked: Checked): void {
        const abort = new AbortController();
        const watch: Watch = {
            abort,
            status: "unknown",
            done: this.#loop(checked, abort.signal, (status) => {
                watch.status = status;
            }),
        };
        this.#watches.set(key, watch);
    }

    async #loop(
        checked: Checked,
        signal: AbortSignal,
        report: (status: HealthStatus) => void,
    ): Promise<void> {
        let failures = 0;
        // The first check waits for a turn of the event loop, when the watch exists.
        await delay(0);
        while (!signal.aborted) {
            const current = checked.current();
            if (current === undefined) return;
            const { check, endpoint } = current;
            const good = endpoint !== undefined && (await probe(endpoint, check));
            failures = good ? 0 : failures + 1;
            if (good) report("healthy");
            else if (failures >= check.retries) report("unhealthy");
            await delay(check.interval * 1000 * this.#scale, undefined, { signal }).catch(
                () => undefined,
            );
        }
    }
}
