import type { V1Pod } from "@kubernetes/client-node";
import type { PodView, WorkloadStandIn } from "../../parts.ts";
import { describe, statusOf, type ClusterClient } from "./client.ts";
import { findMount, listMounted, readMounted } from "./mounts.ts";
import { podHindrances, type PodHindrance } from "./podChecks.ts";
import {
    reportCompleted,
    reportFailed,
    reportWaiting,
    restartsOf,
    waitingFor,
    warn,
} from "./podStatus.ts";
import type { NodeProgram, ProgramContext } from "./programs.ts";
import type { ReferenceReader } from "./references.ts";

/** Milliseconds between two looks at a Pod that something holds up. */
const RETRY = 1_000;
/** First wait after a crash and the longest; kubelet's are 10 s and 5 min, shortened for people who wait. */
const CRASH_BACKOFF = { first: 1_000, longest: 30_000 } as const;

export interface PodWorkerOptions {
    readonly client: ClusterClient;
    readonly reader: ReferenceReader;
    readonly programContext: Omit<ProgramContext, "pod">;
    readonly programs: readonly NodeProgram[];
    readonly standIns: readonly WorkloadStandIn[];
    readonly privateImages: readonly string[];
}

function isReady(pod: V1Pod): boolean {
    return (pod.status?.conditions ?? []).some((c) => c.type === "Ready" && c.status === "True");
}

/** Runs one Pod on a machine: checks what it needs, starts what plays its containers, tells the API server. */
export class PodWorker {
    readonly #options: PodWorkerOptions;
    #pod: V1Pod;
    #stopParts: (() => Promise<void>)[] = [];
    #started = false;
    #ended = false;
    #crashes = 0;
    #reported = "";
    #timer: NodeJS.Timeout | undefined;
    #work: Promise<void> = Promise.resolve();

    constructor(pod: V1Pod, options: PodWorkerOptions) {
        this.#pod = pod;
        this.#options = options;
        // After a power cycle the Pod is there as it was, but none of its containers is.
        if (pod.status?.phase === "Running") this.#crashes = restartsOf(pod) + 1;
        this.#queue();
    }

    /** The Pod changed. */
    update(pod: V1Pod): void {
        this.#pod = pod;
        const phase = pod.status?.phase;
        if (pod.metadata?.deletionTimestamp || phase === "Succeeded" || phase === "Failed")
            void this.stop();
    }

    /** Ends what plays its containers. Safe to call twice. */
    async stop(): Promise<void> {
        this.#ended = true;
        clearTimeout(this.#timer);
        await this.#work;
        await this.#stopAll();
    }

    async #stopAll(): Promise<void> {
        const stops = this.#stopParts;
        this.#stopParts = [];
        this.#started = false;
        for (const stop of stops.reverse())
            await stop().catch((error: unknown) => {
                this.#options.programContext.print(`stopping a workload: ${String(error)}`);
            });
    }

