// Proves what a node is told at its first boot: user data and its size limit, k3s configuration, manifests, tokens,
// kubeconfig, peers. Does not prove that k3s or cloud-init act on it; the bootstrap script has tests of its own.
import assert from "node:assert/strict";
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { parse } from "yaml";
import { BOOT_FILES, parseBootstrapEnvironment } from "../../../components/cluster/bootFiles.ts";
import { k3sAgentConfig, k3sServerConfig } from "../../../components/cluster/k3sConfig.ts";
import { kubeconfig } from "../../../components/cluster/kubeconfig.ts";
import {
    adminBindingManifest,
    ciliumManifest,
    ciliumValues,
} from "../../../components/cluster/manifests.ts";
import { nodeUserData, nodeUserDataArgs } from "../../../components/cluster/nodeUserData.ts";
import type { ClusterSecrets } from "../../../components/cluster/nodeUserData.ts";
import { agentToken, rootHash, serverToken } from "../../../components/cluster/tokens.ts";
import { controlPlanesOf, peersOf } from "../../../components/cluster/topology.ts";
import {
    MAX_USER_DATA_BYTES,
    cloudConfig,
    userData,
    userDataFiles,
} from "../../../components/cluster/userData.ts";
import { issue, privateKeyPem } from "../../support/certificates.ts";
import { fixtureCluster, fixtureNodes } from "../../support/sovereignFixture.ts";

const FQDN = "omantel.example";
const SECRETS: ClusterSecrets = {
    serverToken: `K10${"0".repeat(64)}::server:server-password`,
    agentToken: `K10${"0".repeat(64)}::node:agent-password`,
    tlsSans: ["198.51.100.1", "10.0.2.2", "api.omantel.example"],
};
const AUTHORITIES = {
    byName: { "server-ca": { chainPem: "a chain\n", keyPem: "a key\n" } },
    serviceAccountKeyPem: "a service key\n",
};

function argsOf(key: string, secrets: ClusterSecrets = SECRETS) {
    const nodes = fixtureNodes(3, 2);
    const node = nodes.find((n) => n.key === key);
    assert.ok(node);
    return nodeUserDataArgs(FQDN, fixtureCluster(nodes), node, secrets);
}

function modes(key: string, secrets?: ClusterSecrets): Record<string, string> {
    return Object.fromEntries(
        userDataFiles(argsOf(key, secrets)).map((f) => [f.path, f.permissions]),
    );
}

const ON_EVERY_NODE = {
    [BOOT_FILES.environment]: "0600",
    [BOOT_FILES.script]: "0755",
    "/etc/systemd/system/sovereign-bootstrap.service": "0644",
    [BOOT_FILES.sshd]: "0600",
    [BOOT_FILES.sysctl]: "0644",
    [BOOT_FILES.metadataFirewall]: "0644",
    [BOOT_FILES.k3sConfig]: "0600",
};
const ON_CONTROL_PLANES = {
    ...ON_EVERY_NODE,
    [BOOT_FILES.auditPolicy]: "0600",
    [`${BOOT_FILES.manifestsDirectory}/00-sovereign-admins.yaml`]: "0600",
    [`${BOOT_FILES.manifestsDirectory}/10-cilium.yaml`]: "0600",
};

