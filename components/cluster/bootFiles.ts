/**
 * What a server's user data contains, by path. The guest's bootstrap script, the user data writer and the lab's boot all
 * read this one table, so none of them can drift.
 */
export const BOOT_FILES = {
    /** {@link BootstrapEnvironment} as KEY='value' lines; sourced by the bootstrap script. Mode 0600. */
    environment: "/etc/sovereign/bootstrap.env",
    /** The script that waits for the private interface, installs k3s by checksum, decides between init and join, starts k3s. */
    script: "/usr/local/sbin/sovereign-bootstrap",
    /** k3s configuration of the node (server or agent), without `cluster-init` and `server`, which the script decides. Mode 0600. */
    k3sConfig: "/etc/rancher/k3s/config.yaml",
    /** Written by the script: `cluster-init: true` or `server: https://…:6443`. */
    k3sClusterConfig: "/etc/rancher/k3s/config.yaml.d/10-cluster.yaml",
    /** CAs of the cluster, only in the user data of the server that may initialise (`server-ca.crt`, …; etcd's under `etcd/`). */
    tlsDirectory: "/var/lib/rancher/k3s/server/tls",
    /** Manifests that k3s applies at its start, only in the user data of control planes. */
    manifestsDirectory: "/var/lib/rancher/k3s/server/manifests",
    /** What the node's look at the way out for mail goes by, as KEY='value' lines. */
    mailProbeEnvironment: "/etc/sovereign/mail-probe.env",
    /** Looks, and publishes what it sees in an annotation of the Node; a timer runs it. */
    mailProbe: "/usr/local/sbin/sovereign-mail-probe",
    /** Greets mail servers, and prints what it saw. */
    egressProbe: "/usr/local/libexec/sovereign-egress-probe",
    auditPolicy: "/etc/rancher/k3s/audit-policy.yaml",
    sshd: "/etc/ssh/sshd_config.d/10-sovereign.conf",
    sysctl: "/etc/sysctl.d/90-sovereign.conf",
    /** nftables rules that keep pods from the metadata address 169.254.169.254. */
    metadataFirewall: "/etc/nftables.d/sovereign-metadata.nft",
} as const;

/** Names of the CA files under {@link BOOT_FILES.tlsDirectory}; `.crt` holds intermediate and root, in that order. */
export const CA_NAMES = [
    "server-ca",
    "client-ca",
    "request-header-ca",
    "etcd/server-ca",
    "etcd/peer-ca",
] as const;

/** Name of the key that signs service account tokens, under {@link BOOT_FILES.tlsDirectory}. */
export const SERVICE_ACCOUNT_KEY = "service.key";

/** What the bootstrap script decides by. */
export interface BootstrapEnvironment {
    /** `server` runs a control plane, `agent` a worker. */
    readonly role: "server" | "agent";
    /** Only the first control plane, in the first generation of an epoch: it may initialise if no peer answers. */
    readonly mayInitialise: boolean;
    /** `cluster.epoch`. */
    readonly epoch: number;
    /** The node's private address; the script waits until an interface carries it. */
    readonly nodeIp: string;
    /** Private addresses of the other control planes (of all control planes for a worker); joined through the first that answers. */
    readonly peers: readonly string[];
    /** For example `v1.36.1+k3s1`. */
    readonly k3sVersion: string;
    /** URL prefix of the release downloads, without a trailing slash. */
    readonly k3sDownloadUrl: string;
    /** SHA-256 of the k3s binary per architecture, hex. */
    readonly k3sSha256: { readonly amd64?: string; readonly arm64?: string };
}

const SHELL_SAFE = /^[A-Za-z0-9.:/+_ -]*$/;

/** Writes the environment as shell assignments in single quotes. Throws on a value that a shell could read as more than text. */
export function formatBootstrapEnvironment(e: BootstrapEnvironment): string {
    const entries: Record<string, string> = {
        SOVEREIGN_ROLE: e.role,
        SOVEREIGN_MAY_INITIALISE: String(e.mayInitialise),
        SOVEREIGN_EPOCH: String(e.epoch),
        SOVEREIGN_NODE_IP: e.nodeIp,
        SOVEREIGN_PEERS: e.peers.join(" "),
        K3S_VERSION: e.k3sVersion,
        K3S_DOWNLOAD_URL: e.k3sDownloadUrl,
        K3S_SHA256_AMD64: e.k3sSha256.amd64 ?? "",
        K3S_SHA256_ARM64: e.k3sSha256.arm64 ?? "",
    };
    return Object.entries(entries)
        .map(([key, value]) => {
            if (!SHELL_SAFE.test(value))
                throw new Error(`${key} holds a character that is not allowed there`);
            return `${key}='${value}'\n`;
        })
        .join("");
}

/** Reads what {@link formatBootstrapEnvironment} wrote. Throws where a line is missing or malformed. */
export function parseBootstrapEnvironment(text: string): BootstrapEnvironment {
    const values = new Map<string, string>();
    for (const line of text.split("\n").filter((l) => l !== "")) {
        const match = /^([A-Z0-9_]+)='([^']*)'$/.exec(line);
        if (!match)
            throw new Error(
                `${BOOT_FILES.environment}: not an assignment: ${line.split("=")[0] ?? ""}`,
            );
        values.set(match[1] ?? "", match[2] ?? "");
    }
    const get = (key: string): string => {
        const value = values.get(key);
        if (value === undefined) throw new Error(`${BOOT_FILES.environment}: ${key} is missing`);
        return value;
    };
    const role = get("SOVEREIGN_ROLE");
    if (role !== "server" && role !== "agent")
        throw new Error(`${BOOT_FILES.environment}: SOVEREIGN_ROLE is ${role}`);
    const amd64 = get("K3S_SHA256_AMD64");
    const arm64 = get("K3S_SHA256_ARM64");
    return {
        role,
        mayInitialise: get("SOVEREIGN_MAY_INITIALISE") === "true",
        epoch: Number(get("SOVEREIGN_EPOCH")),
        nodeIp: get("SOVEREIGN_NODE_IP"),
        peers: get("SOVEREIGN_PEERS").split(" ").filter(Boolean),
        k3sVersion: get("K3S_VERSION"),
        k3sDownloadUrl: get("K3S_DOWNLOAD_URL"),
        k3sSha256: { ...(amd64 && { amd64 }), ...(arm64 && { arm64 }) },
    };
}
