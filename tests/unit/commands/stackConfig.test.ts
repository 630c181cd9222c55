/**
 * Proves: the stack of another lab differs from `dev` in its addresses alone, and low ports move only where they must. Does not
 * prove: that the program accepts it; the end-to-end tests run it.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { STACK_CONFIG } from "../../../lab/commands/workspace.ts";
import { offsetFor } from "../../../lab/portOffset.ts";
import { labStackConfig } from "../../../lab/stackConfig.ts";

const TEXT = `encryptionsalt: v1:salt
config:
  sovereign:fqdn: omantel.example
  sovereign:nameServers:
    - name: ns1.omantel.example
      ipv4: 127.64.0.2
  sovereign:powerdnsUrl: http://127.64.0.2:8081/api/v1
  sovereign:resolver: 127.64.0.2:53
  sovereign:powerdnsApiKey:
    secure: v1:secret
`;

interface Parsed {
    readonly encryptionsalt: string;
    readonly config: Record<string, unknown>;
}

const config = (...args: Parameters<typeof labStackConfig>) =>
    parse(labStackConfig(...args)) as Parsed;

describe("the stack config of another lab", () => {
    it("has that lab's addresses and everything else unchanged", () => {
        assert.deepEqual(config(TEXT, { instance: 7, portOffset: 0 }), {
            encryptionsalt: "v1:salt",
            config: {
                "sovereign:fqdn": "omantel.example",
                "sovereign:nameServers": [{ name: "ns1.omantel.example", ipv4: "127.71.0.2" }],
                "sovereign:powerdnsUrl": "http://127.71.0.2:8081/api/v1",
                "sovereign:resolver": "127.71.0.2:53",
                "sovereign:powerdnsApiKey": { secure: "v1:secret" },
            },
        });
    });

    it("moves the DNS port for people who may not bind it", () => {
        const moved = config(TEXT, { instance: 0, portOffset: 20_000 }).config;
        assert.equal(moved["sovereign:dnsPort"], 20_053);
        assert.equal(moved["sovereign:resolver"], "127.64.0.2:20053");
        assert.equal(moved["sovereign:powerdnsUrl"], "http://127.64.0.2:8081/api/v1");
    });

    it("takes overrides", () => {
        const overrides = { protect: "false", fqdn: "other.example" };
        const found = config(TEXT, { instance: 0, portOffset: 0, overrides }).config;
        assert.equal(found["sovereign:protect"], "false");
        assert.equal(found["sovereign:fqdn"], "other.example");
    });

    it("of the committed stack speaks of no other lab", async () => {
        const committed = await readFile(STACK_CONFIG, "utf8");
        assert.match(committed, /127\.64\./);
        assert.doesNotMatch(
            labStackConfig(committed, { instance: 40, portOffset: 0 }).replaceAll(/^#.*$/gm, ""),
            /127\.64\./,
        );
        assert.deepEqual(config(committed, { instance: 0, portOffset: 0 }), parse(committed));
    });
});

describe("the port offset", () => {
    const status = (capabilities: string) => `Name:\tnode\nCapEff:\t${capabilities}\nSeccomp:\t0\n`;

    it("is none for root and for holders of CAP_NET_BIND_SERVICE", () => {
        assert.equal(offsetFor(status("000001ffffffffff"), "1024\n"), 0);
        assert.equal(offsetFor(status("0000000000000400"), "1024\n"), 0);
    });

    it("is none where anybody may bind port 25", () => {
        assert.equal(offsetFor(status("0000000000000000"), "0\n"), 0);
        assert.equal(offsetFor(status("0000000000000000"), "25\n"), 0);
    });

    it("is 20000 for everybody else", () => {
        assert.equal(offsetFor(status("0000000000000000"), "1024\n"), 20_000);
        assert.equal(offsetFor(status("00000000a80421fb"), "53\n"), 20_000);
    });
});
