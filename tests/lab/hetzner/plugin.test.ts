// Proves that Hetzner's own Terraform provider, as the real Pulumi plugin, creates, refreshes, changes and destroys every kind of
// resource that a Sovereign has against the emulated API, finds no drift, and leaves nothing behind.
// Does not prove that the emulator refuses all that Hetzner refuses; the other files do, rule by rule.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as hcloud from "@pulumi/hcloud";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { LAB_CREDENTIALS } from "../../../lab/credentials.ts";
import { pulumiEnvironment } from "../../../lab/pulumiCli.ts";
import { testToolchain } from "../../support/labContext.ts";
import { type CloudFixture, startCloud } from "./cloudFixture.ts";

const PUBLIC_KEY =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f test";

function program(endpoint: string, replicas: number) {
    return (): Promise<Record<string, unknown>> => {
        const provider = new hcloud.Provider("lab", {
            token: LAB_CREDENTIALS.hcloudToken,
            endpoint,
            pollInterval: "10ms",
            pollFunction: "constant",
        });
        const opts = { provider };
        const labels = { "catalyst.openova.io/sovereign": "omantel.example" };
        const network = new hcloud.Network("net", { ipRange: "10.0.0.0/16", labels }, opts);
        const networkId = network.id.apply(Number);
        const subnet = new hcloud.NetworkSubnet(
            "nodes",
            { networkId, type: "cloud", networkZone: "eu-central", ipRange: "10.0.1.0/24" },
            opts,
        );
        const front = new hcloud.NetworkSubnet(
            "front",
            { networkId, type: "cloud", networkZone: "eu-central", ipRange: "10.0.2.0/24" },
            opts,
        );
        const key = new hcloud.SshKey("key", { publicKey: PUBLIC_KEY }, opts);
        const firewall = new hcloud.Firewall(
            "wall",
            {
                rules: [
                    {
                        direction: "in",
                        protocol: "tcp",
                        port: "25",
                        sourceIps: ["0.0.0.0/0", "::/0"],
                    },
                ],
            },
            opts,
        );
        const group = new hcloud.PlacementGroup("spread", { type: "spread" }, opts);
        const balancer = new hcloud.LoadBalancer(
            "lb",
            { loadBalancerType: "lb11", location: "fsn1", labels },
            opts,
        );
        const loadBalancerId = balancer.id.apply(Number);
        const attached = new hcloud.LoadBalancerNetwork(
            "lb",
            { loadBalancerId, subnetId: front.id, ip: "10.0.2.10" },
            opts,
        );
        new hcloud.LoadBalancerService(
            "smtp",
            {
                loadBalancerId: balancer.id,
                protocol: "tcp",
                listenPort: 25,
                destinationPort: 25,
                proxyprotocol: true,
                healthCheck: { protocol: "tcp", port: 25, interval: 10, timeout: 5, retries: 2 },
            },
            opts,
        );
        new hcloud.Rdns(
            "lb",
            { loadBalancerId, ipAddress: balancer.ipv4, dnsPtr: "mx.omantel.example" },
            opts,
        );
        for (let index = 1; index <= replicas; index++) {
            const ip = (type: "ipv4" | "ipv6") =>
                new hcloud.PrimaryIp(
                    `${type}-${index}`,
                    { type, location: "fsn1", autoDelete: false, labels },
                    opts,
                );
            const ipv4 = ip("ipv4");
            const ipv6 = ip("ipv6");
            new hcloud.Rdns(
                `ptr-${index}`,
                {
                    primaryIpId: ipv4.id.apply(Number),
                    ipAddress: ipv4.ipAddress,
                    dnsPtr: "mail.omantel.example",
                },
                opts,
            );
            const server = new hcloud.Server(
                `node-${index}`,
                {
                    serverType: "cx23",
                    image: "ubuntu-24.04",
                    location: "fsn1",
                    sshKeys: [key.id],
                    userData: `#cloud-config\n# ${index}\n`,
                    firewallIds: [firewall.id.apply(Number)],
                    placementGroupId: group.id.apply(Number),
                    publicNets: [
                        {
                            ipv4Enabled: true,
                            ipv4: ipv4.id.apply(Number),
                            ipv6Enabled: true,
                            ipv6: ipv6.id.apply(Number),
                        },
                    ],
                    networks: [{ subnetId: subnet.id, ip: `10.0.1.${10 + index}` }],
                    labels,
                },
                { ...opts, dependsOn: [subnet] },
            );
            new hcloud.LoadBalancerTarget(
                `node-${index}`,
                {
                    type: "server",
                    loadBalancerId,
                    serverId: server.id.apply(Number),
                    usePrivateIp: true,
                },
                { ...opts, dependsOn: [attached] },
            );
        }
        new hcloud.Volume("data", { size: 10, location: "fsn1", format: "ext4" }, opts);
        new hcloud.FloatingIp("floating", { type: "ipv4", homeLocation: "fsn1" }, opts);
        const zone = new hcloud.Zone("zone", { name: "omantel.example", mode: "primary" }, opts);
        new hcloud.ZoneRrset(
            "mx",
            {
                zone: zone.name,
                name: "@",
                type: "MX",
                records: [{ value: "10 mx.omantel.example." }],
            },
            opts,
        );
        return Promise.resolve({ ipv4: balancer.ipv4 });
    };
}

