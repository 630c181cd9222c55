import type { V1Node } from "@kubernetes/client-node";
import { MERGE, describe, statusOf, type ClusterClient } from "./client.ts";
import { ETCD_FINALIZER, ETCD_NAME_ANNOTATION } from "./nodeAgent.ts";

/** Milliseconds until a removal that failed is tried again. */
const RETRY = 1_000;

/**
 * Plays k3s' member controller: a control plane's Node that is deleted goes only when its etcd member is out of the cluster. A
 * server leaves its own removal to the others.
 *
 * @param removeMember - removes a member by name; false where it was not there or is the last one
 */
export async function startEtcdMemberController(
    client: ClusterClient,
    removeMember: (name: string) => Promise<boolean>,
    ownNode: string,
    print: (line: string) => void,
): Promise<void> {
    const pending = new Set<string>();
    const release = async (node: V1Node): Promise<void> => {
        const name = node.metadata?.name ?? "";
        const member = node.metadata?.annotations?.[ETCD_NAME_ANNOTATION];
        const others = await client.core.listNode({
            labelSelector: "node-role.kubernetes.io/etcd=true",
        });
        const alone = others.items.every((o) => o.metadata?.name === name);
        if (name === ownNode && !alone) return;
        if (member !== undefined && (await removeMember(member))) print(`etcd: removed ${member}`);
        const finalizers = (node.metadata?.finalizers ?? []).filter((f) => f !== ETCD_FINALIZER);
        await client.core.patchNode({ name, body: { metadata: { finalizers } } }, MERGE);
    };
    const attempt = (node: V1Node) => {
        const name = node.metadata?.name ?? "";
        release(node).then(
            () => pending.delete(name),
            (error: unknown) => {
                pending.delete(name);
                if (statusOf(error) === 404) return;
                print(`etcd member of ${name}: ${describe(error)}`);
                setTimeout(() => {
                    changed(node, false);
                }, RETRY).unref();
            },
        );
    };
    const changed = (node: V1Node, gone: boolean) => {
        const name = node.metadata?.name ?? "";
        const leaving =
            node.metadata?.deletionTimestamp !== undefined &&
            (node.metadata.finalizers ?? []).includes(ETCD_FINALIZER);
        if (gone) {
            forgetPassword(client, name);
            return;
        }
        if (!leaving || pending.has(name)) return;
        pending.add(name);
        attempt(node);
    };
    await client.watch<V1Node>("/api/v1/nodes", () => client.core.listNode(), changed);
}

/** A deleted node's password goes too, so that its name is free again. */
function forgetPassword(client: ClusterClient, nodeName: string): void {
    void client.core
        .deleteNamespacedSecret({
            namespace: "kube-system",
            name: `${nodeName}.node-password.k3s`,
        })
        .catch(() => undefined);
}
