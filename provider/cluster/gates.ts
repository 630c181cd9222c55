import { classify, type KubernetesApi, statusOf } from "./kubernetesApi.ts";
import { notReady } from "./notReady.ts";
import type { Attempt } from "./poll.ts";
import { isReady } from "./quorum.ts";

/** The cluster as the gate found it. */
export interface ClusterIdentity {
    readonly clusterUid: string;
    readonly version: string;
}

/**
 * Goes through the gates in order and stops at the first that is not open yet, naming it. Each is what something in the
 * cluster needs: an API that serves, an administrator that may do everything, namespaces in which pods can start, a node
 * to run them on, and the kinds of object that will be created.
 */
export async function passGates(
    api: KubernetesApi,
    requiredCrds: readonly string[],
): Promise<Attempt<ClusterIdentity>> {
    try {
        return await gates(api, requiredCrds);
    } catch (error) {
        throw classify(error, api.server);
    }
}

async function gates(
    api: KubernetesApi,
    requiredCrds: readonly string[],
): Promise<Attempt<ClusterIdentity>> {
    const version = await api.version.getCode(api.options());
    const review = await api.authorization.createSelfSubjectAccessReview(
        { body: { spec: { resourceAttributes: { verb: "*", group: "*", resource: "*" } } } },
        api.options(),
    );
    if (review.status?.allowed !== true)
        return {
            missing:
                "the admin certificate's group may not do everything yet (its ClusterRoleBinding comes with the first server's manifests)",
        };
    const system = await api.core.readNamespace({ name: "kube-system" }, api.options());
    if (!(await exists(() => defaultServiceAccount(api))))
        return { missing: "the ServiceAccount `default` of namespace `default` is not there yet" };
    const nodes = await api.core.listNode({}, api.options());
    if (!nodes.items.some(isReady))
        return {
            missing:
                nodes.items.length === 0
                    ? "no node has registered"
                    : nodes.items.map(notReady).join("; "),
        };
    for (const crd of requiredCrds) {
        if (!(await isServed(api, crd)))
            return { missing: `CustomResourceDefinition ${crd} is not served` };
    }
    return {
        value: { clusterUid: system.metadata?.uid ?? "", version: version.gitVersion },
    };
}

function defaultServiceAccount(api: KubernetesApi): Promise<unknown> {
    return api.core.readNamespacedServiceAccount(
        { name: "default", namespace: "default" },
        api.options(),
    );
}

async function exists(read: () => Promise<unknown>): Promise<boolean> {
    try {
        await read();
        return true;
    } catch (error) {
        if (statusOf(error) === 404) return false;
        throw error;
    }
}

async function isServed(api: KubernetesApi, crd: string): Promise<boolean> {
    try {
        const definition = await api.extensions.readCustomResourceDefinition(
            { name: crd },
            api.options(),
        );
        const conditions = definition.status?.conditions ?? [];
        return conditions.some((c) => c.type === "Established" && c.status === "True");
    } catch (error) {
        if (statusOf(error) === 404) return false;
        throw error;
    }
}
