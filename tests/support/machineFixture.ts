import {
    createHash,
    generateKeyPairSync,
    randomBytes,
    webcrypto,
    X509Certificate,
} from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { stringify } from "yaml";
import {
    BOOT_FILES,
    CA_NAMES,
    SERVICE_ACCOUNT_KEY,
    formatBootstrapEnvironment,
} from "../../components/cluster/bootFiles.ts";
import { ADMIN_GROUP } from "../../components/names.ts";
import type { LabAddresses } from "../../lab/addresses.ts";
import { issueLeaf, selfSignedCa, type KeyPair } from "../../lab/machines/control/pki.ts";
import { k3sDownloadUrl, k3sReleaseSha256 } from "../../lab/machines/k3sRelease.ts";
import type { Machine } from "../../lab/parts.ts";

/** Version of k3s that the fixtures ask for. */
export const K3S_VERSION = "v1.36.1+k3s1";

/** A cluster's secrets, made as the program makes them: each CA is an intermediate under one root. */
export interface ClusterFixture {
    readonly root: KeyPair;
    readonly authorities: ReadonlyMap<string, KeyPair>;
    readonly serviceAccountKey: string;
    readonly serverToken: string;
    readonly agentToken: string;
    /** Client certificate of {@link ADMIN_GROUP}. */
    readonly admin: KeyPair;
}

async function intermediate(root: KeyPair, name: string): Promise<KeyPair> {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const issuer = new x509.X509Certificate(root.certificate);
    const rootKey = await webcrypto.subtle.importKey(
        "pkcs8",
        x509.PemConverter.decodeFirst(root.privateKey),
        algorithm,
        false,
        ["sign"],
    );
    const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: `00${randomBytes(15).toString("hex")}`,
        subject: [{ CN: [name] }],
        issuer: issuer.subjectName,
        notBefore: new Date(Date.now() - 60_000),
        notAfter: new Date(Date.now() + 86_400_000),
        publicKey: keys.publicKey,
        signingKey: rootKey,
        signingAlgorithm: algorithm,
        extensions: [
            new x509.BasicConstraintsExtension(true, undefined, true),
            new x509.KeyUsagesExtension(
                x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature,
                true,
            ),
            await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
            await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
        ],
    });
    const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return {
        certificate: `${certificate.toString("pem")}\n${root.certificate}`,
        privateKey: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
    };
}

/** Makes a cluster's PKI and tokens. */
export async function clusterFixture(): Promise<ClusterFixture> {
    const root = await selfSignedCa("fixture root");
    const authorities = new Map<string, KeyPair>();
    for (const name of CA_NAMES) authorities.set(name, await intermediate(root, name));
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const hash = createHash("sha256")
        .update(new X509Certificate(root.certificate).raw)
        .digest("hex");
    const clientCa = authorities.get("client-ca");
    if (!clientCa) throw new Error("no client CA");
    return {
        root,
        authorities,
        serviceAccountKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
        serverToken: `K10${hash}::server:${randomBytes(8).toString("hex")}`,
        agentToken: `K10${hash}::node:${randomBytes(8).toString("hex")}`,
        admin: await issueLeaf(clientCa, {
            commonName: "fixture-admin",
            organizations: [ADMIN_GROUP],
            usages: ["client"],
        }),
    };
}

/** k3s' manifest of Cilium, with values over the fixture's. */
export function ciliumManifest(
    spec: Readonly<Record<string, unknown>> = {},
    values: Readonly<Record<string, unknown>> = {},
): string {
    return stringify({
        apiVersion: "helm.cattle.io/v1",
        kind: "HelmChart",
        metadata: { name: "cilium", namespace: "kube-system" },
        spec: {
            repo: "https://helm.cilium.io/",
            chart: "cilium",
            version: "1.19.6",
            bootstrap: true,
            valuesContent: stringify({
                kubeProxyReplacement: true,
                k8sServiceHost: "127.0.0.1",
                k8sServicePort: 6444,
                ingressController: {
                    enabled: true,
                    default: true,
                    loadbalancerMode: "shared",
                    enableProxyProtocol: true,
                    hostNetwork: { enabled: true, sharedListenerPort: 8080 },
                },
                ...values,
            }),
            ...spec,
        },
    });
}

const ADMIN_BINDING = stringify({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "sovereign-admins" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: ADMIN_GROUP }],
});

