// Proves what the user data of each node holds and how the cluster is entered, with real certificates. Does not prove that
// k3s accepts them.
import assert from "node:assert/strict";
import { X509Certificate, createPrivateKey } from "node:crypto";
import { parse } from "yaml";
import { BOOT_FILES, CA_NAMES } from "../../../components/cluster/bootFiles.ts";
import { environment, files, k3sConfig, planCluster } from "../../support/clusterPlan.ts";
import { childOf, isSecretValue, plainInputs, valueOf } from "../../support/plan.ts";
import type { Child } from "../../support/plan.ts";
import {
    MOCK_LOAD_BALANCER,
    mockNodeIpv4,
    providerOutputs,
} from "../../support/providerOutputs.ts";
import { fixtureNodes } from "../../support/sovereignFixture.ts";

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
            upsertExistingObjects: "true",
            deleteUnreachable: "true",
        });
        assert.ok(provider.dependencies.includes("cluster-ready"));
        assert.equal(provider.options.replacementTrigger, undefined);
    });
});

function without(input: string, child: Child): Record<string, unknown> {
    return Object.fromEntries(Object.entries(plainInputs(child)).filter(([k]) => k !== input));
}
