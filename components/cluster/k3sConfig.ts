import { stringify } from "yaml";
import { NODE_LABEL, ROLE_LABEL } from "../names.ts";
import { BOOT_FILES } from "./bootFiles.ts";

/** What the k3s configuration of every node says. */
export interface K3sNodeArgs {
    /** Kubernetes node name, equal to the server's. */
    readonly nodeName: string;
    /** Short name: `cp1`, `w1`, …. */
    readonly key: string;
    /** Private address. */
    readonly nodeIp: string;
}

export interface K3sServerArgs extends K3sNodeArgs {
    readonly serverToken: string;
    readonly agentToken: string;
    /** Names and addresses by which clients reach the API. */
    readonly tlsSans: readonly string[];
    readonly podCidr: string;
    readonly serviceCidr: string;
}

export interface K3sAgentArgs extends K3sNodeArgs {
    readonly agentToken: string;
}

/**
 * `config.yaml` of a control plane (https://docs.k3s.io/cli/server), hardened after
 * https://docs.k3s.io/security/hardening-guide. Whether it initialises or joins is the bootstrap script's decision.
 */
export function k3sServerConfig(args: K3sServerArgs): string {
    return stringify(
        {
            token: args.serverToken,
            "agent-token": args.agentToken,
            ...node(args, "control-plane"),
            "advertise-address": args.nodeIp,
            "tls-san": [...args.tlsSans],
            "cluster-cidr": args.podCidr,
            "service-cidr": args.serviceCidr,
            // Cilium is the network, the network policy and the service proxy.
            "flannel-backend": "none",
            "disable-network-policy": true,
            "disable-kube-proxy": true,
            disable: ["traefik", "servicelb"],
            "secrets-encryption": true,
            "write-kubeconfig-mode": "0600",
            "kube-apiserver-arg": [
                "enable-admission-plugins=NodeRestriction",
                `audit-policy-file=${BOOT_FILES.auditPolicy}`,
                "audit-log-path=/var/lib/rancher/k3s/server/logs/audit.log",
                "audit-log-maxage=30",
                "audit-log-maxbackup=10",
                "audit-log-maxsize=100",
            ],
        },
        YAML,
    );
}

/** `config.yaml` of a worker (https://docs.k3s.io/cli/agent). It knows the agents' token only. */
export function k3sAgentConfig(args: K3sAgentArgs): string {
    return stringify({ token: args.agentToken, ...node(args, "worker") }, YAML);
}

/** The token stays on one line, where the bootstrap script reads it. */
const YAML = { lineWidth: 0 } as const;

function node(args: K3sNodeArgs, role: string) {
    return {
        "node-name": args.nodeName,
        "node-ip": args.nodeIp,
        "node-label": [`${ROLE_LABEL}=${role}`, `${NODE_LABEL}=${args.key}`],
        "protect-kernel-defaults": true,
        "kubelet-arg": ["streaming-connection-idle-timeout=5m"],
    };
}