describe("user data", () => {
    it("holds exactly these files, with these permissions", () => {
        assert.deepEqual(modes("w1"), ON_EVERY_NODE);
        assert.deepEqual(modes("cp2"), ON_CONTROL_PLANES);
        assert.deepEqual(modes("cp1", { ...SECRETS, authorities: AUTHORITIES }), {
            ...ON_CONTROL_PLANES,
            [`${BOOT_FILES.tlsDirectory}/server-ca.crt`]: "0644",
            [`${BOOT_FILES.tlsDirectory}/server-ca.key`]: "0600",
            [`${BOOT_FILES.tlsDirectory}/service.key`]: "0600",
        });
    });

    it("lets readers other than root see no file with a secret in it", () => {
        for (const f of userDataFiles(argsOf("cp1", { ...SECRETS, authorities: AUTHORITIES })))
            if (/password|a key|a service key/.test(f.content))
                assert.equal(f.permissions, "0600", f.path);
    });

    it("is base64 of gzip of a cloud-init document, the same each time", () => {
        const encoded = userData(argsOf("cp2"));
        assert.equal(encoded, userData(argsOf("cp2")));
        const text = gunzipSync(Buffer.from(encoded, "base64")).toString();
        assert.equal(text, cloudConfig(argsOf("cp2")));
        assert.equal(text.split("\n")[0], "#cloud-config");
        const document = parse(text) as Record<string, unknown>;
        assert.deepEqual(document.write_files, userDataFiles(argsOf("cp2")));
        assert.deepEqual(document.packages, ["nftables"]);
        assert.deepEqual((document.runcmd as string[][]).at(-1), [
            "systemctl",
            "enable",
            "--now",
            "--no-block",
            "sovereign-bootstrap.service",
        ]);
    });

    it("carries any content unharmed", () => {
        fc.assert(
            fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), (content) => {
                const args = { ...argsOf("cp2"), manifests: { "20-any.yaml": content } };
                const document = parse(cloudConfig(args)) as {
                    write_files: { path: string; content: string }[];
                };
                const file = document.write_files.find((f) => f.path.endsWith("20-any.yaml"));
                assert.equal(file?.content, content);
            }),
        );
    });

    it("says who is over the limit, by how much, and what takes the room", () => {
        const noise = randomBytes(40_000).toString("base64");
        const args = { ...argsOf("cp2"), manifests: { "noise.yaml": noise } };
        assert.throws(
            () => userData(args),
            (error: Error) => {
                const match =
                    /^the user data of cp2 takes (\d+) bytes, (\d+) more than Hetzner's limit of 32768; its largest files: (.*)$/.exec(
                        error.message,
                    );
                assert.equal(Number(match?.[1]) - Number(match?.[2]), MAX_USER_DATA_BYTES);
                assert.match(match?.[3] ?? "", /^\S+\/noise\.yaml \(53336\), /);
                assert.ok(!error.message.includes("password"));
                return true;
            },
        );
    });

    it("leaves room under the limit with all CAs and a hundred nodes", async () => {
        const nodes = fixtureNodes(3, 97);
        const first = nodes[0];
        assert.ok(first);
        const certificate = await issue(
            { commonName: `${"a".repeat(60)} etcd server-ca`, ca: true, hours: 1 },
            privateKeyPem(),
        );
        const byName = Object.fromEntries(
            Array.from({ length: 5 }, (_, i) => [
                `ca-${i}`,
                { chainPem: certificate + certificate, keyPem: privateKeyPem() },
            ]),
        );
        const encoded = nodeUserData(FQDN, fixtureCluster(nodes), first, {
            ...SECRETS,
            authorities: { byName, serviceAccountKeyPem: privateKeyPem() },
        });
        assert.ok(encoded.length < MAX_USER_DATA_BYTES / 2, `${encoded.length} bytes`);
    });

    it("tells the bootstrap script what it decides by", () => {
        const read = (key: string, secrets?: ClusterSecrets) =>
            parseBootstrapEnvironment(
                userDataFiles(argsOf(key, secrets)).find((f) => f.path === BOOT_FILES.environment)
                    ?.content ?? "",
            );
        assert.deepEqual(read("cp1", { ...SECRETS, authorities: AUTHORITIES }), {
            role: "server",
            mayInitialise: true,
            epoch: 1,
            nodeIp: "10.0.1.2",
            peers: ["10.0.1.3", "10.0.1.4"],
            k3sVersion: "v1.36.1+k3s1",
            k3sDownloadUrl: "https://releases.test/k3s",
            k3sSha256: { amd64: "a".repeat(64), arm64: "b".repeat(64) },
        });
        assert.equal(read("cp1").mayInitialise, false);
        assert.equal(read("w2").role, "agent");
        assert.equal(read("w2").nodeIp, "10.0.1.11");
    });
});

describe("k3s configuration", () => {
    const node = { nodeName: "catalyst-omantel-example-cp1", key: "cp1", nodeIp: "10.0.1.2" };

    it("of a control plane", () => {
        const text = k3sServerConfig({
            ...node,
            ...SECRETS,
            podCidr: "10.42.0.0/16",
            serviceCidr: "10.43.0.0/16",
        });
        assert.deepEqual(parse(text), {
            token: SECRETS.serverToken,
            "agent-token": SECRETS.agentToken,
            "node-name": "catalyst-omantel-example-cp1",
            "node-ip": "10.0.1.2",
            "node-label": [
                "catalyst.openova.io/role=control-plane",
                "catalyst.openova.io/node=cp1",
            ],
            "protect-kernel-defaults": true,
            "kubelet-arg": ["streaming-connection-idle-timeout=5m"],
            "advertise-address": "10.0.1.2",
            "tls-san": ["198.51.100.1", "10.0.2.2", "api.omantel.example"],
            "cluster-cidr": "10.42.0.0/16",
            "service-cidr": "10.43.0.0/16",
            "flannel-backend": "none",
            "disable-network-policy": true,
            "disable-kube-proxy": true,
            disable: ["traefik", "servicelb"],
            "secrets-encryption": true,
            "write-kubeconfig-mode": "0600",
            "kube-apiserver-arg": [
                "enable-admission-plugins=NodeRestriction",
                "audit-policy-file=/etc/rancher/k3s/audit-policy.yaml",
                "audit-log-path=/var/lib/rancher/k3s/server/logs/audit.log",
                "audit-log-maxage=30",
                "audit-log-maxbackup=10",
                "audit-log-maxsize=100",
            ],
        });
    });

    it("of a worker, without anything that only a server understands", () => {
        assert.deepEqual(parse(k3sAgentConfig({ ...node, agentToken: SECRETS.agentToken })), {
            token: SECRETS.agentToken,
            "node-name": "catalyst-omantel-example-cp1",
            "node-ip": "10.0.1.2",
            "node-label": ["catalyst.openova.io/role=worker", "catalyst.openova.io/node=cp1"],
            "protect-kernel-defaults": true,
            "kubelet-arg": ["streaming-connection-idle-timeout=5m"],
        });
    });

    it("leaves who initialises and who joins to the bootstrap script", () => {
        for (const key of ["cp1", "cp2", "w1"]) {
            const config = parse(argsOf(key).k3sConfig) as object;
            assert.ok(!("cluster-init" in config) && !("server" in config), key);
        }
    });
});

