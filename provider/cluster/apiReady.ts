import { z } from "zod";

import { defineResource, type CallContext } from "../framework/resource.ts";
import { passGates, type ClusterIdentity } from "./gates.ts";
import { ApiRefused, ApiUnreachable, classify, connect } from "./kubernetesApi.ts";
import { poll, within } from "./poll.ts";
import { toleratingRefusals } from "./refusals.ts";

const inputs = z.object({
    kubeconfig: z.string().min(1).describe("Admin kubeconfig."),
    epoch: z.number().int().min(1).describe("Epoch of the cluster; a new one is a new cluster."),
    requiredCrds: z
        .array(z.string().regex(/^[a-z0-9.-]+\.[a-z0-9.-]+$/, "expected <plural>.<group>"))
        .default([])
        .describe("CustomResourceDefinitions that must be served, `<plural>.<group>`."),
    timeoutSeconds: z.number().int().min(1).default(900).describe("How long to wait."),
});

const outputs = z.object({
    clusterUid: z.string().describe("UID of the namespace kube-system: the cluster's identity."),
    version: z.string().describe("Version of the API server."),
});

/** The gate in front of everything that is created in the cluster. */
export const apiReady = defineResource({
    token: "sovereign:cluster:ApiReady",
    description:
        "Waits until the cluster serves: API under our CA, admin group allowed everything, default ServiceAccount, a Ready node, required CRDs.",
    inputs,
    outputs,
    secretInputs: ["kubeconfig"],
    replaceOn: ["epoch"],

    async create(given, context) {
        const identity = await waitForCluster(given, context);
        return { id: identity.clusterUid, outputs: identity };
    },

    async read(id, before, context) {
        if (before === undefined)
            throw new Error(
                "ApiReady cannot be imported: it only waits; `pulumi up` passes it at once where the cluster serves",
            );
        const api = connect(before.inputs.kubeconfig, context.signal);
        const kept = { inputs: before.inputs, outputs: identityOf(before.state) };
        try {
            const system = await api.core.readNamespace({ name: "kube-system" }, api.options());
            const version = await api.version.getCode(api.options());
            const clusterUid = system.metadata?.uid ?? "";
            if (clusterUid !== before.state.clusterUid)
                throw new Error(anotherCluster(before.state.clusterUid, before.inputs.epoch));
            return { inputs: before.inputs, outputs: { clusterUid, version: version.gitVersion } };
        } catch (error) {
            const reason = classify(error, api.server);
            if (!(reason instanceof ApiUnreachable || reason instanceof ApiRefused)) throw reason;
            context.log.warning(`${reason.message}; ${id} is kept as it is in the state`);
            return kept;
        }
    },

    async update(_id, before, after, context) {
        const identity = await waitForCluster(after, context);
        if (identity.clusterUid !== before.state.clusterUid)
            throw new Error(anotherCluster(before.state.clusterUid, after.epoch));
        return identity;
    },

    delete() {
        return Promise.resolve();
    },
});

function identityOf(state: ClusterIdentity): ClusterIdentity {
    return { clusterUid: state.clusterUid, version: state.version };
}

function waitForCluster(
    given: z.output<typeof inputs>,
    context: CallContext,
): Promise<ClusterIdentity> {
    const api = connect(given.kubeconfig, context.signal);
    return poll(
        `the Kubernetes API at ${api.server}`,
        toleratingRefusals(() => passGates(api, given.requiredCrds)),
        within(context, context.timeoutSeconds ?? given.timeoutSeconds),
    );
}

function anotherCluster(known: string, epoch: number): string {
    return (
        `another cluster answers than the one of epoch ${epoch} (the UID of kube-system was ${known}): the cluster was built ` +
        "anew behind this stack, and what the state says is in it is not. Raise the epoch, so that everything in the cluster is " +
        `created again: \`pulumi config set epoch ${epoch + 1}\``
    );
}
