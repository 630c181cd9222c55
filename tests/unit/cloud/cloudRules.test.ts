// Proves the pure rules of the cloud: firewall, load balancer services and limits, addresses, groups, SSH key names.
// Does not prove Hetzner's own limits; they are quoted from its documentation.
import assert from "node:assert/strict";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { ANYWHERE, firewallRules } from "../../../components/cloud/firewallRules.ts";
import {
    LOAD_BALANCER_LIMITS,
    loadBalancerProblems,
    loadBalancerServices,
} from "../../../components/cloud/loadBalancerServices.ts";
import { firstHostAddress } from "../../../components/cloud/nodeAddresses.ts";
import {
    MAX_SERVERS_PER_GROUP,
    placementGroupOf,
} from "../../../components/cloud/placementGroups.ts";
import { sshKeyId, sshKeysById } from "../../../components/cloud/sshKeys.ts";
import { fixtureNodes } from "../../support/sovereignFixture.ts";

const NOTHING = { sshAllowedCidrs: [], apiAllowedCidrs: [], publicPorts: [] } as const;

describe("firewallRules", () => {
    it("lets in nothing but ICMP where nothing is configured", () => {
        assert.deepEqual(firewallRules(NOTHING), [
            {
                direction: "in",
                protocol: "icmp",
                sourceIps: ["0.0.0.0/0", "::/0"],
                description: "ICMP: path MTU discovery, ping",
            },
        ]);
    });

    it("opens SSH and the API to the listed ranges, and mail ports to everybody", () => {
        const rules = firewallRules({
            sshAllowedCidrs: ["198.51.100.0/24"],
            apiAllowedCidrs: ["203.0.113.9/32", "2001:db8::/48"],
            publicPorts: ["smtp"],
        });
        assert.deepEqual(rules.slice(1), [
            {
                direction: "in",
                protocol: "tcp",
                port: "22",
                sourceIps: ["198.51.100.0/24"],
                description: "SSH",
            },
            {
                direction: "in",
                protocol: "tcp",
                port: "6443",
                sourceIps: ["203.0.113.9/32", "2001:db8::/48"],
                description: "Kubernetes API",
            },
            {
                direction: "in",
                protocol: "tcp",
                port: "25",
                sourceIps: ["0.0.0.0/0", "::/0"],
                description: "Inbound mail (MX)",
            },
        ]);
    });

    it("keeps every range, a hundred to a rule at most, and opens no other port to the world", () => {
        const cidr = fc.ipV4().map((ip) => `${ip}/32`);
        fc.assert(
            fc.property(fc.array(cidr, { maxLength: 350 }), (sshAllowedCidrs) => {
                const ssh = firewallRules({ ...NOTHING, sshAllowedCidrs }).slice(1);
                assert.deepEqual(
                    ssh.flatMap((r) => r.sourceIps as string[]),
                    sshAllowedCidrs,
                );
                for (const rule of ssh) {
                    const { length } = rule.sourceIps as string[];
                    assert.ok(length > 0 && length <= 100);
                    assert.notDeepEqual(rule.sourceIps, ANYWHERE);
                }
            }),
        );
    });
});

describe("loadBalancerServices", () => {
    const listen = (...args: Parameters<typeof loadBalancerServices>) =>
        loadBalancerServices(...args).map((s) => s.listen);

    it("serves web, mail and API", () => {
        assert.deepEqual(listen("load-balancer", ["smtp"]), [80, 443, 25, 6443]);
    });

    it("leaves the API out where it is exposed at the nodes", () => {
        assert.deepEqual(listen("nodes", ["smtp"]), [80, 443, 25]);
    });

    it("adds submission for outside clients", () => {
        assert.deepEqual(
            listen("nodes", ["smtp", "submission", "submissions"]),
            [80, 443, 25, 587, 465],
        );
    });

    it("leads 80 and 443 to the listeners of a Gateway where there is one", () => {
        assert.deepEqual(
            loadBalancerServices("nodes", ["smtp"], "gateway").map(({ listen, node }) => [
                listen,
                node,
            ]),
            [
                [80, 8081],
                [443, 8443],
                [25, 25],
            ],
        );
    });

    it("keeps client addresses wherever the listener can take them", () => {
        const plain = loadBalancerServices("load-balancer", ["smtp", "submission", "submissions"])
            .filter((s) => !s.proxyProtocol)
            .map((s) => s.name);
        assert.deepEqual(plain, ["kubernetes"]);
    });
});

