// Proves how a provisioner's request becomes a stack's configuration, that every problem of it is told at once, by its field, and that
// no secret is ever in what is told. It does not run the engine.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { RequestInvalid, checkRequest } from "../../../operations/provision/checkRequest.ts";

const TOKEN = "t".repeat(64);
const SSH = `ssh-ed25519 ${Buffer.from("\0\0\0\vssh-ed25519\0\0\0 ".padEnd(51, "x")).toString("base64")} admin@omantel`;

/** What catalyst-api sends for a name in a pool, with what it keeps to itself added. */
const REQUEST = {
    orgName: "Omantel",
    orgEmail: "admin@omantel.example",
    sovereignFQDN: "",
    sovereignDomainMode: "pool",
    sovereignPoolDomain: "omani.works",
    sovereignSubdomain: "omantel",
    hetznerToken: TOKEN,
    hetznerProjectID: "1234567",
    region: "fsn1",
    controlPlaneSize: "cx42",
    workerSize: "cx32",
    workerCount: 2,
    haEnabled: true,
    regions: ["nbg1", "fsn1"],
    sshPublicKey: SSH,
    ghcrPullToken: "ghcr-token-of-a-test",
    config: {
        powerdnsUrl: "https://pdns.openova.io/api/v1",
        nameServers: [{ name: "ns1.openova.io" }, { name: "ns2.openova.io" }],
        k3sSha256: { amd64: "a".repeat(64) },
        platformChartVersion: "1.4.20",
        imageRegistryUsername: "robot",
    },
    secrets: { powerdnsApiKey: "powerdns-key-of-a-test" },
};

function problemsOf(request: unknown): readonly string[] {
    try {
        checkRequest(request);
    } catch (error) {
        assert.ok(error instanceof RequestInvalid);
        return error.problems.map(
            ({ field, found, expected }) => `${field}: ${found}; ${expected}`,
        );
    }
    return [];
}

describe("a provisioner's request", () => {
    it("becomes the configuration of one stack", () => {
        const { config: rest, secrets } = REQUEST;
        assert.deepEqual(checkRequest(REQUEST), {
            stack: "omantel-omani-works",
            fqdn: "omantel.omani.works",
            config: {
                plain: {
                    ...rest,
                    fqdn: "omantel.omani.works",
                    domainMode: "pool",
                    poolDomain: "omani.works",
                    locations: ["fsn1", "nbg1"],
                    controlPlaneTypes: ["cx42"],
                    workerTypes: ["cx32"],
                    workerCount: 2,
                    controlPlaneCount: 3,
                    sshPublicKeys: [SSH],
                },
                secret: {
                    ...secrets,
                    "hcloud:token": TOKEN,
                    imageRegistryToken: "ghcr-token-of-a-test",
                },
            },
        });
    });

    it("leaves to the program's defaults what it does not name", () => {
        const { plain } = checkRequest({
            stack: "small",
            sovereignFQDN: "omantel.example.org",
            sovereignDomainMode: "byo",
            config: REQUEST.config,
            secrets: { ...REQUEST.secrets, imageRegistryToken: "ghcr-token-of-a-test" },
        }).config;
        assert.deepEqual(plain, {
            ...REQUEST.config,
            fqdn: "omantel.example.org",
            domainMode: "byo-manual",
        });
    });

    it("takes the domain modes under all their names, and the pool's domain only for a pool", () => {
        const modeOf = (sovereignDomainMode: string, rest: object) => {
            const { plain } = checkRequest({ ...REQUEST, sovereignDomainMode, ...rest }).config;
            return [plain.domainMode, plain.poolDomain];
        };
        const own = { sovereignFQDN: "omantel.example.org" };
        const dynadot = { ...own, dynadotKey: "key-of-a-test", dynadotSecret: "secret-of-a-test" };
        assert.deepEqual(modeOf("pool", {}), ["pool", "omani.works"]);
        assert.deepEqual(modeOf("free-subdomain", {}), ["pool", "omani.works"]);
        assert.deepEqual(modeOf("byo", own), ["byo-manual", undefined]);
        assert.deepEqual(modeOf("byo-manual", own), ["byo-manual", undefined]);
        assert.deepEqual(modeOf("byo-api", dynadot), ["byo-api", undefined]);
    });

    it("is told every problem at once, of its own fields and of the configuration", () => {
        assert.deepEqual(
            problemsOf({
                ...REQUEST,
                stack: "a stack",
                region: "mars",
                workerCount: -1,
                hetznerToken: "short",
                sovereignSubDomain: "omantel",
                config: { ...REQUEST.config, powerdnsUrl: "pdns.openova.io" },
                secrets: {},
            }).map((problem) => problem.split(":")[0]),
            [
                "stack",
                "workerCount",
                "sovereignSubDomain",
                "config.powerdnsUrl",
                "region",
                "hetznerToken",
                "secrets.powerdnsApiKey",
            ],
        );
    });

    it("is refused where two fields contradict each other, or a key stands twice or in the wrong place", () => {
        assert.deepEqual(
            problemsOf({
                ...REQUEST,
                sovereignFQDN: "other.omani.works",
                config: { ...REQUEST.config, workerCount: 1, dynadotApiKey: "secret" },
                secrets: { ...REQUEST.secrets, platformChart: "oci://ghcr.io/x/y" },
            }),
            [
                'sovereignFQDN: "other.omani.works"; omantel.omani.works, as sovereignSubdomain and sovereignPoolDomain say',
                "config.workerCount: a value beside the field workerCount; one of the two",
                "config.dynadotApiKey: a secret among plain values; it under secrets",
                "secrets.platformChart: a key that is no secret; one of hcloud:token, powerdnsApiKey, dynadotApiKey, dynadotApiSecret, cloudflareApiToken, namecheapApiKey, godaddyApiKey, godaddyApiSecret, ovhApplicationKey, ovhApplicationSecret, ovhConsumerKey, smartHostPassword, imageRegistryToken",
            ],
        );
    });

    it("is refused whole where it is no object", () => {
        for (const nothing of [null, [], "request", 1])
            assert.match(problemsOf(nothing)[0] ?? "", /^request: found|^request: /);
    });

    it("never tells a secret, whatever is wrong with it", () => {
        const secretFields = ["hetznerToken", "dynadotKey", "dynadotSecret", "ghcrPullToken"];
        fc.assert(
            fc.property(
                fc.constantFrom(...secretFields),
                fc.oneof(
                    fc.stringMatching(/^[A-Z]{12,40} [A-Z]{12,40}$/),
                    fc.stringMatching(/^[A-Z]{12,40}$/).map((text) => [text]),
                ),
                fc.boolean(),
                (field, secret, nested) => {
                    const text = String(secret);
                    const request = nested
                        ? { ...REQUEST, secrets: { powerdnsApiKey: secret } }
                        : { ...REQUEST, [field]: secret };
                    const told = problemsOf(request).join("\n");
                    assert.notEqual(told, "");
                    assert.ok(!told.includes(text), told);
                },
            ),
        );
    });
});
