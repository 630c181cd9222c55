import { z } from "zod";

import { diffProps } from "../framework/diff.ts";
import { defineResource, type CallContext, type Diff } from "../framework/resource.ts";
import { known } from "../framework/values.ts";
import { cordon, evictPods } from "./drain.ts";
import {
    ApiRefused,
    ApiUnreachable,
    classify,
    connect,
    type KubernetesApi,
    statusOf,
} from "./kubernetesApi.ts";
import { readNode, waitForNode } from "./nodeReady.ts";
import { type Attempt, poll, within } from "./poll.ts";
import { isReady, keepsQuorum } from "./quorum.ts";

/** Environment variable that lets a delete proceed although etcd loses its majority: for taking a broken cluster down. */
export const ALLOW_QUORUM_LOSS = "SOVEREIGN_ALLOW_QUORUM_LOSS";

const inputs = z.object({
    name: z.string().min(1).describe("Kubernetes node name, equal to the server's name."),
    serverId: z.string().min(1).describe("Hetzner id of the server that is this node."),
    role: z.enum(["control-plane", "worker"]).describe("Role of the node."),
    controlPlanes: z.number().int().min(1).describe("How many control planes the Sovereign has."),
    epoch: z.number().int().min(1).describe("Epoch of the cluster."),
    kubeconfig: z.string().min(1).describe("Admin kubeconfig."),
    timeoutSeconds: z.number().int().min(1).default(900).describe("How long to wait for Ready."),
});

const outputs = z.object({ uid: z.string().describe("UID of the Node object.") });

const REPLACE_ON: (keyof z.output<typeof inputs>)[] = ["name", "serverId", "epoch"];

const DRAIN_SECONDS = 300;
const QUORUM_SECONDS = 120;
const UNREACHABLE_SECONDS = 20;

/** A server's life as a node of the cluster: create waits until it is Ready, delete drains it and takes it out. */
export const node = defineResource({
    token: "sovereign:cluster:Node",
    description:
        "A server's life as a cluster node: created when the node is Ready; cordoned, drained and deleted before its server goes.",
    inputs,
    outputs,
    secretInputs: ["kubeconfig"],
    replaceOn: REPLACE_ON,
    deleteBeforeReplace: true,

    diff(_id, before, after, context): Diff {
        const changes = diffProps(before.inputs, after, { replaceOn: REPLACE_ON });
        // Where its server is about to be replaced, the engine asks with the old inputs and an unknown server, so that only the
        // provider knows the epoch that the program wants.
        const epoch = context.config.epoch ?? known(after.epoch);
        const sameEpoch = epoch === before.inputs.epoch;
        if (changes.some((c) => c.replace) && sameEpoch && isSoleControlPlane(before.inputs))
            throw new Error(soleControlPlane(before.inputs.name, before.inputs.epoch));
        return { changes };
    },

    async create(given, context) {
        const since = new Date();
        const api = connect(given.kubeconfig, context.signal);
        const ready = await waitForNode(
            api,
            given.name,
            since,
            within(context, context.timeoutSeconds ?? given.timeoutSeconds),
        );
        return { id: given.name, outputs: { uid: ready.metadata?.uid ?? "" } };
    },

    async read(id, before, context) {
        if (before === undefined)
            throw new Error(
                `node ${id}: an import needs the kubeconfig, which only the program has; run \`pulumi up\` instead: it finds the node Ready and takes it in`,
            );
        try {
            const live = await readNode(
                connect(before.inputs.kubeconfig, context.signal),
                before.inputs.name,
            );
            if (live === undefined) return undefined;
            return { inputs: before.inputs, outputs: { uid: live.metadata?.uid ?? "" } };
        } catch (error) {
            if (!(error instanceof ApiUnreachable || error instanceof ApiRefused)) throw error;
            context.log.warning(`${error.message}; node ${id} is kept as it is in the state`);
            return { inputs: before.inputs, outputs: { uid: before.state.uid } };
        }
    },

    update(_id, before) {
        return Promise.resolve({ uid: before.state.uid });
    },

    async delete(id, state, context) {
        try {
            const api = connect(state.kubeconfig, context.signal);
            if (!(await answers(api, state.name, context))) return;
            if (state.role === "control-plane") await guardQuorum(api, state.name, context);
            await remove(api, state.name, context);
        } catch (error) {
            if (!(error instanceof ApiUnreachable || error instanceof ApiRefused)) throw error;
            context.log.warning(`${error.message}; node ${id} goes without a drain`);
        }
    },
});