describe("loadBalancerProblems", () => {
    const all = loadBalancerServices("load-balancer", ["smtp", "submission", "submissions"]);

    it("finds none in the default services on the smallest type", () => {
        const services = loadBalancerServices("load-balancer", ["smtp"]);
        assert.deepEqual(loadBalancerProblems("lb11", services, 2), []);
    });

    it("accepts exactly the limit, and not one more", () => {
        assert.deepEqual(loadBalancerProblems("lb11", all.slice(0, 5), 25), []);
        assert.deepEqual(loadBalancerProblems("lb11", all, 26), [
            "lb11 holds 5 services, but 6 are configured (80, 443, 25, 587, 465, 6443); lb21 would do",
            "lb11 holds 25 targets, but there are 26 nodes; lb21 would do",
        ]);
    });

    it("names the type that fits, or that there is none", () => {
        assert.deepEqual(loadBalancerProblems("lb11", [], 100), [
            "lb11 holds 25 targets, but there are 100 nodes; lb31 would do",
        ]);
        assert.deepEqual(loadBalancerProblems("lb31", [], 151), [
            "lb31 holds 150 targets, but there are 151 nodes; no larger type is known",
        ]);
    });

    it("leaves a type that it does not know to Hetzner", () => {
        assert.ok(!("lb99" in LOAD_BALANCER_LIMITS));
        assert.deepEqual(loadBalancerProblems("lb99", all, 1_000), []);
    });
});

describe("firstHostAddress", () => {
    for (const [network, address] of [
        ["2001:db8::/64", "2001:db8::1"],
        ["2001:db8:1:2::/64", "2001:db8:1:2::1"],
        ["2a01:4f8:c17:abcd::/64", "2a01:4f8:c17:abcd::1"],
    ] as const)
        it(`is ${address} in ${network}`, () => {
            assert.equal(firstHostAddress(network), address);
        });

    it("lies in the network, one past its beginning", () => {
        fc.assert(
            fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (prefix) => {
                const bytes = [...prefix, 0, 0, 0, 0, 0, 0, 0, 0];
                const network = new ipaddr.IPv6(bytes);
                const address = ipaddr.IPv6.parse(firstHostAddress(`${network.toString()}/64`));
                assert.deepEqual(address.toByteArray(), [...bytes.slice(0, 15), 1]);
            }),
        );
    });

    it("refuses what is no IPv6 network, such as the address of a disabled one", () => {
        for (const bad of ["<nil>", "", "203.0.113.1/32", "2001:db8::1"])
            assert.throws(() => firstHostAddress(bad), Error, bad);
    });
});

describe("placementGroupOf", () => {
    it("never puts more than ten servers into a group", () => {
        fc.assert(
            fc.property(
                fc.constantFrom(1, 3),
                fc.integer({ min: 0, max: 60 }),
                (controlPlanes, workers) => {
                    const sizes = new Map<string, number>();
                    for (const node of fixtureNodes(controlPlanes, workers)) {
                        const group = placementGroupOf(node);
                        sizes.set(group, (sizes.get(group) ?? 0) + 1);
                    }
                    assert.ok([...sizes.values()].every((n) => n <= MAX_SERVERS_PER_GROUP));
                    assert.equal(sizes.get("control-planes"), controlPlanes);
                    assert.equal(sizes.size, 1 + Math.ceil(workers / MAX_SERVERS_PER_GROUP));
                },
            ),
        );
    });

    it("does not move a worker when others come or go", () => {
        const of = (count: number) => fixtureNodes(1, count).slice(1, 8).map(placementGroupOf);
        assert.deepEqual(of(30), of(7));
    });
});

describe("sshKeyId", () => {
    const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleEx";

    it("depends on the key alone, not on its comment or surroundings", () => {
        assert.equal(sshKeyId(`${KEY} admin@laptop\n`), sshKeyId(`  ${KEY}`));
        assert.equal(sshKeyId(KEY), "a779b1e9");
        assert.notEqual(sshKeyId(`${KEY}Z`), sshKeyId(KEY));
    });

    it("takes a key that is listed twice once, as Hetzner does", () => {
        assert.deepEqual([...sshKeysById([`${KEY} a`, `${KEY} b`]).keys()], ["a779b1e9"]);
    });
});
