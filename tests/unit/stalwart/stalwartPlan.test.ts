// Proves that the plan equals, call by call, the requests that a real server accepted, and what each setting changes in
// it. Does not prove that a server takes the settings that were not observed: direct delivery, PROXY networks, IPv6.
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
    filesDigest,
    stalwartPlan,
    stalwartPlanFiles,
} from "../../../components/mail/stalwartPlan.ts";
import type { JsonObject, RequestFiles } from "../../../components/mail/stalwartRequests.ts";
import { directSpec, OBSERVED_SPEC, observedRequests } from "./specs.ts";

/** Arguments of the only call with this id. */
function args(plan: RequestFiles, callId: string): JsonObject {
    const found = Object.values(plan)
        .flatMap((request) => request.methodCalls)
        .filter(([, , id]) => id === callId);
    const [call] = found;
    assert.ok(call && found.length === 1, `one call ${callId}`);
    return call[1];
}

describe("the Stalwart plan", () => {
    const observed = observedRequests();

    for (const name of Object.keys(observed))
        it(`makes ${name} as the real server accepted it`, () => {
            const plan = stalwartPlan(OBSERVED_SPEC);
            const [made, expected] = [plan[name], observed[name]];
            assert.deepEqual(
                made?.methodCalls.map(([method, , id]) => `${id} ${method}`),
                expected?.methodCalls.map(([method, , id]) => `${id} ${method}`),
            );
            for (const [index, call] of (expected?.methodCalls ?? []).entries())
                assert.deepEqual(made?.methodCalls[index], call, call[2]);
            assert.deepEqual(made?.using, expected?.using);
        });

    it("makes no other file", () => {
        assert.deepEqual(
            Object.keys(stalwartPlan(OBSERVED_SPEC)).sort(),
            Object.keys(observed).sort(),
        );
    });

    it("never has more than 16 calls in a request", () => {
        for (const spec of [OBSERVED_SPEC, directSpec()])
            for (const [name, request] of Object.entries(stalwartPlan(spec)))
                assert.ok(request.methodCalls.length <= 16, name);
    });
});

describe("the Stalwart plan without a relay", () => {
    const plan = stalwartPlan(directSpec());

    it("has no relay route and no relay strategy, but both built-in strategies", () => {
        assert.deepEqual(Object.keys(args(plan, "cMtaRoute").create as JsonObject), [
            "local",
            "mx",
        ]);
        assert.deepEqual(Object.keys(args(plan, "cMtaTlsStrategy").create as JsonObject), [
            "tdef",
            "tinv",
        ]);
    });

    it("routes to the recipients' MX and retries without verification only after a TLS error", () => {
        assert.deepEqual(args(plan, "uMtaOutboundStrategy"), {
            update: {
                singleton: {
                    route: {
                        match: { "0": { if: "is_local_domain(rcpt_domain)", then: "'local'" } },
                        else: "'mx'",
                    },
                    tls: {
                        match: {
                            "0": {
                                if: "retry_num > 0 && last_error == 'tls'",
                                then: "'invalid-tls'",
                            },
                        },
                        else: "'default'",
                    },
                },
            },
        });
    });

    it("trusts the load balancer's PROXY header on the SMTP listeners alone, and never bans it", () => {
        const listeners = args(plan, "cNetworkListener").create as Record<string, JsonObject>;
        assert.deepEqual(
            Object.values(listeners).map((listener) => [
                listener.name,
                listener.overrideProxyTrustedNetworks,
            ]),
            [
                ["smtp", { "10.0.0.254/32": true }],
                ["submission", { "10.0.0.254/32": true }],
                ["submissions", { "10.0.0.254/32": true }],
                ["http", undefined],
            ],
        );
        assert.deepEqual(args(plan, "cAllowedIp"), {
            create: {
                a1: { address: "10.42.0.0/16", reason: "pods" },
                a2: { address: "10.0.1.0/24", reason: "nodes" },
                a3: { address: "10.0.0.254/32", reason: "load balancer" },
            },
        });
    });

    it("binds all addresses, names the MX apart from the server, and serves MTA-STS for the MX", () => {
        const listeners = args(plan, "cNetworkListener").create as Record<string, JsonObject>;
        assert.deepEqual(
            Object.values(listeners).map((listener) => Object.keys(listener.bind as object)),
            [["[::]:25"], ["[::]:587"], ["[::]:465"], ["[::]:8080"]],
        );
        assert.deepEqual(args(plan, "uSystemSettings"), {
            update: {
                singleton: {
                    defaultDomainId: "#dom",
                    defaultHostname: "mail.omantel.example",
                    mailExchangers: { "0": { hostname: "mx.omantel.example", priority: 10 } },
                },
            },
        });
        assert.deepEqual(args(plan, "uMtaSts"), {
            update: {
                singleton: {
                    mode: "testing",
                    maxAge: 604800000,
                    mxHosts: { "mx.omantel.example": true },
                },
            },
        });
    });

    it("signs with every active key, and lets mail leave over IPv6 only when told", () => {
        const two = stalwartPlan({
            ...directSpec(),
            ipv6: true,
            dkim: [
                { selector: "r202611", algorithm: "rsa2048", keyFile: "/dkim/r202611.pem" },
                { selector: "r202702", algorithm: "rsa2048", keyFile: "/dkim/r202702.pem" },
            ],
        });
        const signatures = args(two, "cDkimSignature").create as Record<string, JsonObject>;
        assert.deepEqual(
            Object.entries(signatures).map(([ref, value]) => [ref, value.selector]),
            [
                ["kr", "r202611"],
                ["kr2", "r202702"],
            ],
        );
        const strategy = (planned: RequestFiles) =>
            (args(planned, "cMtaRoute").create as Record<string, JsonObject>).mx?.ipLookupStrategy;
        assert.deepEqual([strategy(plan), strategy(two)], ["v4Only", "v4ThenV6"]);
    });

    it("switches MTA-STS off in the registry's own word", () => {
        const none = stalwartPlan({ ...directSpec(), mtaSts: "none" });
        const settings = args(none, "uMtaSts").update as Record<string, JsonObject>;
        assert.equal(settings.singleton?.mode, "disable");
    });
});

