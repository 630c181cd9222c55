// Proves which resources the Cloud component asks the engine for, with which inputs and options. Does not prove that
// Hetzner accepts them.
import assert from "node:assert/strict";
import { LABELS, numericId, ofType, planCloud } from "../../support/cloudPlan.ts";
import { childOf, outline, valueOf } from "../../support/plan.ts";
import { MOCK_LOAD_BALANCER, mockNodeIpv4, mockNodeIpv6 } from "../../support/providerOutputs.ts";
import { fixtureNodes } from "../../support/sovereignFixture.ts";

const NODE_ADDRESSES = (key: string) => [
    `sovereign:cloud:Cloud > sovereign:cloud:NodeAddresses cloud-${key}`,
    ...["ipv4", "ipv6"].flatMap((family) => [
        `sovereign:cloud:NodeAddresses > hcloud:index/primaryIp:PrimaryIp cloud-${key}-${family}`,
        `sovereign:cloud:NodeAddresses > hcloud:index/rdns:Rdns cloud-${key}-${family}-ptr`,
    ]),
];

describe("Cloud", () => {
    it("asks for exactly these resources", async () => {
        const { children } = await planCloud();
        const expected = [
            "pulumi:pulumi:Stack > pulumi:providers:sovereign sovereign",
            "pulumi:pulumi:Stack > sovereign:cloud:Cloud cloud",
            "sovereign:cloud:Cloud > sovereign:cloud:Placement cloud-placement",
            "sovereign:cloud:Cloud > sovereign:cloud:PrivateNetwork cloud-private",
            "sovereign:cloud:PrivateNetwork > hcloud:index/network:Network cloud-private-network",
            "sovereign:cloud:PrivateNetwork > hcloud:index/networkSubnet:NetworkSubnet cloud-private-nodes-subnet",
            "sovereign:cloud:PrivateNetwork > hcloud:index/networkSubnet:NetworkSubnet cloud-private-load-balancer-subnet",
            "sovereign:cloud:Cloud > hcloud:index/sshKey:SshKey cloud-ssh-a779b1e9",
            "sovereign:cloud:Cloud > hcloud:index/firewall:Firewall cloud-firewall",
            "sovereign:cloud:Cloud > hcloud:index/placementGroup:PlacementGroup cloud-control-planes",
            "sovereign:cloud:Cloud > hcloud:index/placementGroup:PlacementGroup cloud-workers-1",
            ...NODE_ADDRESSES("cp1"),
            ...NODE_ADDRESSES("w1"),
            "sovereign:cloud:Cloud > sovereign:cloud:LoadBalancer cloud-lb",
            "sovereign:cloud:LoadBalancer > hcloud:index/loadBalancer:LoadBalancer cloud-lb-balancer",
            "sovereign:cloud:LoadBalancer > hcloud:index/loadBalancerNetwork:LoadBalancerNetwork cloud-lb-attachment",
            "sovereign:cloud:LoadBalancer > hcloud:index/rdns:Rdns cloud-lb-ipv4-ptr",
            "sovereign:cloud:LoadBalancer > hcloud:index/rdns:Rdns cloud-lb-ipv6-ptr",
            ...["http", "https", "smtp", "kubernetes"].map(
                (s) =>
                    `sovereign:cloud:LoadBalancer > hcloud:index/loadBalancerService:LoadBalancerService cloud-lb-${s}`,
            ),
        ];
        assert.deepEqual(outline(children).sort(), expected.sort());
    });

    it("registers the same resources in a preview, where everything is unknown", async () => {
        const run = await planCloud();
        const preview = await planCloud({}, { preview: true });
        assert.deepEqual(outline(preview.children), outline(run.children));
    });

    it("names and labels whatever Hetzner lets it name and label", async () => {
        const { children } = await planCloud();
        const named = children
            .filter((c) => c.type.startsWith("hcloud:") && c.inputs.name !== undefined)
            .map((c) => {
                assert.deepEqual(c.inputs.labels, LABELS, c.name);
                return c.inputs.name;
            });
        assert.deepEqual(named.sort(), [
            "catalyst-omantel-example-control-planes",
            "catalyst-omantel-example-cp1-ipv4",
            "catalyst-omantel-example-cp1-ipv6",
            "catalyst-omantel-example-fw",
            "catalyst-omantel-example-lb",
            "catalyst-omantel-example-net",
            "catalyst-omantel-example-ssh-a779b1e9",
            "catalyst-omantel-example-w1-ipv4",
            "catalyst-omantel-example-w1-ipv6",
            "catalyst-omantel-example-workers-1",
        ]);
    });

    it("places everything where the placement says, and asks it through its own provider", async () => {
        const { children } = await planCloud();
        const placement = childOf(children, "cloud-placement");
        assert.equal(placement.options.provider, "sovereign");
        assert.deepEqual(placement.inputs, {
            locations: ["fsn1", "nbg1"],
            controlPlaneTypes: ["cx43", "cpx42"],
            workerTypes: ["cx33"],
        });
        for (const name of ["cloud-lb-balancer", "cloud-cp1-ipv4", "cloud-w1-ipv6"])
            assert.equal(childOf(children, name).inputs.location, "fsn1", name);
        assert.equal(
            childOf(children, "cloud-private-nodes-subnet").inputs.networkZone,
            "eu-central",
        );
    });

    it("asks for no worker type where there are no workers", async () => {
        const { children } = await planCloud({ nodes: fixtureNodes(3, 0) });
        assert.deepEqual(childOf(children, "cloud-placement").inputs.workerTypes, []);
        assert.deepEqual(
            ofType(children, "hcloud:index/placementGroup:PlacementGroup").map((c) => c.name),
            ["cloud-control-planes"],
        );
    });

    it("spreads workers over groups of ten", async () => {
        const { children, result } = await planCloud({
            nodes: fixtureNodes(1, 11),
            mail: { egressNodes: [] },
        });
        assert.deepEqual(
            ofType(children, "hcloud:index/placementGroup:PlacementGroup").map((c) => c.name),
            ["cloud-control-planes", "cloud-workers-1", "cloud-workers-2"],
        );
        for (const [key, group] of [
            ["cp1", "control-planes"],
            ["w10", "workers-1"],
            ["w11", "workers-2"],
        ] as const) {
            const node = result.nodes.get(key);
            assert.ok(node);
            assert.equal(
                await valueOf(node.placementGroupId),
                numericId(children, `cloud-${group}`),
            );
        }
    });

    it("keeps addresses when servers go, and binds the PTR to them", async () => {
        const { children } = await planCloud();
        const ip = childOf(children, "cloud-cp1-ipv4");
        assert.deepEqual(ip.inputs, {
            name: "catalyst-omantel-example-cp1-ipv4",
            type: "ipv4",
            location: "fsn1",
            autoDelete: false,
            deleteProtection: true,
            labels: LABELS,
        });
        assert.equal(ip.options.protect, true);
        assert.deepEqual(childOf(children, "cloud-cp1-ipv4-ptr").inputs, {
            primaryIpId: Number(ip.id),
            ipAddress: mockNodeIpv4("cp1"),
            dnsPtr: "mail.omantel.example",
        });
        assert.deepEqual(childOf(children, "cloud-cp1-ipv6-ptr").inputs, {
            primaryIpId: numericId(children, "cloud-cp1-ipv6"),
            ipAddress: mockNodeIpv6("cp1"),
            dnsPtr: "mail.omantel.example",
        });
    });

    it("gives the name of mail to the addresses that mail leaves by, and to no other", async () => {
        const { children, result } = await planCloud({
            nodes: fixtureNodes(1, 2),
            mail: { egressNodes: ["w2"], ipv6: false },
        });
        assert.deepEqual(
            ofType(children, "hcloud:index/rdns:Rdns").map((c) => c.name),
            ["cloud-lb-ipv4-ptr", "cloud-lb-ipv6-ptr", "cloud-w2-ipv4-ptr"],
        );
        const records = await Promise.all(
            result.ptrRecords.map(async ({ ip, name }) => `${await valueOf(ip)} ${name}`),
        );
        assert.deepEqual(records, [
            `${mockNodeIpv4("w2")} mail.omantel.example`,
            `${MOCK_LOAD_BALANCER.ipv4} mx.omantel.example`,
            `${MOCK_LOAD_BALANCER.ipv6} mx.omantel.example`,
        ]);
    });

    it("has no IPv6 address and no PTR of one where IPv6 is off", async () => {
        const { children, result } = await planCloud({ cloud: { ipv6: false } });
        assert.ok(!children.some((c) => c.name.includes("ipv6")));
        assert.equal(result.nodes.get("cp1")?.ipv6, undefined);
        assert.equal(result.nodes.get("cp1")?.ipv6Id, undefined);
    });

    it("deletes first what Hetzner allows only one of", async () => {
        const { children } = await planCloud();
        const first = new Set(
            children.filter((c) => c.options.deleteBeforeReplace).map((c) => c.type),
        );
        assert.deepEqual([...first].sort(), [
            "hcloud:index/loadBalancer:LoadBalancer",
            "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork",
            "hcloud:index/loadBalancerService:LoadBalancerService",
            "hcloud:index/network:Network",
            "hcloud:index/networkSubnet:NetworkSubnet",
            "hcloud:index/placementGroup:PlacementGroup",
            "hcloud:index/primaryIp:PrimaryIp",
            "hcloud:index/rdns:Rdns",
            "hcloud:index/sshKey:SshKey",
        ]);
    });

    it("protects network, addresses and load balancer, at Pulumi and at Hetzner, or none of them", async () => {
        for (const protect of [true, false]) {
            const { children } = await planCloud({ cloud: { protect } });
            const types = [
                "hcloud:index/network:Network",
                "hcloud:index/primaryIp:PrimaryIp",
                "hcloud:index/loadBalancer:LoadBalancer",
            ];
            for (const child of children.filter((c) => c.type.startsWith("hcloud:"))) {
                const guarded = types.includes(child.type);
                assert.equal(child.options.protect, guarded && protect, child.name);
                assert.equal(
                    child.inputs.deleteProtection,
                    guarded ? protect : undefined,
                    child.name,
                );
            }
        }
    });
});