describe("lab/hetzner with the real hcloud plugin", function () {
    this.timeout(300_000);
    let fixture: CloudFixture;
    let workspace: { up(replicas: number): Promise<Stack> };

    before(async () => {
        const toolchain = await testToolchain();
        fixture = await startCloud();
        const { directory } = fixture.context;
        await mkdir(join(directory, "backend"), { recursive: true });
        const environment = pulumiEnvironment({
            toolchain,
            directory,
            stack: "plugin",
            passphrase: "test",
        });
        const pulumiCommand = await PulumiCommand.get({
            root: dirname(dirname(toolchain.pulumi.path)),
            skipVersionCheck: true,
        });
        workspace = {
            up: (replicas) =>
                LocalWorkspace.createOrSelectStack(
                    {
                        stackName: "plugin",
                        projectName: "plugin",
                        program: program(fixture.cloud.endpoint, replicas),
                    },
                    {
                        pulumiCommand,
                        pulumiHome: toolchain.pulumiHome,
                        envVars: Object.fromEntries(
                            Object.entries(environment).map(([name, value]) => [name, value ?? ""]),
                        ),
                    },
                ),
        };
    });

    after(() => fixture.release());

    it("brings everything up, sees no drift, changes it in place and takes it down", async () => {
        const stack = await workspace.up(1);
        const up = await stack.up();
        assert.equal(up.summary.result, "succeeded");
        const ptrs = [...fixture.ptr.values()].filter((name) => name.endsWith("omantel.example"));
        assert.deepEqual(ptrs.sort(), ["mail.omantel.example", "mx.omantel.example"]);
        assert.deepEqual(fixture.cloud.invariants(), []);

        await stack.preview({ expectNoChanges: true });
        await stack.refresh({ expectNoChanges: true });

        const more = await workspace.up(2);
        const changed = await more.up();
        assert.deepEqual(Object.keys(changed.summary.resourceChanges ?? {}).sort(), [
            "create",
            "same",
        ]);
        const node = [...fixture.machines.machines.values()].at(-1);
        assert.deepEqual(
            node?.privateNetworks.map((nic) => nic.ip),
            ["10.0.1.12"],
        );
        await more.refresh({ expectNoChanges: true });

        await more.destroy();
        const left = Object.entries(fixture.cloud.snapshot().projects.lab ?? {})
            .filter(([kind, list]) => kind !== "actions" && (list as unknown[]).length > 0)
            .map(([kind]) => kind);
        assert.deepEqual(left, []);
        assert.deepEqual([...fixture.ptr], []);
        assert.deepEqual(fixture.cloud.listening(), []);
        const limit = 600;
        const sent = Object.values(fixture.cloud.counters()).reduce((a, b) => a + b, 0);
        assert.ok(sent < limit, `${sent} requests, of ${limit} expected at most`);
    });
});