describe("a spec that no plan can be made of", () => {
    const refusals: [string, Parameters<typeof stalwartPlan>[0], string][] = [
        [
            "a plain password in place of its hash",
            { ...directSpec(), passwordHash: "correct horse battery staple" },
            "passwordHash: not a bcrypt hash of 60 characters; the server would take it for the password itself",
        ],
        [
            "Ed25519 alone",
            {
                ...directSpec(),
                dkim: [{ selector: "e1", algorithm: "ed25519", keyFile: "/dkim/e1.pem" }],
            },
            "dkim: no active RSA key; large receivers do not verify Ed25519 alone",
        ],
        [
            "one selector twice",
            { ...directSpec(), dkim: [...directSpec().dkim, ...directSpec().dkim] },
            "dkim: a selector is named twice (r202611, r202611)",
        ],
        [
            "trust in the whole Internet",
            { ...directSpec(), proxyTrustedNetworks: ["0.0.0.0/0"] },
            'proxyTrustedNetworks: "0.0.0.0/0" is too wide; name the load balancer\'s address',
        ],
        [
            "a trusted network that is none",
            { ...directSpec(), proxyTrustedNetworks: ["lb.internal"] },
            'proxyTrustedNetworks: "lb.internal" is neither an address nor a CIDR',
        ],
        [
            "an address for a CIDR",
            { ...directSpec(), podCidr: "10.42.0.0" },
            'podCidr: "10.42.0.0" is not a CIDR, for example 10.42.0.0/16',
        ],
        [
            "a relay on a blocked port",
            {
                ...OBSERVED_SPEC,
                relay: { host: "relay.ext.test", port: 465, username: "u", passwordFile: "/p" },
            },
            "relay.port: 465 is blocked at Hetzner; use the smart host's 587 or 2525",
        ],
        [
            "a name in capitals",
            { ...directSpec(), mxHost: "MX.omantel.example" },
            'mxHost: "MX.omantel.example" is not a host name in lower case',
        ],
    ];
    for (const [title, spec, problem] of refusals)
        it(`refuses ${title}`, () => {
            assert.throws(() => stalwartPlan(spec), {
                name: "RangeError",
                message: `no mail server can be configured from this:\n  ${problem}`,
            });
        });

    it("names everything at once and never the secret", () => {
        const spec = { ...directSpec(), passwordHash: "hunter2", podCidr: "x", ehlo: "y" };
        assert.throws(
            () => stalwartPlan(spec),
            (error: Error) =>
                error.message.split("\n").length === 4 && !error.message.includes("hunter2"),
        );
    });
});

describe("the plan's Secret", () => {
    it("holds each request as JSON, and its digest follows every byte but not the order", () => {
        const files = stalwartPlanFiles(directSpec());
        assert.deepEqual(
            Object.fromEntries(
                Object.entries(files).map(([name, text]) => [name, JSON.parse(text) as unknown]),
            ),
            stalwartPlan(directSpec()),
        );
        const digest = filesDigest(files);
        assert.match(digest, /^[0-9a-f]{64}$/);
        assert.equal(filesDigest(Object.fromEntries(Object.entries(files).reverse())), digest);
        assert.notEqual(filesDigest({ ...files, "r0.json": `${files["r0.json"] ?? ""} ` }), digest);
        assert.notEqual(filesDigest({ a: "b" }), filesDigest({ ab: "" }));
    });
});
