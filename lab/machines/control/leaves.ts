import { BOOT_FILES } from "../../../components/cluster/bootFiles.ts";
import type { Disk } from "../boot/disk.ts";
import type { BootstrapData } from "./authorities.ts";
import { issueLeaf, splitChain, type KeyPair, type LeafRequest } from "./pki.ts";

/** What the names in a server's certificates are made of. */
export interface ServerNames {
    readonly nodeName: string;
    readonly nodeIp: string;
    readonly advertiseAddress: string;
    readonly hostAddress: string;
    readonly serviceAddress: string;
    readonly clusterDomain: string;
    /** Values of `tls-san`. */
    readonly tlsSans: readonly string[];
}

/**
 * Names of k3s' API certificate: nothing beside the service's names, loopback, the node and `tls-san` (k3s
 * `pkg/daemons/control/deps/deps.go` `addSANs`, and `tls-san-security`, which is on by default).
 */
export function apiServerNames(names: ServerNames): string[] {
    return [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        `kubernetes.default.svc.${names.clusterDomain}`,
        "localhost",
        names.nodeName,
        "127.0.0.1",
        "::1",
        names.serviceAddress,
        names.nodeIp,
        names.advertiseAddress,
        ...names.tlsSans,
    ];
}

/** Leaf certificates of a control plane, by their file names under k3s' tls folder. */
export type ServerLeaves = Readonly<Record<LeafName, KeyPair>>;

export type LeafName =
    | "serving-kube-apiserver"
    | "client-kube-apiserver"
    | "client-auth-proxy"
    | "client-controller"
    | "client-scheduler"
    | "client-admin"
    | "etcd/server-client"
    | "etcd/client"
    | "etcd/peer-server-client";

/** CAs that sign CertificateSigningRequests; the controller takes single certificates only, so k3s keeps copies without chain. */
const SIGNING_CAS = ["client-ca", "server-ca"] as const;

/** Issues a control plane's leaf certificates and writes them beside the CAs. */
export async function issueServerLeaves(
    disk: Disk,
    data: BootstrapData,
    names: ServerNames,
): Promise<ServerLeaves> {
    const { authorities } = data;
    for (const name of SIGNING_CAS)
        await disk.write(
            `${BOOT_FILES.tlsDirectory}/${name}.nochain.crt`,
            `${splitChain(authorities[name].certificate)[0] ?? ""}\n`,
        );
    // The machine's own address stands for its loopback: etcd checks the address it was dialled at.
    const local = [
        "localhost",
        "127.0.0.1",
        "::1",
        names.nodeName,
        names.nodeIp,
        names.hostAddress,
    ];
    const client = async (name: LeafName, commonName: string, ...organizations: string[]) =>
        await write(name, authorities["client-ca"], {
            commonName,
            organizations,
            usages: ["client"],
        });
    async function write(name: LeafName, ca: KeyPair, request: LeafRequest): Promise<KeyPair> {
        const leaf = await issueLeaf(ca, request);
        await disk.write(`${BOOT_FILES.tlsDirectory}/${name}.crt`, leaf.certificate);
        await disk.write(`${BOOT_FILES.tlsDirectory}/${name}.key`, leaf.privateKey, 0o600);
        return leaf;
    }
    return {
        "serving-kube-apiserver": await write("serving-kube-apiserver", authorities["server-ca"], {
            commonName: "kube-apiserver",
            altNames: apiServerNames(names),
            usages: ["server"],
        }),
        "client-kube-apiserver": await client(
            "client-kube-apiserver",
            "system:apiserver",
            "system:masters",
        ),
        "client-controller": await client("client-controller", "system:kube-controller-manager"),
        "client-scheduler": await client("client-scheduler", "system:kube-scheduler"),
        "client-admin": await client("client-admin", "system:admin", "system:masters"),
        "client-auth-proxy": await write("client-auth-proxy", authorities["request-header-ca"], {
            commonName: "system:auth-proxy",
            usages: ["client"],
        }),
        "etcd/server-client": await write("etcd/server-client", authorities["etcd/server-ca"], {
            commonName: "etcd-server",
            altNames: local,
            usages: ["client", "server"],
        }),
        "etcd/client": await write("etcd/client", authorities["etcd/server-ca"], {
            commonName: "etcd-client",
            usages: ["client"],
        }),
        "etcd/peer-server-client": await write(
            "etcd/peer-server-client",
            authorities["etcd/peer-ca"],
            { commonName: "etcd-peer", altNames: local, usages: ["client", "server"] },
        ),
    };
}
