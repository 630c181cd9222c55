// Proves the pure filter of inbound connections: which ports are open, and to whom.
// Does not prove that listeners follow it; firewalls.test.ts does.
import assert from "node:assert/strict";
import fc from "fast-check";
import { allows, openPorts } from "../../../lab/hetzner/forwarding/firewallFilter.ts";
import type { FirewallRecord } from "../../../lab/hetzner/state/model.ts";

const WORLD = ["0.0.0.0/0", "::/0"];

describe("lab/hetzner firewall filter", () => {
    const firewallOf = (rules: FirewallRecord["rules"]): FirewallRecord => ({
        id: 1,
        name: "f",
        labels: {},
        created: "",
        appliedTo: [],
        rules,
    });

    it("never lets in a port that isn't open, or a source outside the rule's range", () => {
        const octet = fc.integer({ min: 0, max: 255 });
        const port = fc.integer({ min: 1, max: 65_535 });
        fc.assert(
            fc.property(octet, octet, port, port, (a, b, allowed, asked) => {
                const firewalls = [
                    firewallOf([
                        {
                            direction: "in",
                            protocol: "tcp",
                            port: String(allowed),
                            source_ips: [`${a}.0.0.0/8`],
                            destination_ips: [],
                            description: null,
                        },
                    ]),
                ];
                assert.equal(allows(firewalls, asked, `${b}.1.2.3`), asked === allowed && a === b);
                assert.deepEqual(openPorts(firewalls), [allowed]);
            }),
        );
    });

    it("ignores outbound rules and other protocols", () => {
        const common = { source_ips: WORLD, destination_ips: [], description: null };
        const firewalls = [
            firewallOf([
                { ...common, direction: "out", protocol: "tcp", port: "25" },
                { ...common, direction: "in", protocol: "udp", port: "25" },
                { ...common, direction: "in", protocol: "icmp", port: null },
            ]),
        ];
        assert.deepEqual(openPorts(firewalls), []);
        assert.equal(allows(firewalls, 25, "203.0.113.1"), false);
    });

    it("counts an IPv4-mapped peer as IPv4", () => {
        const firewalls = [
            firewallOf([
                {
                    direction: "in",
                    protocol: "tcp",
                    port: "80-85",
                    source_ips: ["127.0.0.0/8"],
                    destination_ips: [],
                    description: null,
                },
            ]),
        ];
        assert.equal(allows(firewalls, 83, "::ffff:127.0.0.1"), true);
        assert.equal(allows(firewalls, 83, "2001:db8::1"), false);
        assert.deepEqual(openPorts(firewalls), [80, 81, 82, 83, 84, 85]);
    });
});