function isSoleControlPlane(given: z.output<typeof inputs>): boolean {
    return given.role === "control-plane" && given.controlPlanes === 1;
}

function soleControlPlane(name: string, epoch: number): string {
    return (
        `node ${name} is the only control plane: replacing its server loses the cluster with everything in it. ` +
        `To build the cluster anew on purpose, raise the epoch: \`pulumi config set epoch ${epoch + 1}\`. ` +
        "If its server was lost, that is the way out as well; if it still exists, take back the change that replaces it " +
        "(its `generations` entry) or import the server."
    );
}

/** Whether the node is there; waits a while for an API that a load balancer is just failing over. */
async function answers(api: KubernetesApi, name: string, context: CallContext): Promise<boolean> {
    const attempt = async (): Promise<Attempt<boolean>> => {
        try {
            return { value: (await readNode(api, name)) !== undefined };
        } catch (error) {
            if (error instanceof ApiUnreachable) return { missing: error.message };
            throw error;
        }
    };
    try {
        return await poll(`node ${name}`, attempt, {
            timeoutSeconds: UNREACHABLE_SECONDS,
            signal: context.waiting,
            onWaiting: (reason) => {
                context.log.status(reason);
            },
        });
    } catch (error) {
        context.waiting.throwIfAborted();
        if (error instanceof ApiRefused) throw error;
        throw new ApiUnreachable((error as Error).message);
    }
}

async function guardQuorum(api: KubernetesApi, name: string, context: CallContext): Promise<void> {
    if (process.env[ALLOW_QUORUM_LOSS] === "true") return;
    const attempt = async (): Promise<Attempt<true>> => {
        const nodes = await api.core
            .listNode({}, api.options())
            .catch((error: unknown) => Promise.reject(classify(error, api.server)));
        return keepsQuorum(nodes.items, name)
            ? { value: true }
            : { missing: "other control planes are not Ready" };
    };
    try {
        await poll(`quorum without ${name}`, attempt, {
            timeoutSeconds: QUORUM_SECONDS,
            signal: context.waiting,
            onWaiting: (reason) => {
                context.log.status(`waiting before ${name} leaves: ${reason}`);
            },
        });
    } catch (error) {
        context.waiting.throwIfAborted();
        if (error instanceof ApiUnreachable || error instanceof ApiRefused) throw error;
        throw new Error(
            `node ${name} stays: without it etcd would lose its majority, since other control planes are not Ready ` +
                "(`kubectl get nodes`). Bring them back first. " +
                `To take the whole cluster down all the same: \`${ALLOW_QUORUM_LOSS}=true pulumi destroy\`.`,
            { cause: error },
        );
    }
}

async function remove(api: KubernetesApi, name: string, context: CallContext): Promise<void> {
    await cordon(api, name).catch((error: unknown) => {
        if (statusOf(error) !== 404) throw error;
    });
    const { items: nodes } = await api.core.listNode({}, api.options());
    if (nodes.some((n) => n.metadata?.name !== name && !n.spec?.unschedulable)) {
        await evictPods(api, name, {
            nodeReady: nodes.some((n) => n.metadata?.name === name && isReady(n)),
            ...within(context, DRAIN_SECONDS),
        });
    }
    await api.core.deleteNode({ name }, api.options()).catch((error: unknown) => {
        if (statusOf(error) !== 404) throw classify(error, api.server);
    });
}