const AUDIT_POLICY = stringify({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    rules: [{ level: "Metadata" }],
});

export interface MachineFixtureOptions {
    readonly addresses: LabAddresses;
    readonly cluster: ClusterFixture;
    readonly id: number;
    readonly name: string;
    readonly role: "server" | "agent";
    readonly nodeIp: string;
    readonly peers?: readonly string[];
    readonly mayInitialise?: boolean;
    /** Over the fixture's config.yaml; `undefined` removes a key. */
    readonly k3sConfig?: Readonly<Record<string, unknown>>;
    /** Over the fixture's manifests, by file name; `undefined` removes one. */
    readonly manifests?: Readonly<Record<string, string | undefined>>;
    /** Files left out of the user data, by path. */
    readonly without?: readonly string[];
    readonly k3sSha256?: string;
    readonly k3sDownloadUrl?: string;
    /** The machine's private network is there from the start. @default true */
    readonly attached?: boolean;
}

/** A `#cloud-config` with the files that the program's user data has. */
export function userDataFixture(options: MachineFixtureOptions): string {
    const { addresses, cluster, role, nodeIp, peers = [], without = [] } = options;
    const server = role === "server";
    const files = new Map<string, string>([
        [
            BOOT_FILES.environment,
            formatBootstrapEnvironment({
                role,
                mayInitialise: options.mayInitialise ?? (server && peers.length === 0),
                epoch: 1,
                nodeIp,
                peers,
                k3sVersion: K3S_VERSION,
                k3sDownloadUrl: options.k3sDownloadUrl ?? k3sDownloadUrl(addresses),
                k3sSha256: { amd64: options.k3sSha256 ?? k3sReleaseSha256(K3S_VERSION, "amd64") },
            }),
        ],
        [
            BOOT_FILES.k3sConfig,
            stringify({
                token: server ? cluster.serverToken : cluster.agentToken,
                "node-name": options.name,
                "node-ip": nodeIp,
                ...(server
                    ? {
                          "agent-token": cluster.agentToken,
                          "advertise-address": nodeIp,
                          "tls-san": ["192.0.2.10"],
                          "flannel-backend": "none",
                          "disable-network-policy": true,
                          "disable-kube-proxy": true,
                          disable: ["traefik", "servicelb"],
                          "secrets-encryption": true,
                          "kube-apiserver-arg": [`audit-policy-file=${BOOT_FILES.auditPolicy}`],
                      }
                    : {}),
                ...options.k3sConfig,
            }),
        ],
    ]);
    if (server) {
        const manifests: Record<string, string | undefined> = {
            "cilium.yaml": ciliumManifest(),
            "admins.yaml": ADMIN_BINDING,
            ...options.manifests,
        };
        files.set(BOOT_FILES.auditPolicy, AUDIT_POLICY);
        for (const [name, text] of Object.entries(manifests))
            if (text !== undefined) files.set(`${BOOT_FILES.manifestsDirectory}/${name}`, text);
        if (options.mayInitialise ?? peers.length === 0) {
            for (const [name, pair] of cluster.authorities) {
                files.set(`${BOOT_FILES.tlsDirectory}/${name}.crt`, pair.certificate);
                files.set(`${BOOT_FILES.tlsDirectory}/${name}.key`, pair.privateKey);
            }
            files.set(
                `${BOOT_FILES.tlsDirectory}/${SERVICE_ACCOUNT_KEY}`,
                cluster.serviceAccountKey,
            );
        }
    }
    for (const path of without) files.delete(path);
    return `#cloud-config\n${stringify({
        write_files: [...files].map(([path, content]) => ({ path, permissions: "0600", content })),
        runcmd: [[BOOT_FILES.script]],
    })}`;
}

/** The network that all fixture machines are in. */
export const NETWORK_ID = 1;

/** A machine as the emulated cloud would hand it over. */
export function machineFixture(options: MachineFixtureOptions): Machine {
    const { addresses, id, name, nodeIp, attached = true } = options;
    return {
        id,
        name,
        userData: userDataFixture(options),
        publicIpv4: `${addresses.prefix}.1.${id}`,
        publicIpv6: null,
        hostAddress: `${addresses.prefix}.128.${id}`,
        privateNetworks: attached ? [{ networkId: NETWORK_ID, ip: nodeIp }] : [],
        serverType: "cx23",
        architecture: "x86",
        labels: {},
    };
}