describe("manifests", () => {
    it("bind the admin group, and not the irrevocable system:masters", () => {
        assert.deepEqual(parse(adminBindingManifest()), {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRoleBinding",
            metadata: { name: "sovereign-admins" },
            roleRef: {
                apiGroup: "rbac.authorization.k8s.io",
                kind: "ClusterRole",
                name: "cluster-admin",
            },
            subjects: [
                { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "sovereign:admins" },
            ],
        });
    });

    it("install Cilium before there is a network", () => {
        const args = {
            version: "1.19.6",
            chartRepository: "https://helm.cilium.io",
            nodeCount: 2,
        };
        const { spec, ...rest } = parse(ciliumManifest(args)) as {
            spec: Record<string, unknown>;
        };
        assert.deepEqual(rest, {
            apiVersion: "helm.cattle.io/v1",
            kind: "HelmChart",
            metadata: { name: "cilium", namespace: "kube-system" },
        });
        const { valuesContent, ...chart } = spec;
        assert.deepEqual(chart, {
            repo: "https://helm.cilium.io",
            chart: "cilium",
            version: "1.19.6",
            targetNamespace: "kube-system",
            bootstrap: true,
        });
        assert.deepEqual(parse(String(valuesContent)), ciliumValues(args));
    });

    it("stand Cilium's ingress on the port that the load balancer leads to, speaking its protocol", () => {
        const values = ciliumValues({ version: "1", chartRepository: "r", nodeCount: 1 });
        assert.deepEqual(values.ingressController, {
            enabled: true,
            default: true,
            loadbalancerMode: "shared",
            enableProxyProtocol: true,
            hostNetwork: { enabled: true, sharedListenerPort: 8080 },
        });
        assert.equal(values.kubeProxyReplacement, true);
        assert.deepEqual([values.k8sServiceHost, values.k8sServicePort], ["127.0.0.1", 6444]);
    });

    it("ask for a second operator only where there is a second node", () => {
        const replicas = (nodeCount: number) =>
            ciliumValues({ version: "1", chartRepository: "r", nodeCount }).operator.replicas;
        assert.deepEqual([1, 2, 9].map(replicas), [1, 2, 2]);
    });
});

describe("tokens", () => {
    it("pin the root by the SHA-256 of its DER", async () => {
        const root = await issue({ commonName: "root", ca: true, hours: 1 }, privateKeyPem());
        const hash = createHash("sha256").update(new X509Certificate(root).raw).digest("hex");
        assert.equal(rootHash(root), hash);
        assert.equal(serverToken(root, "secret"), `K10${hash}::server:secret`);
        assert.equal(agentToken(root, "secret"), `K10${hash}::node:secret`);
    });

    it("are not made from what is no certificate", () => {
        assert.throws(() => serverToken("nonsense", "secret"));
    });
});

describe("kubeconfig", () => {
    it("has one context, with every certificate inside", () => {
        const base64 = (text: string) => Buffer.from(text).toString("base64");
        const text = kubeconfig({
            name: FQDN,
            address: "198.51.100.1",
            port: 6443,
            caPem: "ca",
            certificatePem: "certificate",
            privateKeyPem: "key",
        });
        assert.deepEqual(parse(text), {
            apiVersion: "v1",
            kind: "Config",
            clusters: [
                {
                    name: FQDN,
                    cluster: {
                        server: "https://198.51.100.1:6443",
                        "certificate-authority-data": base64("ca"),
                    },
                },
            ],
            users: [
                {
                    name: FQDN,
                    user: {
                        "client-certificate-data": base64("certificate"),
                        "client-key-data": base64("key"),
                    },
                },
            ],
            contexts: [{ name: FQDN, context: { cluster: FQDN, user: FQDN } }],
            "current-context": FQDN,
        });
    });
});

describe("topology", () => {
    it("orders control planes by their index, whatever the order of the config", () => {
        const nodes = fixtureNodes(3, 2).reverse();
        assert.deepEqual(
            controlPlanesOf(nodes).map((n) => n.key),
            ["cp1", "cp2", "cp3"],
        );
    });

    it("refuses a cluster without a control plane", () => {
        assert.throws(() => controlPlanesOf(fixtureNodes(0, 2)), {
            message: "a cluster needs at least one control plane",
        });
    });

    it("lets nobody join through itself or through a worker", () => {
        fc.assert(
            fc.property(fc.constantFrom(1, 3), fc.integer({ min: 0, max: 9 }), (cps, workers) => {
                const nodes = fixtureNodes(cps, workers);
                for (const node of nodes) {
                    const peers = peersOf(node, nodes);
                    assert.ok(!peers.includes(node.privateIp));
                    assert.equal(peers.length, node.role === "worker" ? cps : cps - 1);
                }
            }),
        );
    });
});
