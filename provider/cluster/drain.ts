import { PatchStrategy, setHeaderOptions, type V1Pod } from "@kubernetes/client-node";

import { type KubernetesApi, classify, statusOf } from "./kubernetesApi.ts";
import { type Attempt, poll, type PollOptions } from "./poll.ts";

/**
 * Whether a drain leaves the pod alone: pods of DaemonSets come back at once, mirror pods belong to the kubelet, and
 * finished pods hold nothing up (the rules of `kubectl drain`).
 */
export function staysDuringDrain(pod: V1Pod): boolean {
    const owners = pod.metadata?.ownerReferences ?? [];
    const phase = pod.status?.phase;
    return (
        owners.some((o) => o.kind === "DaemonSet" && o.controller === true) ||
        "kubernetes.io/config.mirror" in (pod.metadata?.annotations ?? {}) ||
        phase === "Succeeded" ||
        phase === "Failed"
    );
}

/** Taint of a cordoned node. Source: https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-unschedulable */
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

/** Whether the scheduler may put the pod on a cordoned node, so that its owner's next pod can land there again. */
export function toleratesCordon(pod: V1Pod): boolean {
    return (pod.spec?.tolerations ?? []).some(
        ({ key, operator, effect }) =>
            (key ? key === UNSCHEDULABLE : operator === "Exists") &&
            (!effect || effect === "NoSchedule"),
    );
}

/** Marks the node unschedulable. */
export async function cordon(api: KubernetesApi, name: string): Promise<void> {
    await call(api, () =>
        api.core.patchNode(
            { name, body: { spec: { unschedulable: true } } },
            setHeaderOptions("Content-Type", PatchStrategy.MergePatch, api.options()),
        ),
    );
}

/** How a drain ends. */
export interface DrainOptions extends PollOptions {
    /** Whether the node's kubelet is alive to end evicted pods; where it is not, an accepted eviction is all that can be had. */
    readonly nodeReady: boolean;
}

/**
 * Evicts every pod that a drain moves, again and again while disruption budgets refuse, until none is left. A pod that
 * tolerates the cordon is evicted once: its owner may put the next one right back on the node, which then goes with it.
 *
 * @throws Error after the time limit, naming the pods that are still there.
 */
export async function evictPods(
    api: KubernetesApi,
    node: string,
    options: DrainOptions,
): Promise<void> {
    let first: ReadonlySet<string> | undefined;
    const attempt = async (): Promise<Attempt<true>> => {
        const pods = await call(api, () =>
            api.core.listPodForAllNamespaces(
                { fieldSelector: `spec.nodeName=${node}` },
                api.options(),
            ),
        );
        const uid = (pod: V1Pod) => pod.metadata?.uid ?? "";
        const held = pods.items.filter((p) => !staysDuringDrain(p));
        const met = (first ??= new Set(held.map(uid)));
        const moving = held
            .filter((p) => met.has(uid(p)) || !toleratesCordon(p))
            .filter((p) => options.nodeReady || !p.metadata?.deletionTimestamp);
        if (moving.length === 0) return { value: true };
        await Promise.all(
            moving.filter((p) => !p.metadata?.deletionTimestamp).map((p) => evict(api, p)),
        );
        const names = moving.map((p) => `${p.metadata?.namespace ?? ""}/${p.metadata?.name ?? ""}`);
        return { missing: `draining ${node}: ${names.toSorted().join(", ")}` };
    };
    await poll(`drain of node ${node}`, attempt, options);
}

async function evict(api: KubernetesApi, pod: V1Pod): Promise<void> {
    const name = pod.metadata?.name ?? "";
    const namespace = pod.metadata?.namespace ?? "";
    try {
        await api.core.createNamespacedPodEviction(
            { name, namespace, body: { metadata: { name, namespace } } },
            api.options(),
        );
    } catch (error) {
        // 404: gone already. 429: a disruption budget says not now.
        const status = statusOf(error);
        if (status !== 404 && status !== 429) throw classify(error, api.server);
    }
}

async function call<T>(api: KubernetesApi, request: () => Promise<T>): Promise<T> {
    try {
        return await request();
    } catch (error) {
        throw classify(error, api.server);
    }
}
