/** Labels of the reserved namespaces that a node may give itself (kubelet `pkg/apis/well_known_labels.go`). */
const ALLOWED = new Set([
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
]);
const ALLOWED_NAMESPACES = ["kubelet.kubernetes.io", "node.kubernetes.io"];

function within(namespace: string, parent: string): boolean {
    return namespace === parent || namespace.endsWith(`.${parent}`);
}

/**
 * Refuses labels that kubelet refuses (`cmd/kubelet/app/options/options.go` `ValidateKubeletFlags`): a role such as
 * `node-role.kubernetes.io/worker` cannot be given by the node itself.
 *
 * @param labels - `key=value` entries of `node-label`
 * @throws Error with kubelet's words
 */
export function checkNodeLabels(labels: readonly string[]): void {
    const unknown = labels
        .map((label) => label.split("=", 1)[0] ?? "")
        .filter((key) => {
            const namespace = key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
            const reserved = within(namespace, "kubernetes.io") || within(namespace, "k8s.io");
            return (
                reserved &&
                !ALLOWED.has(key) &&
                !ALLOWED_NAMESPACES.some((allowed) => within(namespace, allowed))
            );
        });
    if (unknown.length > 0)
        throw new Error(
            `unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: [${unknown.join(" ")}]; --node-labels in the 'kubernetes.io' namespace must begin with an allowed prefix (${ALLOWED_NAMESPACES.join(", ")}) or be in the specifically allowed set`,
        );
}
