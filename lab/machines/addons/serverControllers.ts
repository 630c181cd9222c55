import type { Cleanup, NodeSetup } from "../boot/nodeSetup.ts";
import type { ControlPlane } from "../control/controlPlane.ts";
import { removeMember } from "../control/etcd.ts";
import { describe, type ClusterClient } from "../kubelet/client.ts";
import { startEtcdMemberController } from "../kubelet/etcdMemberController.ts";
import { K3S_CUSTOM_RESOURCES } from "./customResources.ts";
import { startHelmController } from "./helmController.ts";
import { applyUntilDone, deployManifests } from "./manifests.ts";
import { packagedComponents } from "./packaged.ts";
import { startServiceLoadBalancer } from "./serviceLoadBalancer.ts";

/** Starts what a k3s server runs beside Kubernetes: etcd's members, the manifests, packaged components, charts, ServiceLB. */
export async function startServerControllers(
    setup: NodeSetup,
    client: ClusterClient,
    plane: ControlPlane,
    cleanups: Cleanup[],
): Promise<void> {
    const { settings, signal, print, nodeName } = setup;
    const own = new AbortController();
    cleanups.push(() => {
        own.abort();
    });
    const until = AbortSignal.any([signal, own.signal]);
    await startEtcdMemberController(
        client,
        (name) => removeMember(plane.etcd, name),
        nodeName,
        print,
    );
    void (async () => {
        const deployed = deployManifests(
            client,
            setup.disk,
            settings.list("disable"),
            nodeName,
            until,
            print,
        );
        await applyUntilDone(client, K3S_CUSTOM_RESOURCES, "k3s", until, print);
        if (!until.aborted && !settings.enabled("disable-helm-controller"))
            await startHelmController(client, print);
        await applyUntilDone(
            client,
            packagedComponents(settings),
            `deploy@${nodeName}`,
            until,
            print,
        );
        await deployed;
    })().catch((error: unknown) => {
        print(`deploying: ${describe(error)}`);
    });
    if (settings.packaged("servicelb") && !settings.enabled("disable-cloud-controller"))
        cleanups.push(startServiceLoadBalancer(client, print));
}