    #queue(delay = 0): void {
        clearTimeout(this.#timer);
        if (this.#ended) return;
        this.#timer = setTimeout(() => {
            this.#work = this.#work
                .then(() => this.#sync())
                .catch((error: unknown) => {
                    if (statusOf(error) === 404) return;
                    this.#options.programContext.print(
                        `pod ${this.#pod.metadata?.name ?? ""}: ${describe(error)}`,
                    );
                    this.#queue(RETRY);
                });
        }, delay);
    }

    async #sync(): Promise<void> {
        const phase = this.#pod.status?.phase;
        if (this.#ended || this.#pod.metadata?.deletionTimestamp) return;
        if (phase === "Succeeded" || phase === "Failed") return;
        const { reader, privateImages } = this.#options;
        if (this.#started) {
            if (!isReady(this.#pod)) await this.#reportStart();
            return;
        }
        const hindrances = await podHindrances(this.#pod, reader, privateImages);
        if (hindrances.length > 0) {
            await this.#hindered(hindrances);
            this.#queue(RETRY);
            return;
        }
        try {
            if (await this.#ranToItsEnd()) return;
            await this.#startParts();
        } catch (error) {
            await this.#stopAll();
            await this.#crashed(error instanceof Error ? error.message : String(error));
            return;
        }
        if (this.#isEnded()) return;
        this.#started = true;
        await this.#reportStart();
    }

    /** Lets kwok show the containers as running. Tried again until the API server has taken it. */
    async #reportStart(): Promise<void> {
        await reportWaiting(this.#options.client, this.#pod, {
            phase: this.#pod.status?.phase === "Running" ? "Running" : "Pending",
            restartCount: this.#crashes,
            waiting: () => ({ reason: "ContainerCreating" }),
            mayStart: true,
        });
        // kwok passes over what changes while it takes up the node's lease: look again until it has acted.
        this.#queue(RETRY);
    }

    #isEnded(): boolean {
        return this.#ended;
    }

    async #hindered(hindrances: readonly PodHindrance[]): Promise<void> {
        const { client, programContext } = this.#options;
        const digest = JSON.stringify(hindrances);
        const again = this.#reported === digest;
        const [first] = hindrances;
        if (!again && first)
            await warn(
                client,
                this.#pod,
                programContext.nodeName,
                first.reason === "FailedMount" ? "FailedMount" : "Failed",
                first.message,
            );
        if (again && !hindrances.some((h) => h.reason === "ErrImagePull")) return;
        if (this.#reported === `${digest}+`) return;
        this.#reported = again ? `${digest}+` : digest;
        await reportWaiting(client, this.#pod, {
            phase: "Pending",
            restartCount: 0,
            waiting: waitingFor(hindrances, again),
            mayStart: false,
        });
    }

    async #crashed(message: string): Promise<void> {
        const { client, programContext } = this.#options;
        const { namespace = "", name = "" } = this.#pod.metadata ?? {};
        programContext.print(`pod ${namespace}/${name}: ${message}`);
        if (this.#pod.spec?.restartPolicy === "Never") {
            this.#ended = true;
            await reportFailed(client, this.#pod, message);
            return;
        }
        this.#crashes++;
        await reportWaiting(client, this.#pod, {
            phase: "Running",
            restartCount: this.#crashes,
            waiting: () => ({ reason: "CrashLoopBackOff", message }),
            mayStart: false,
            lastError: message,
        });
        this.#queue(
            Math.min(CRASH_BACKOFF.first * 2 ** (this.#crashes - 1), CRASH_BACKOFF.longest),
        );
    }

    /** Does the work of a Pod that comes to its end by itself; false for any other. */
    async #ranToItsEnd(): Promise<boolean> {
        const { standIns, client } = this.#options;
        const standIn = standIns.find((s) => s.matches(this.#pod));
        if (standIn === undefined || !("run" in standIn)) return false;
        const startedAt = new Date();
        const message = await standIn.run(await this.#view(this.#pod));
        if (!this.#isEnded()) await reportCompleted(client, this.#pod, startedAt, message);
        return true;
    }

    async #startParts(): Promise<void> {
        const { programs, standIns, programContext } = this.#options;
        const pod = this.#pod;
        for (const program of programs.filter((p) => p.matches(pod)))
            this.#stopParts.push(await program.start({ ...programContext, pod }));
        for (const standIn of standIns.filter((s) => s.matches(pod)))
            if ("start" in standIn)
                this.#stopParts.push(await standIn.start(await this.#view(pod)));
    }

    async #view(pod: V1Pod): Promise<PodView> {
        const { reader, programContext } = this.#options;
        const fixed = new Map<string, Buffer | undefined>();
        for (const container of [
            ...(pod.spec?.initContainers ?? []),
            ...(pod.spec?.containers ?? []),
        ]) {
            for (const mount of container.volumeMounts ?? []) {
                const file = findMount(pod, container.name, mount.mountPath);
                if (file?.fixed)
                    fixed.set(
                        `${container.name}:${mount.mountPath}`,
                        await readMounted(pod, file, reader),
                    );
            }
        }
        return {
            namespace: pod.metadata?.namespace ?? "",
            name: pod.metadata?.name ?? "",
            nodeName: programContext.nodeName,
            hostAddress: programContext.hostAddress,
            ...(programContext.egressAddress !== undefined && {
                egressAddress: programContext.egressAddress,
            }),
            pod,
            readFile: async (container, path) => {
                const key = `${container}:${path}`;
                if (fixed.has(key)) return fixed.get(key);
                const file = findMount(pod, container, path);
                return file && (await readMounted(pod, file, reader));
            },
            listFiles: (container, path) => listMounted(pod, container, path, reader),
        };
    }
}
