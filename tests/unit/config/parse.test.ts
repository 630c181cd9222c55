/**
 * Proves what a good configuration becomes, that all problems come in one error, and that no secret shows in it. It does not
 * prove that the engine hands the configuration over as these tests do; the end-to-end tests do.
 */
import assert from "node:assert/strict";
import { ConfigError } from "../../../config/problem.ts";
import type { RawConfig } from "../../../config/parse.ts";
import { parseConfig } from "../../../config/sovereignConfig.ts";
import { devStackValues, MINIMAL, rawConfig } from "../../support/stackFixtures.ts";

function problemsOf(raw: RawConfig, encrypted?: ReadonlySet<string>): ConfigError {
    try {
        parseConfig(raw, encrypted);
    } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error;
    }
    throw new Error("the configuration was accepted");
}

describe("parseConfig", () => {
    it("gives the smallest configuration its defaults", () => {
        assert.deepEqual(parseConfig(rawConfig(MINIMAL)), {
            fqdn: "omantel.example.org",
            cloud: {
                locations: ["fsn1", "nbg1", "hel1"],
                controlPlaneTypes: ["cx43", "cpx42", "ccx23"],
                workerTypes: [],
                image: "ubuntu-24.04",
                networkCidr: "10.0.0.0/16",
                nodesCidr: "10.0.1.0/24",
                loadBalancerCidr: "10.0.2.0/24",
                loadBalancerType: "lb11",
                loadBalancerIp: "10.0.2.2",
                ipv6: true,
                sshPublicKeys: [],
                sshAllowedCidrs: [],
                apiExposure: "load-balancer",
                apiAllowedCidrs: [],
                protect: true,
            },
            cluster: {
                epoch: 1,
                nodes: [
                    {
                        key: "cp1",
                        role: "control-plane",
                        index: 1,
                        generation: 1,
                        privateIp: "10.0.1.2",
                    },
                ],
                k3sVersion: "v1.36.1+k3s1",
                k3sSha256: { amd64: "a".repeat(64) },
                k3sDownloadUrl: "https://github.com/k3s-io/k3s/releases/download",
                ciliumVersion: "1.19.6",
                ciliumChartRepository: "https://helm.cilium.io",
                adminCertificateGeneration: 1,
                adminCertificateValidityHours: 8760,
                podCidr: "10.42.0.0/16",
                serviceCidr: "10.43.0.0/16",
                mailProbeTargets: ["gmail-smtp-in.l.google.com:25", "aspmx.l.google.com:25"],
            },
            mail: {
                egress: "all",
                ipv6: false,
                dkim: [{ selector: "r1", algorithm: "rsa2048", state: "active" }],
                dkimTtl: 300,
                dkimSignatureLifetime: 604_800,
                dmarcPolicy: "reject",
                dmarcTesting: true,
                dmarcReportAddress: "dmarc@omantel.example.org",
                mtaSts: "testing",
                tlsa: false,
                caaIssuers: ["letsencrypt.org"],
                publicSubmission: false,
                stalwartImage:
                    "stalwartlabs/stalwart:v0.16.24@sha256:ec011be228596e37e65f41aab17deed573859614430472f7eeb42178c50d87b7",
                passwordGeneration: 1,
            },
            dns: {
                domainMode: "byo-manual",
                delegation: "external",
                nameServers: [{ name: "ns1.operator.example" }, { name: "ns2.operator.example" }],
                dnssec: true,
                dnssecKeys: ["1"],
                nsec: "nsec",
                ttl: 300,
                powerdnsUrl: "https://pdns.operator.example/api/v1",
                powerdnsServerId: "localhost",
                dynadotUrl: "https://api.dynadot.com",
                dynadotRequestsPerMinute: 60,
                waitForDelegation: false,
                dnsPort: 53,
            },
            platform: {
                chart: "oci://ghcr.io/openova-io/bp-catalyst-platform",
                chartVersion: "1.4.20",
                values: {},
                imageRegistry: "ghcr.io",
                imageRegistryUsername: "",
            },
            certificates: {
                issuer: "none",
                challenge: "dns-01",
                dnsUpdateServer: "ns1.operator.example:53",
                values: {},
                chart: "oci://quay.io/jetstack/charts/cert-manager",
                chartVersion: "v1.19.1",
            },
        });
    });

    it("derives nodes with fixed addresses, control planes first", () => {
        const { cluster } = parseConfig(
            rawConfig({
                ...MINIMAL,
                controlPlaneCount: 3,
                workerCount: 2,
                generations: { cp2: 4, w1: 2 },
                nodesCidr: "10.0.8.0/24",
            }),
        );
        assert.deepEqual(
            cluster.nodes.map((n) => [n.key, n.role, n.index, n.generation, n.privateIp]),
            [
                ["cp1", "control-plane", 1, 1, "10.0.8.2"],
                ["cp2", "control-plane", 2, 4, "10.0.8.3"],
                ["cp3", "control-plane", 3, 1, "10.0.8.4"],
                ["w1", "worker", 1, 2, "10.0.8.10"],
                ["w2", "worker", 2, 1, "10.0.8.11"],
            ],
        );
    });

    it("lets the domain mode decide who delegates and whether to wait", () => {
        const byMode = (values: Record<string, unknown>) => {
            const { dns } = parseConfig(rawConfig({ ...MINIMAL, ...values }));
            return [dns.delegation, dns.waitForDelegation];
        };
        assert.deepEqual(byMode({}), ["external", false]);
        assert.deepEqual(byMode({ waitForDelegation: "yes" }), ["external", true]);
        assert.deepEqual(
            byMode({ domainMode: "byo-api", dynadotApiKey: "k", dynadotApiSecret: "s" }),
            ["dynadot", true],
        );
        assert.deepEqual(
            byMode({
                domainMode: "pool",
                poolDomain: "example.org",
                delegation: "external",
                waitForDelegation: "no",
            }),
            ["external", false],
        );
        assert.deepEqual(byMode({ domainMode: "pool", poolDomain: "example.org" }), [
            "powerdns",
            true,
        ]);
    });

    it("takes empty text and empty objects as not set, as the declarations' defaults are", () => {
        const unset = { poolDomain: "", smartHost: {}, dynadotApiKey: "", resolver: "" };
        assert.deepEqual(
            parseConfig(rawConfig({ ...MINIMAL, ...unset })),
            parseConfig(rawConfig(MINIMAL)),
        );
    });

    it("accepts the stack of the lab", () => {
        const values = devStackValues((key) => (key === "hcloud:token" ? "t".repeat(64) : "x"));
        const config = parseConfig(rawConfig(values));
        assert.equal(config.fqdn, "omantel.example");
        assert.deepEqual(
            config.cluster.nodes.map((n) => n.key),
            ["cp1", "w1"],
        );
    });

    it("reports every problem of a configuration in one error", () => {
        const error = problemsOf(
            rawConfig({
                fqdn: "omantel.example.org",
                domainMode: "byo-manual",
                controlPlaneCount: 2,
                nameServers: [
                    { name: "ns1.omantel.example.org" },
                    { name: "ns2.operator.example" },
                ],
                podCidr: "10.43.0.0/16",
                tlsa: true,
                dnssec: false,
                smartHost: { host: "relay", port: 25 },
            }),
        );
        assert.deepEqual(
            error.problems.map((p) => p.key),
            [
                "powerdnsUrl",
                "controlPlaneCount",
                "smartHost.host",
                "smartHost.username",
                "powerdnsApiKey",
                "nameServers[0]",
                "serviceCidr",
                "k3sSha256.amd64",
                "tlsa",
                "platformChartVersion",
            ],
        );
        assert.match(error.message, /^10 problems in the configuration of this stack\n/);
    });

    it("tells a chart's version from the digest that is pinned with it", () => {
        const digest = `sha256:${"ab".repeat(32)}`;
        const registry = "oci://registry.example/charts";
        const { platform, gateway, gitops, certificates } = parseConfig(
            rawConfig({
                ...MINIMAL,
                platformChartVersion: `1.4.20-rc.1+build@${digest}`,
                gatewayApiChart: `${registry}/gateway-api`,
                gatewayApiChartVersion: `v1.4.0@${digest}`,
                bootstrap: "flux",
                fluxChartVersion: `1.1.2@${digest}`,
                imageRegistryUsername: "robot",
                imageRegistryToken: "token",
                certManagerChartVersion: `v1.19.1@${digest}`,
            }),
        );
        assert.deepEqual(
            [platform, gateway, gitops, certificates].map((chart) => [
                chart?.chartVersion,
                chart?.chartDigest,
            ]),
            [
                ["1.4.20-rc.1+build", digest],
                ["v1.4.0", digest],
                ["1.1.2", digest],
                ["v1.19.1", digest],
            ],
        );
    });

    it("speaks of one problem as one", () => {
        assert.match(
            problemsOf(rawConfig({ ...MINIMAL, ttl: 1 })).message,
            /^1 problem in the configuration of this stack\n/,
        );
    });

    it("refuses secrets in clear text", () => {
        const raw = rawConfig({ ...MINIMAL, "hcloud:token": "t".repeat(64) });
        assert.deepEqual(
            problemsOf(raw, new Set(["powerdnsApiKey"]))
                .message.split("\n")
                .slice(1),
            [
                "  hcloud:token: found a value in clear text; expected an API token of Hetzner Cloud, 64 characters, encrypted (and a new one, since this one has been written down)",
                "      pulumi config set --secret hcloud:token",
            ],
        );
        assert.ok(parseConfig(raw, new Set(["powerdnsApiKey", "hcloud:token"])));
    });

    it("never shows a secret, wherever it was put", () => {
        const secret = "hunter2-hunter2";
        const places: Record<string, unknown>[] = [
            { powerdnsApiKey: `${secret} ` },
            { "hcloud:token": secret },
            { powerdnsUrl: `https://admin:${secret}@pdns.operator.example/api/v1` },
            {
                mailEgress: "smart-host",
                smartHost: {
                    host: "smtp.relay.example",
                    port: 587,
                    username: "u",
                    password: secret,
                },
                smartHostPassword: secret,
            },
            { sshPublicKeys: [`-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}`] },
            { platformValues: [secret] },
            { smtpPasswort: secret },
            { domainMode: "byo-api", dynadotApiKey: secret },
        ];
        for (const change of places)
            assert.ok(!problemsOf(rawConfig({ ...MINIMAL, ...change })).message.includes(secret));
    });
});
