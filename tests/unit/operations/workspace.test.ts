// Proves how a stack's work directory leads back to the program, that its file keeps the config of the request and nothing else, and
// which failures are repeated. It does not run the engine.
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { projectFile } from "../../../operations/provision/engine.ts";
import { reasonToRepeat, waitBefore } from "../../../operations/provision/retry.ts";
import { stackFileWith } from "../../../operations/provision/stackFiles.ts";

describe("the project of a work directory", () => {
    it("is the program's, with paths that lead back to it", () => {
        const text = projectFile(
            "name: sovereign\nruntime: {name: nodejs}\nmain: index.ts\nplugins: {providers: [{name: sovereign, path: ./provider}, {name: other}]}\n",
            "/opt/sovereign",
        );
        assert.deepEqual(parse(text), {
            name: "sovereign",
            runtime: { name: "nodejs" },
            main: "/opt/sovereign/index.ts",
            plugins: {
                providers: [
                    { name: "sovereign", path: "/opt/sovereign/provider" },
                    { name: "other" },
                ],
            },
        });
    });
});

describe("the file of a stack", () => {
    const before = `encryptionsalt: v1:salt
config:
  sovereign:fqdn: old.example
  sovereign:ttl: "60"
  sovereign:powerdnsApiKey:
    secure: v1:kept
  sovereign:dynadotApiKey:
    secure: v1:dropped
`;

    it("has the config of the request and no other, and keeps what encrypts it", () => {
        const text = stackFileWith(
            before,
            { fqdn: "new.example", workerCount: 2, tlsa: true, "hcloud:endpoint": "http://x" },
            new Set(["sovereign:powerdnsApiKey"]),
        );
        assert.deepEqual(parse(text), {
            encryptionsalt: "v1:salt",
            config: {
                "sovereign:fqdn": "new.example",
                "sovereign:workerCount": "2",
                "sovereign:tlsa": "true",
                "hcloud:endpoint": "http://x",
                "sovereign:powerdnsApiKey": { secure: "v1:kept" },
            },
        });
    });

    it("begins empty", () => {
        assert.deepEqual(parse(stackFileWith("", { fqdn: "a.example" }, new Set())), {
            config: { "sovereign:fqdn": "a.example" },
        });
    });
});

describe("a failed run", () => {
    const failed = (...failures: string[]) => reasonToRepeat({ failures, pending: 0 });

    it("is repeated where the service refused it for now, and says so", () => {
        const refusals = [
            "create server: resource locked (locked, 1234567890abcdef)",
            "conflicting operation (conflict)",
            "rate limit reached (rate_limit_exceeded)",
            "Dynadot: HTTP 429: Too many requests. Rate limit exceeded.",
        ];
        for (const text of refusals) assert.equal(failed(text, "update failed"), text);
    });

    it("is not repeated where anything else went wrong, or something was left behind", () => {
        assert.equal(failed("server type out of stock (resource_unavailable)"), undefined);
        assert.equal(failed("locked (locked)", "no such zone"), undefined);
        assert.equal(failed("dial tcp: connection refused"), undefined);
        assert.equal(failed("update failed"), undefined);
        assert.equal(failed(), undefined);
        assert.equal(reasonToRepeat({ failures: ["x (locked)"], pending: 1 }), undefined);
    });

    it("waits longer each time", () => {
        assert.deepEqual([1, 2, 3].map(waitBefore), [0, 5, 10]);
    });
});
