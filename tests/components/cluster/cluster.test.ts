// Proves which resources Cloud and Cluster ask the engine for, in which order, with which options, and what the user data
// of each node holds. Does not prove that Hetzner or k3s accept them.
import assert from "node:assert/strict";
import { X509Certificate, createPrivateKey } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import type { CloudConfig, ClusterConfig, NodeConfig } from "../../../config.ts";
import { Cloud } from "../../../components/cloud/cloud.ts";
import { CA_NAMES, BOOT_FILES } from "../../../components/cluster/bootFiles.ts";
import { Cluster } from "../../../components/cluster/cluster.ts";
import type { CloudInitFile } from "../../../components/cluster/userData.ts";
import { Provider } from "../../../provider/resources/provider.ts";
import { childOf, isSecretValue, outline, plainInputs, plan, valueOf } from "../../support/plan.ts";
import type { Child, PlanOptions } from "../../support/plan.ts";
import {
    MOCK_LOAD_BALANCER,
    mockNodeIpv4,
    providerOutputs,
} from "../../support/providerOutputs.ts";
import { fixtureCloud, fixtureCluster, fixtureNodes } from "../../support/sovereignFixture.ts";

const FQDN = "omantel.example";

interface Shape {
    readonly nodes?: readonly NodeConfig[];
    readonly cloud?: Partial<CloudConfig>;
    readonly cluster?: Partial<ClusterConfig>;
}

function program(shape: Shape): { cloud: Cloud; cluster: Cluster } {
    const nodes = shape.nodes ?? fixtureNodes(1, 1);
    const provider = new Provider("sovereign", {});
    const cloudConfig = fixtureCloud(shape.cloud);
    const mail = { loadBalancerPorts: ["smtp"], egressNodes: ["cp1"], ipv6: true } as const;
    const cloud = new Cloud("cloud", { fqdn: FQDN, cloud: cloudConfig, nodes, mail, provider });
    const cluster = new Cluster("cluster", {
        fqdn: FQDN,
        cloudConfig,
        cluster: fixtureCluster(nodes, shape.cluster),
        cloud,
        provider,
    });
    return { cloud, cluster };
}

function planCluster(shape: Shape = {}, options: PlanOptions = {}) {
    return plan(() => program(shape), { outputs: providerOutputs(), ...options });
}

