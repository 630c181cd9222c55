// Proves which resources the Cluster component asks the engine for, in which order and with which options. Does not prove
// that Hetzner or k3s accept them.
import assert from "node:assert/strict";
import { CA_NAMES } from "../../../components/cluster/bootFiles.ts";
import { FQDN, k3sConfig, planCluster } from "../../support/clusterPlan.ts";
import { childOf, outline, plainInputs } from "../../support/plan.ts";
import type { Child } from "../../support/plan.ts";
import { MOCK_LOAD_BALANCER, mockNodeIpv4 } from "../../support/providerOutputs.ts";
import { fixtureNodes } from "../../support/sovereignFixture.ts";

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
                protect: false,
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
        assert.equal(inputs.deleteProtection, undefined, "or a generation could not replace it");
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
