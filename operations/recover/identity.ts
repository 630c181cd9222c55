/** Inputs as a state has them. */
type Inputs = Readonly<Record<string, unknown>>;

function word(value: unknown): string {
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Ids of parts of a thing, as the provider makes them of their inputs (terraform-provider-hcloud 1.68: `SetId` of each resource). */
const PARTS: Readonly<Record<string, (inputs: Inputs) => string>> = {
    "hcloud:index/networkSubnet:NetworkSubnet": (i) => `${word(i.networkId)}-${word(i.ipRange)}`,
    "hcloud:index/networkRoute:NetworkRoute": (i) => `${word(i.networkId)}-${word(i.destination)}`,
    "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork": (i) =>
        `${word(i.loadBalancerId)}-${word(i.networkId ?? networkOf(i.subnetId))}`,
    "hcloud:index/loadBalancerService:LoadBalancerService": (i) =>
        `${word(i.loadBalancerId)}__${word(i.listenPort)}`,
    "hcloud:index/loadBalancerTarget:LoadBalancerTarget": (i) =>
        `lb-srv-tgt-${word(i.serverId)}-${word(i.loadBalancerId)}`,
    "hcloud:index/serverNetwork:ServerNetwork": (i) =>
        `${word(i.serverId)}-${word(i.networkId ?? networkOf(i.subnetId))}`,
    "hcloud:index/rdns:Rdns": (i) => {
        const holders = {
            s: i.serverId,
            p: i.primaryIpId,
            f: i.floatingIpId,
            l: i.loadBalancerId,
        };
        const [prefix, id] = Object.entries(holders).find(([, v]) => v !== undefined) ?? ["", ""];
        return `${prefix}-${word(id)}-${word(i.ipAddress)}`;
    },
};

/** A subnet's id begins with its network's. */
function networkOf(subnetId: unknown): string {
    return word(subnetId).split("-")[0] ?? "";
}

/** Id that a part of a thing at Hetzner has by its inputs; undefined for other types. Pure. */
export function partId(type: string, inputs: Inputs): string | undefined {
    return PARTS[type]?.(inputs);
}

/** Where an object of Kubernetes is; undefined for other types, and for Helm releases. Pure. */
export function objectIdentity(
    type: string,
    inputs: Inputs,
):
    | {
          readonly apiVersion: string;
          readonly kind: string;
          readonly namespace?: string;
          readonly name: string;
      }
    | undefined {
    if (!type.startsWith("kubernetes:") || type === RELEASE) return undefined;
    const { apiVersion, kind, metadata } = inputs;
    const { name, namespace } = (metadata ?? {}) as Inputs;
    if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof name !== "string")
        return undefined;
    return { apiVersion, kind, name, ...(typeof namespace === "string" ? { namespace } : {}) };
}

/** Type of a Helm release. */
export const RELEASE = "kubernetes:helm.sh/v3:Release";

/** Namespace and name of a Helm release; undefined for other types. Pure. */
export function releaseIdentity(
    type: string,
    inputs: Inputs,
): { readonly namespace: string; readonly name: string } | undefined {
    if (type !== RELEASE || typeof inputs.name !== "string") return undefined;
    const { namespace } = inputs;
    return { namespace: typeof namespace === "string" ? namespace : "default", name: inputs.name };
}
