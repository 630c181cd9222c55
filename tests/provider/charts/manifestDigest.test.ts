/**
 * Proves where a registry has a chart's manifest, by plain HTTP at loopback alone, how its challenges are read, and that a login is not shown
 * to another host that gives tokens for the registry. That host would need a certificate that the process trusts, so fetch is a stand-in
 * here; the rest of the conversation is proved on a real registry by chartPin.test.ts.
 */
import assert from "node:assert/strict";
import { manifestLocation } from "../../../provider/charts/ociReference.ts";
import { manifestDigest } from "../../../provider/charts/manifestDigest.ts";
import { registryChallenge } from "../../../provider/charts/registryChallenge.ts";

describe("a chart's registry", () => {
    const realFetch = globalThis.fetch;
    afterEach(() => {
        globalThis.fetch = realFetch;
    });

    it("never has its login shown to the host that gives tokens for it", async () => {
        const asked: (readonly [string, string | null])[] = [];
        globalThis.fetch = (input, init) => {
            const url = input instanceof Request ? input.url : String(input);
            const authorization = new Headers(init?.headers).get("authorization");
            asked.push([url, authorization]);
            if (url.startsWith("https://auth.example/"))
                return Promise.resolve(Response.json({ access_token: "anybody" }));
            return Promise.resolve(
                authorization === "Bearer anybody"
                    ? new Response("{}")
                    : new Response("", {
                          status: 401,
                          headers: {
                              "www-authenticate":
                                  'Bearer realm="https://auth.example/jwt?a=b",service="r"',
                          },
                      }),
            );
        };
        const digest = await manifestDigest("oci://registry.example/a/chart", "1.0.0", {
            login: { username: "robot", token: "pull-token" },
            signal: new AbortController().signal,
        });
        // SHA-256 of the two bytes {}.
        assert.equal(
            digest,
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        );
        const manifest = "https://registry.example/v2/a/chart/manifests/1.0.0";
        assert.deepEqual(asked, [
            [manifest, null],
            ["https://auth.example/jwt?a=b&scope=repository%3Aa%2Fchart%3Apull&service=r", null],
            [manifest, "Bearer anybody"],
        ]);
    });

    const locations: readonly [string, string, string][] = [
        ["oci://ghcr.io/o/x", "1.4.20", "https://ghcr.io/v2/o/x/manifests/1.4.20"],
        ["oci://127.64.0.9:5005/c/x", "1.0.0", "http://127.64.0.9:5005/v2/c/x/manifests/1.0.0"],
        ["oci://localhost:5005/x", "1.0.0+a", "http://localhost:5005/v2/x/manifests/1.0.0_a"],
        ["oci://127.0.0.1.example/x", "1.0.0", "https://127.0.0.1.example/v2/x/manifests/1.0.0"],
        ["oci://10.0.0.1:5000/x", "1.0.0", "https://10.0.0.1:5000/v2/x/manifests/1.0.0"],
        ["oci://docker.io/o/x", "1.0.0", "https://registry-1.docker.io/v2/o/x/manifests/1.0.0"],
    ];
    for (const [chart, version, url] of locations)
        it(`has ${chart} ${version} at ${url}`, () => {
            assert.equal(manifestLocation(chart, version).url.href, url);
        });

    const challenges: readonly [string | null, ReturnType<typeof registryChallenge>][] = [
        [null, undefined],
        ["Negotiate", undefined],
        ["Basic realm=charts", { scheme: "basic" }],
        ['Bearer service="no realm"', undefined],
        ["bearer realm=https://a.example/t", { scheme: "bearer", realm: "https://a.example/t" }],
        [
            'Basic realm="x", Bearer realm="https://a.example/t",service="a, b"',
            { scheme: "bearer", realm: "https://a.example/t", service: "a, b" },
        ],
    ];
    for (const [header, challenge] of challenges)
        it(`wants to see, by ${String(header)}, ${JSON.stringify(challenge)}`, () => {
            assert.deepEqual(registryChallenge(header), challenge);
        });
});
