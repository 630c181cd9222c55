import type { V1Node } from "@kubernetes/client-node";

/** What kubelet says of a node without a network plugin (`NetworkPluginNotReady`). */
const NO_NETWORK = /network plugin|cni plugin/i;

/** Why a node is not Ready, in kubelet's words, and what to look at where it is its network that is missing. */
export function notReady(node: V1Node): string {
    const name = node.metadata?.name ?? "";
    const condition = node.status?.conditions?.find(({ type }) => type === "Ready");
    if (condition?.reason === undefined) return `node ${name} is not Ready`;
    const message = condition.message ?? "";
    const said = `node ${name} is not Ready (${condition.reason}${message === "" ? "" : `: ${message}`})`;
    return NO_NETWORK.test(message)
        ? `${said}. Its network is Cilium, which k3s installs from the first server's manifests: ` +
              "`kubectl -n kube-system logs job/helm-install-cilium` tells why it is not there (ciliumVersion, ciliumChartRepository)"
        : said;
}
