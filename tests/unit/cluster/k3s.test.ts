// Proves k3s configuration, manifests, tokens, kubeconfig and peers as pure data. Does not prove that k3s acts on them.
import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import fc from "fast-check";
import { parse } from "yaml";
import { k3sAgentConfig, k3sServerConfig } from "../../../components/cluster/k3sConfig.ts";
import { kubeconfig } from "../../../components/cluster/kubeconfig.ts";
import {
    adminBindingManifest,
    ciliumManifest,
    ciliumValues,
} from "../../../components/cluster/manifests.ts";
import { agentToken, rootHash, serverToken } from "../../../components/cluster/tokens.ts";
import { controlPlanesOf, peersOf } from "../../../components/cluster/topology.ts";
import { issue, privateKeyPem } from "../../support/certificates.ts";
import { fixtureNodes } from "../../support/sovereignFixture.ts";

const FQDN = "omantel.example";
const SECRETS = {
    serverToken: `K10${"0".repeat(64)}::server:server-password`,
    agentToken: `K10${"0".repeat(64)}::node:agent-password`,
    tlsSans: ["198.51.100.1", "10.0.2.2", "api.omantel.example"],
};

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