function files(children: readonly Child[], key: string): Map<string, CloudInitFile> {
    const server = childOf(children, `cluster-${key}-server`);
    assert.ok(isSecretValue(server.inputs.userData), `user data of ${key} must be secret`);
    const encoded = String(plainInputs(server).userData);
    const text = gunzipSync(Buffer.from(encoded, "base64")).toString();
    assert.match(text, /^#cloud-config\n/);
    const document = parse(text) as { write_files: CloudInitFile[] };
    return new Map(document.write_files.map((f) => [f.path, f]));
}

function environment(children: readonly Child[], key: string): string[] {
    return files(children, key).get(BOOT_FILES.environment)?.content.trim().split("\n") ?? [];
}

function k3sConfig(children: readonly Child[], key: string): Record<string, unknown> {
    return parse(files(children, key).get(BOOT_FILES.k3sConfig)?.content ?? "") as Record<
        string,
        unknown
    >;
}

describe("Cluster", () => {
    it("asks for exactly these resources with one control plane and one worker", async () => {
        const { children } = await planCluster();
        const ca = CA_NAMES.map((n) => n.replace("/", "-"));
        const expected = [
            "pulumi:pulumi:Stack > sovereign:cluster:Cluster cluster",
            "sovereign:cluster:Cluster > sovereign:cluster:ClusterPki cluster-pki",
            ...["root", ...ca, "service-account", "admin"].map(
                (n) =>
                    `sovereign:cluster:ClusterPki > tls:index/privateKey:PrivateKey cluster-pki-${n}-key`,
            ),
            ...[...ca, "admin"].flatMap((n) => [
                `sovereign:cluster:ClusterPki > tls:index/certRequest:CertRequest cluster-pki-${n}-request`,
                `sovereign:cluster:ClusterPki > tls:index/locallySignedCert:LocallySignedCert cluster-pki-${n}`,
            ]),
            "sovereign:cluster:ClusterPki > tls:index/selfSignedCert:SelfSignedCert cluster-pki-root",
            "sovereign:cluster:Cluster > random:index/randomPassword:RandomPassword cluster-server-token",
            "sovereign:cluster:Cluster > random:index/randomPassword:RandomPassword cluster-agent-token",
            "sovereign:cluster:Cluster > pulumi:index:Stash cluster-initial-generation",
            ...["cp1", "w1"].flatMap((key) => [
                `sovereign:cluster:Cluster > sovereign:cluster:ClusterNode cluster-${key}`,
                `sovereign:cluster:ClusterNode > hcloud:index/server:Server cluster-${key}-server`,
                `sovereign:cluster:ClusterNode > hcloud:index/loadBalancerTarget:LoadBalancerTarget cluster-${key}-target`,
                `sovereign:cluster:ClusterNode > sovereign:cluster:Node cluster-${key}-node`,
            ]),
            "sovereign:cluster:Cluster > sovereign:cluster:ApiReady cluster-ready",
            "sovereign:cluster:Cluster > pulumi:providers:kubernetes cluster-kubernetes",
        ];
        const actual = outline(children.filter((c) => c.name.startsWith("cluster")));
        assert.deepEqual(actual.sort(), expected.sort());
    });

    it("registers the same resources in a preview, where everything is unknown", async () => {
        const run = await planCluster({ nodes: fixtureNodes(3, 2) });
        const preview = await planCluster({ nodes: fixtureNodes(3, 2) }, { preview: true });
        assert.deepEqual(outline(preview.children), outline(run.children));
    });

    it("builds control planes in a chain and workers after the first of them", async () => {
        const { children } = await planCluster({ nodes: fixtureNodes(3, 2) });
        const nodesBefore = (key: string) =>
            childOf(children, `cluster-${key}-server`).dependencies.filter((d) =>
                /^cluster-.*-node$/.test(d),
            );
        assert.deepEqual(
            Object.fromEntries(["cp1", "cp2", "cp3", "w1", "w2"].map((k) => [k, nodesBefore(k)])),
            {
                cp1: [],
                cp2: ["cluster-cp1-node"],
                cp3: ["cluster-cp2-node"],
                w1: ["cluster-cp1-node"],
                w2: ["cluster-cp1-node"],
            },
        );
        for (const key of ["cp1", "cp2", "cp3", "w1", "w2"]) {
            const target = childOf(children, `cluster-${key}-target`);
            assert.ok(target.dependencies.includes("cloud-lb-attachment"));
            assert.ok(target.dependencies.includes(`cluster-${key}-server`));
            const node = childOf(children, `cluster-${key}-node`);
            assert.ok(node.dependencies.includes(`cluster-${key}-target`));
            assert.equal(node.options.provider, "sovereign");
        }
        const ready = childOf(children, "cluster-ready").dependencies;
        assert.deepEqual(
            ready.filter((d) => d.endsWith("-node")),
            ["cp1", "cp2", "cp3", "w1", "w2"].map((k) => `cluster-${k}-node`),
        );
    });

    it("replaces a server for its generation and the epoch only, deleting it first", async () => {
        const nodes = fixtureNodes(1, 0, { cp1: 4 });
        const { children } = await planCluster({ nodes, cluster: { epoch: 2 } });
        const { options, inputs } = childOf(children, "cluster-cp1-server");
        assert.deepEqual(
            { ...options, additionalSecretOutputs: undefined },
            {
                protect: true,
                deleteBeforeReplace: true,
                retainOnDelete: false,
                ignoreChanges: ["userData", "image", "sshKeys"],
                replaceOnChanges: [],
                hideDiffs: [],
                additionalSecretOutputs: undefined,
                deletedWith: "",
                replacementTrigger: "epoch 2, generation 4",
                provider: "",
            },
        );
        assert.equal(inputs.deleteProtection, true);
        assert.equal(inputs.rebuildProtection, true);
        for (const name of ["cluster-cp1-target", "cluster-cp1-node"])
            assert.equal(childOf(children, name).options.deleteBeforeReplace, true, name);
    });

    it("places a server in the subnet, at its own addresses, behind the firewall", async () => {
        const { children } = await planCluster();
        const id = (name: string) => Number(plainIdOf(children, name));
        const inputs = without("userData", childOf(children, "cluster-w1-server"));
        assert.deepEqual(inputs, {
            name: "catalyst-omantel-example-w1",
            serverType: "cx33",
            location: "fsn1",
            image: "ubuntu-24.04",
            sshKeys: [String(id("cloud-ssh-" + sshId(children)))],
            publicNets: [
                {
                    ipv4Enabled: true,
                    ipv4: id("cloud-w1-ipv4"),
                    ipv6Enabled: true,
                    ipv6: id("cloud-w1-ipv6"),
                },
            ],
            networks: [
                {
                    subnetId: plainIdOf(children, "cloud-private-nodes-subnet"),
                    ip: "10.0.1.10",
                    aliasIps: [],
                },
            ],
            firewallIds: [id("cloud-firewall")],
            placementGroupId: id("cloud-workers-1"),
            deleteProtection: true,
            rebuildProtection: true,
            labels: {
                "catalyst.openova.io/sovereign": FQDN,
                "catalyst.openova.io/role": "worker",
                "catalyst.openova.io/node": "w1",
            },
        });
        assert.equal(plainInputs(childOf(children, "cluster-cp1-server")).serverType, "cx43");
    });

    it("gives IPv6 to no server when it is off", async () => {
        const { children } = await planCluster({ cloud: { ipv6: false } });
        assert.deepEqual(plainInputs(childOf(children, "cluster-cp1-server")).publicNets, [
            {
                ipv4Enabled: true,
                ipv4: Number(plainIdOf(children, "cloud-cp1-ipv4")),
                ipv6Enabled: false,
            },
        ]);
        assert.deepEqual(k3sConfig(children, "cp1")["tls-san"], [
            MOCK_LOAD_BALANCER.ipv4,
            "10.0.2.2",
            "10.0.1.2",
            mockNodeIpv4("cp1"),
            "api.omantel.example",
        ]);
    });
});

describe("user data of the nodes", () => {
    it("lets the first control plane alone initialise, and gives it alone the CA keys", async () => {
        const { children } = await planCluster({ nodes: fixtureNodes(3, 1) });
        const caFiles = [...CA_NAMES.flatMap((n) => [`${n}.crt`, `${n}.key`]), "service.key"].map(
            (n) => `${BOOT_FILES.tlsDirectory}/${n}`,
        );
        for (const [key, may, peers] of [
            ["cp1", "true", "10.0.1.3 10.0.1.4"],
            ["cp2", "false", "10.0.1.2 10.0.1.4"],
            ["cp3", "false", "10.0.1.2 10.0.1.3"],
            ["w1", "false", "10.0.1.2 10.0.1.3 10.0.1.4"],
        ] as const) {
            const lines = environment(children, key);
            assert.ok(lines.includes(`SOVEREIGN_MAY_INITIALISE='${may}'`), key);
            assert.ok(lines.includes(`SOVEREIGN_PEERS='${peers}'`), key);
            const inTls = [...files(children, key).keys()].filter((p) => p.includes("/tls/"));
            assert.deepEqual(inTls.sort(), key === "cp1" ? caFiles.sort() : [], key);
        }
    });

    it("does not let a replacement initialise: the state keeps the generation that the epoch began with", async () => {
        const began = { ...providerOutputs(), "pulumi:index:Stash": { output: 1 } };
        const nodes = fixtureNodes(3, 0, { cp1: 2 });
        const { children } = await planCluster({ nodes }, { outputs: began });
        assert.ok(environment(children, "cp1").includes("SOVEREIGN_MAY_INITIALISE='false'"));
        assert.ok(![...files(children, "cp1").keys()].some((p) => p.includes("/tls/")));
        assert.equal(
            childOf(children, "cluster-initial-generation").options.replacementTrigger,
            "1",
        );
    });

    it("gives workers the agents' token and no manifest", async () => {
        const { children } = await planCluster();
        const server = k3sConfig(children, "cp1");
        const agent = k3sConfig(children, "w1");
        assert.equal(agent.token, server["agent-token"]);
        assert.match(String(agent.token), /^K10[0-9a-f]{64}::node:[0-9a-f]{48}$/);
        assert.match(String(server.token), /^K10[0-9a-f]{64}::server:[0-9a-f]{48}$/);
        assert.notEqual(
            String(server.token).split(":").at(-1),
            String(agent.token).split(":").at(-1),
        );
        const paths = [...files(children, "w1").keys()];
        assert.ok(!paths.some((p) => p.startsWith(BOOT_FILES.manifestsDirectory)));
        const everything = [...files(children, "w1").values()].map((f) => f.content).join("\n");
        assert.ok(!everything.includes(String(server.token).split(":").at(-1) ?? "?"));
        assert.ok(!everything.includes("PRIVATE KEY"));
    });

    it("pins the root in the tokens, and chains every CA to it", async () => {
        const { children, result } = await planCluster();
        const rootPem = (await valueOf(result.cluster.caCertificate)).split(
            /(?<=-----END CERTIFICATE-----)\n/,
        )[1];
        const root = new X509Certificate(rootPem ?? "");
        const hash = root.fingerprint256.replaceAll(":", "").toLowerCase();
        assert.ok(String(k3sConfig(children, "cp1").token).startsWith(`K10${hash}::`));
        const boot = files(children, "cp1");
        for (const ca of CA_NAMES) {
            const bundle = boot.get(`${BOOT_FILES.tlsDirectory}/${ca}.crt`)?.content ?? "";
            const [intermediate, end] = bundle.split(/(?<=-----END CERTIFICATE-----)\n/);
            const certificate = new X509Certificate(intermediate ?? "");
            assert.ok(certificate.ca && certificate.verify(root.publicKey), ca);
            assert.equal(new X509Certificate(end ?? "").fingerprint256, root.fingerprint256, ca);
            const key = boot.get(`${BOOT_FILES.tlsDirectory}/${ca}.key`);
            assert.equal(key?.permissions, "0600");
            assert.ok(certificate.checkPrivateKey(createPrivateKey(key.content)), ca);
        }
        assert.equal(root.verify(root.publicKey), true);
    });
});

describe("access to the cluster", () => {
    it("has a kubeconfig for the load balancer before any server, of the admin group", async () => {
        const { children, result } = await planCluster();
        const text = await valueOf(result.cluster.kubeconfig);
        const config = parse(text) as {
            clusters: { cluster: { server: string } }[];
            users: { user: { "client-certificate-data": string; "client-key-data": string } }[];
        };
        assert.equal(config.clusters[0]?.cluster.server, `https://${MOCK_LOAD_BALANCER.ipv4}:6443`);
        const user = config.users[0]?.user;
        const certificate = new X509Certificate(
            Buffer.from(user?.["client-certificate-data"] ?? "", "base64"),
        );
        assert.equal(certificate.subject, "CN=sovereign-admin\nO=sovereign:admins");
        assert.ok(
            certificate.checkPrivateKey(
                createPrivateKey(Buffer.from(user?.["client-key-data"] ?? "", "base64")),
            ),
        );
        for (const name of ["cluster-cp1-node", "cluster-ready", "cluster-kubernetes"])
            assert.ok(isSecretValue(childOf(children, name).inputs.kubeconfig), name);
    });

    it("leads to the first control plane when the API is exposed at the nodes", async () => {
        const { children, result } = await planCluster({
            cloud: { apiExposure: "nodes", apiAllowedCidrs: ["198.51.100.7/32"] },
        });
        assert.equal(await valueOf(result.cluster.apiAddress), mockNodeIpv4("cp1"));
        assert.match(
            await valueOf(result.cluster.kubeconfig),
            new RegExp(`server: https://${mockNodeIpv4("cp1")}:6443`),
        );
        assert.ok(!children.some((c) => c.name === "cloud-lb-kubernetes"));
    });

    it("renews the admin certificate by its generation, and every other key by the epoch", async () => {
        const { children } = await planCluster({
            cluster: { epoch: 3, adminCertificateGeneration: 7 },
        });
        const triggers = children
            .filter((c) => c.type === "tls:index/privateKey:PrivateKey")
            .map((c) => `${c.name} ${String(c.options.replacementTrigger)}`);
        assert.deepEqual(triggers, [
            "cluster-pki-admin-key 7",
            "cluster-pki-client-ca-key 3",
            "cluster-pki-etcd-peer-ca-key 3",
            "cluster-pki-etcd-server-ca-key 3",
            "cluster-pki-request-header-ca-key 3",
            "cluster-pki-root-key 3",
            "cluster-pki-server-ca-key 3",
            "cluster-pki-service-account-key 3",
        ]);
        const userData = childOf(children, "cluster-cp1-server");
        assert.ok(!userData.dependencies.some((d) => d.startsWith("cluster-pki-admin")));
    });

    it("has one Kubernetes provider, which the gate holds back and only an epoch replaces", async () => {
        const { children } = await planCluster({ cluster: { epoch: 5 } });
        const provider = childOf(children, "cluster-kubernetes");
        const inputs = without("kubeconfig", provider);
        assert.deepEqual(inputs, {
            clusterIdentifier: "omantel.example#5",
            enableServerSideApply: "true",
            enableSecretMutable: "true",
            enableConfigMapMutable: "true",
            deleteUnreachable: "true",
        });
        assert.ok(provider.dependencies.includes("cluster-ready"));
        assert.equal(provider.options.replacementTrigger, undefined);
    });
});

function plainIdOf(children: readonly Child[], name: string): string {
    return childOf(children, name).id;
}

function sshId(children: readonly Child[]): string {
    const key = children.find((c) => c.type === "hcloud:index/sshKey:SshKey");
    return key?.name.replace("cloud-ssh-", "") ?? "";
}

function without(input: string, child: Child): Record<string, unknown> {
    return Object.fromEntries(Object.entries(plainInputs(child)).filter(([k]) => k !== input));
}
