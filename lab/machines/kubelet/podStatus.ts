import type {
    V1ContainerState,
    V1ContainerStatus,
    V1Pod,
    V1PodStatus,
} from "@kubernetes/client-node";
import { STRATEGIC, type ClusterClient } from "./client.ts";
import { MAY_START } from "./kwok.ts";
import type { PodHindrance } from "./podChecks.ts";

/** How a container that does not run is shown. */
export interface WaitingReason {
    readonly reason: string;
    readonly message?: string;
}

/** Statuses of containers of which none runs. */
function containerStatuses(
    pod: V1Pod,
    restartCount: number,
    state: (container: string) => V1ContainerState,
    lastState?: V1ContainerState,
): V1ContainerStatus[] {
    return (pod.spec?.containers ?? []).map((container) => ({
        name: container.name,
        image: container.image ?? "",
        imageID: "",
        ready: false,
        started: false,
        restartCount,
        state: state(container.name),
        ...(lastState ? { lastState } : {}),
    }));
}

/** The UID keeps the status from a Pod that has come into the place of this one. */
async function patchStatus(client: ClusterClient, pod: V1Pod, status: V1PodStatus): Promise<void> {
    await client.core.patchNamespacedPodStatus(
        {
            namespace: pod.metadata?.namespace ?? "",
            name: pod.metadata?.name ?? "",
            body: { metadata: { uid: pod.metadata?.uid }, status },
        },
        STRATEGIC,
    );
}

/** Restarts so far, as the API server knows them. */
export function restartsOf(pod: V1Pod): number {
    return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((s) => s.restartCount));
}

/** Reports containers that wait, as kubelet does: the Pod is not ready, and kwok leaves it alone. */
export async function reportWaiting(
    client: ClusterClient,
    pod: V1Pod,
    options: {
        readonly phase: "Pending" | "Running";
        readonly restartCount: number;
        readonly waiting: (container: string) => WaitingReason;
        readonly mayStart: boolean;
        readonly lastError?: string;
    },
): Promise<void> {
    const now = new Date();
    const condition = (type: string, status: string, reason?: string) => ({
        type,
        status,
        lastTransitionTime: now,
        ...(reason ? { reason } : {}),
    });
    const lastState =
        options.lastError === undefined
            ? undefined
            : {
                  terminated: {
                      exitCode: 1,
                      reason: "Error",
                      message: options.lastError,
                      finishedAt: now,
                  },
              };
    await patchStatus(client, pod, {
        phase: options.phase,
        startTime: pod.status?.startTime ?? now,
        conditions: [
            condition(MAY_START, options.mayStart ? "True" : "False"),
            condition("Ready", "False", "ContainersNotReady"),
            condition("ContainersReady", "False", "ContainersNotReady"),
        ],
        containerStatuses: containerStatuses(
            pod,
            options.restartCount,
            (container) => ({ waiting: options.waiting(container) }),
            lastState,
        ),
    });
}

/** A Pod of one container that has done its work and left a message (kubelet reads it from `/dev/termination-log`). */
export async function reportCompleted(
    client: ClusterClient,
    pod: V1Pod,
    startedAt: Date,
    message: string,
): Promise<void> {
    const finishedAt = new Date();
    const done = (type: string) => ({
        type,
        status: "False",
        reason: "PodCompleted",
        lastTransitionTime: finishedAt,
    });
    await patchStatus(client, pod, {
        phase: "Succeeded",
        startTime: startedAt,
        conditions: [done("Ready"), done("ContainersReady")],
        containerStatuses: containerStatuses(pod, 0, () => ({
            terminated: {
                exitCode: 0,
                reason: "Completed",
                // kubelet keeps no more of it (`MaxContainerTerminationMessageLength`).
                message: message.slice(0, 4096),
                startedAt,
                finishedAt,
            },
        })),
    });
}

/** A Pod whose container ended with an error and is not started again (`restartPolicy: Never`). */
export async function reportFailed(
    client: ClusterClient,
    pod: V1Pod,
    message: string,
): Promise<void> {
    await patchStatus(client, pod, {
        phase: "Failed",
        containerStatuses: containerStatuses(pod, 0, () => ({
            terminated: { exitCode: 1, reason: "Error", message, finishedAt: new Date() },
        })),
    });
}

/** A Warning event about a Pod, from the node's kubelet. Events are told, never relied on: a failure is passed over. */
export async function warn(
    client: ClusterClient,
    pod: V1Pod,
    nodeName: string,
    reason: string,
    message: string,
): Promise<void> {
    const now = new Date();
    const namespace = pod.metadata?.namespace ?? "";
    await client.core
        .createNamespacedEvent({
            namespace,
            body: {
                metadata: { generateName: `${pod.metadata?.name ?? ""}.`, namespace },
                type: "Warning",
                reason,
                message,
                count: 1,
                firstTimestamp: now,
                lastTimestamp: now,
                source: { component: "kubelet", host: nodeName },
                reportingComponent: "kubelet",
                reportingInstance: nodeName,
                involvedObject: {
                    apiVersion: "v1",
                    kind: "Pod",
                    namespace,
                    name: pod.metadata?.name ?? "",
                    uid: pod.metadata?.uid ?? "",
                },
            },
        })
        .catch(() => undefined);
}

/** What each container waits for, given the hindrances; image pulls back off after their first failure. */
export function waitingFor(
    hindrances: readonly PodHindrance[],
    backingOff: boolean,
): (container: string) => WaitingReason {
    return (container) => {
        const own = hindrances.find((h) => h.container === container);
        if (own?.reason === "ErrImagePull")
            return {
                reason: backingOff ? "ImagePullBackOff" : "ErrImagePull",
                message: backingOff ? `Back-off pulling image: ${own.message}` : own.message,
            };
        if (own) return { reason: own.reason, message: own.message };
        return { reason: "ContainerCreating" };
    };
}
