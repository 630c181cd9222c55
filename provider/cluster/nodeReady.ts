import type { V1Node } from "@kubernetes/client-node";

import { toleratingRefusals } from "./refusals.ts";
import { type KubernetesApi, classify, statusOf } from "./kubernetesApi.ts";
import { notReady } from "./notReady.ts";
import { type Attempt, poll, type PollOptions } from "./poll.ts";
import { isReady } from "./quorum.ts";

/** Reads a Node object; undefined where there is none. */
export async function readNode(api: KubernetesApi, name: string): Promise<V1Node | undefined> {
    try {
        return await api.core.readNode({ name }, api.options());
    } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw classify(error, api.server);
    }
}

/** When the node's kubelet last renewed its lease (every ten seconds, KEP-589); changes with every renewal. */
async function heartbeat(api: KubernetesApi, name: string): Promise<string> {
    try {
        const lease = await api.coordination.readNamespacedLease(
            { name, namespace: "kube-node-lease" },
            api.options(),
        );
        return lease.metadata?.resourceVersion ?? "";
    } catch (error) {
        if (statusOf(error) === 404) return "";
        throw classify(error, api.server);
    }
}

/**
 * Waits until the node is Ready and belongs to the machine of now: its object was made after `since`, or, where an older
 * object is there (the server of an interrupted run), its kubelet is seen to report again.
 */
export async function waitForNode(
    api: KubernetesApi,
    name: string,
    since: Date,
    options: PollOptions,
): Promise<V1Node> {
    let firstHeartbeat: string | undefined;
    const attempt = async (): Promise<Attempt<V1Node>> => {
        const node = await readNode(api, name);
        if (node === undefined) return { missing: `node ${name} has not registered` };
        if (!isReady(node)) return { missing: notReady(node) };
        const created = new Date(node.metadata?.creationTimestamp ?? 0);
        // The API's timestamps have whole seconds, and clocks of runner and node may differ by a few.
        if (created.getTime() + 5_000 >= since.getTime()) return { value: node };
        const seen = await heartbeat(api, name);
        firstHeartbeat ??= seen;
        return seen === firstHeartbeat
            ? { missing: `node ${name} is there from before; waiting for its kubelet to report` }
            : { value: node };
    };
    return poll(`node ${name}`, toleratingRefusals(awaitingRights(attempt)), options);
}

/** A new API serves before the manifests of the first server are applied, and with them the rights of the admin group. */
function awaitingRights<T>(attempt: () => Promise<Attempt<T>>): () => Promise<Attempt<T>> {
    return async () => {
        try {
            return await attempt();
        } catch (error) {
            if (statusOf(error) !== 403) throw error;
            return {
                missing:
                    "the admin certificate's group has no rights yet (its ClusterRoleBinding comes with the first server's manifests)",
            };
        }
    };
}
