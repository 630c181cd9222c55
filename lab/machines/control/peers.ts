/** Port of k3s' API server on a node. */
export const API_PORT = 6443;

/**
 * Port of the supervisor on a node: join and node certificates. k3s serves these on 6443 beside the API server, which in the
 * lab is a process of its own; RKE2, the same code, separates them at this port too.
 */
export const SUPERVISOR_PORT = 9345;

/** Port of a node's balancer to the API servers (k3s `lb-server-port`). */
export const FORWARDER_PORT = 6444;

/** Port of a server's way from its API server to pods (konnectivity's `agent-port` is the same). */
export const EGRESS_PORT = 8132;

export const ETCD_CLIENT_PORT = 2379;
export const ETCD_PEER_PORT = 2380;
export const KUBELET_PORT = 10250;

/** Finds where a private address of the machine's networks is reached in the lab. */
export interface PeerResolver {
    /** Host address of the running machine with this private address, if any. */
    resolve(privateIp: string): string | undefined;
}
