// Proves the pure parts of a load balancer: the order of targets, status code patterns, PROXY headers.
// Does not prove that connections follow them; loadBalancerTraffic.test.ts does.
import assert from "node:assert/strict";
import proxyProtocol from "proxy-protocol-js";
import { Balance } from "../../../lab/hetzner/forwarding/balance.ts";
import { statusMatches } from "../../../lab/hetzner/forwarding/probe.ts";
import { proxyHeader } from "../../../lab/hetzner/forwarding/proxyHeader.ts";

describe("lab/hetzner load balancer logic", () => {
    it("takes turns over all members and forgets ended connections", () => {
        const balance = new Balance();
        const members = ["a", "b", "c"];
        const firsts = Array.from(
            { length: 6 },
            () => balance.order("s", "round_robin", members)[0],
        );
        assert.deepEqual(firsts, ["a", "b", "c", "a", "b", "c"]);
        const ends = ["a", "a", "b"].map((member) => balance.connected("s", member));
        assert.equal(balance.order("s", "least_connections", members)[0], "c");
        for (const end of ends) end();
        assert.equal(balance.openTo("s", "a"), 0);
        assert.deepEqual(balance.order("s", "round_robin", []), []);
    });

    it("matches status codes with question marks", () => {
        assert.deepEqual(
            (
                [
                    ["2??", 204],
                    ["2??", 304],
                    ["200", 200],
                    ["200", 201],
                    ["40?", 404],
                ] as const
            ).map(([pattern, status]) => statusMatches(pattern, status)),
            [true, false, true, false, true],
        );
    });

    it("writes PROXY headers that a parser reads back", () => {
        for (const [client, server] of [
            ["203.0.113.7", "198.51.100.1"],
            ["2001:db8::7", "2001:db8::1"],
        ] as const) {
            const parsed = proxyProtocol.V1ProxyProtocol.parse(
                proxyHeader({ ip: client, port: 40_000 }, { ip: server, port: 25 }),
            );
            assert.deepEqual(
                [parsed.source.ipAddress, parsed.source.port, parsed.destination.port],
                [client, 40_000, 25],
            );
        }
    });
});
