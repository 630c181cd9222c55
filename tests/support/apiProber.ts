import { setTimeout as delay } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { httpsRequest } from "../../lab/machines/control/http.ts";

/** Milliseconds between two probes, and the time limit of one. */
const INTERVAL = 1_000;

/** Probes at most, so that a prober that nobody stops ends by itself. */
const MOST_PROBES = 900;

/** Asks whether the API behind a kubeconfig is ready, as its administrator; says why not. */
export async function probeApi(kubeconfig: string): Promise<"ready" | (string & {})> {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    const decode = (data = "") => Buffer.from(data, "base64").toString();
    const cluster = config.getCurrentCluster();
    const user = config.getCurrentUser();
    try {
        const { status, body } = await httpsRequest(`${cluster?.server}/readyz`, {
            ca: decode(cluster?.caData),
            client: { certificate: decode(user?.certData), privateKey: decode(user?.keyData) },
            timeout: INTERVAL,
        });
        return status === 200 ? "ready" : `HTTP ${status}: ${body}`;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}

/** Probes the API once a second in the background, until it is stopped or has probed for a quarter of an hour. */
export class ApiProber {
    readonly #abort = new AbortController();
    readonly #results: string[] = [];
    readonly #done: Promise<void>;

    constructor(kubeconfig: string) {
        this.#done = this.#run(kubeconfig);
    }

    async #run(kubeconfig: string): Promise<void> {
        const { signal } = this.#abort;
        while (!signal.aborted && this.#results.length < MOST_PROBES) {
            this.#results.push(await probeApi(kubeconfig));
            await delay(INTERVAL, undefined, { signal }).catch(() => undefined);
        }
    }

    /** Ends it; resolves to what each probe said, in order. */
    async stop(): Promise<readonly string[]> {
        this.#abort.abort();
        await this.#done;
        return this.#results;
    }
}

/** The longest run of probes that failed one after the other. */
export function longestOutage(results: readonly string[]): readonly string[] {
    let longest: string[] = [];
    let current: string[] = [];
    for (const result of results) {
        current = result === "ready" ? [] : [...current, result];
        if (current.length > longest.length) longest = current;
    }
    return longest;
}
