/**
 * Proves what is said of a node that is not Ready: kubelet's reason, and where the network is missing, what to look at. It does not prove
 * that kubelet says so; the lab's nodes do (`lab/machines/failures.test.ts`).
 */
import assert from "node:assert/strict";
import { notReady } from "../../../provider/cluster/notReady.ts";

const node = (condition?: { readonly reason: string; readonly message?: string }) => ({
    metadata: { name: "cp1" },
    status: { conditions: condition ? [{ type: "Ready", status: "False", ...condition }] : [] },
});

describe("a node that is not Ready", () => {
    it("is told with kubelet's words", () => {
        assert.equal(notReady(node()), "node cp1 is not Ready");
        assert.equal(
            notReady(node({ reason: "KubeletNotReady", message: "PLEG is not healthy" })),
            "node cp1 is not Ready (KubeletNotReady: PLEG is not healthy)",
        );
    });

    it("is told with what to look at where its network is missing", () => {
        const message =
            "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized";
        assert.equal(
            notReady(node({ reason: "KubeletNotReady", message })),
            `node cp1 is not Ready (KubeletNotReady: ${message}). Its network is Cilium, which k3s installs from the first server's manifests: ` +
                "`kubectl -n kube-system logs job/helm-install-cilium` tells why it is not there (ciliumVersion, ciliumChartRepository)",
        );
    });
});
