/**
 * Proves what Certificates creates and in which order: a challenge zone that one key may change, cert-manager, issuers, and certificates that
 * nothing waits for. It does not prove that anything is issued (tests/e2e/certificates.test.ts).
 */
import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import { publicCertificates } from "../../../components/certificates/certificateSpecs.ts";
import { Certificates } from "../../../components/certificates/certificates.ts";
import type { CertificatesConfig, DnsConfig } from "../../../config/model.ts";
import { Provider } from "../../../provider/resources/provider.ts";
import { clusterAccess } from "../../support/clusterAccess.ts";
import { leaksOf } from "../../support/leaks.ts";
import { childOf, isSecretValue, outline, plainInputs, plan } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";

const outputs = sovereignOutputs();
const fqdn = "omantel.example";

const DNS: DnsConfig = {
    domainMode: "byo-api",
    delegation: "dynadot",
    nameServers: [{ name: `ns1.${fqdn}`, ipv4: "192.0.2.1" }, { name: "ns2.operator.example" }],
    dnssec: true,
    dnssecKeys: ["1"],
    nsec: "nsec",
    ttl: 300,
    powerdnsUrl: "https://pdns.example/api/v1",
    powerdnsServerId: "localhost",
    dynadotUrl: "https://api.dynadot.com",
    dynadotRequestsPerMinute: 60,
    waitForDelegation: true,
    dnsPort: 53,
};

const CERTIFICATES: CertificatesConfig = {
    issuer: "production",
    challenge: "dns-01",
    dnsUpdateServer: "192.0.2.1:5353",
    chart: "oci://quay.example/charts/cert-manager",
    chartVersion: "v1.19.1",
    values: {},
};

const FURTHER = "omani.homes";

function make(
    changes: Partial<CertificatesConfig> = {},
    furtherZones: readonly string[] = [],
): Certificates {
    const certificates = { ...CERTIFICATES, ...changes };
    return new Certificates("certificates", {
        fqdn,
        certificates,
        issuer: "production",
        dns: DNS,
        zone: `${fqdn}.`,
        furtherZones: new Map([[FURTHER, `${FURTHER}.`]]),
        nodeAddresses: ["198.51.100.1", "2001:db8::1"],
        wanted: publicCertificates({
            fqdn,
            mtaSts: "none",
            challenge: certificates.challenge,
            furtherZones: changes.challenge === "http-01" ? [] : furtherZones,
        }),
        cluster: clusterAccess(),
        chartPin: [],
        after: [new kubernetes.core.v1.Secret("mail-tls", {})],
        protect: true,
        provider: new Provider("provider", {}),
    });
}

const planned = async (
    changes: Partial<CertificatesConfig> = {},
    furtherZones: readonly string[] = [],
) => (await plan(() => make(changes, furtherZones), { outputs })).children;

describe("Certificates", () => {
    it("are a challenge zone, cert-manager, two issuers and a certificate each", async () => {
        const own = outline(await planned()).filter((line) =>
            line.startsWith("sovereign:certificates:"),
        );
        const challenges = "sovereign:certificates:ChallengeZone > ";
        const manager = "sovereign:certificates:CertManager > ";
        const issued = "sovereign:certificates:PublicCertificates > ";
        const parts = "sovereign:certificates:Certificates > sovereign:certificates:";
        const [policy, record] = [
            "kubernetes:networking.k8s.io/v1:NetworkPolicy",
            "sovereign:dns:RecordSet",
        ];
        assert.deepEqual(
            own.sort(),
            [
                `${manager}kubernetes:core/v1:Namespace certificates-cert-manager-namespace`,
                `${manager}kubernetes:helm.sh/v3:Release certificates-cert-manager-release`,
                ...["default-deny", "outgoing-calls", "webhook-calls"].map(
                    (name) => `${manager}${policy} certificates-cert-manager-${name}`,
                ),
                `${parts}CertManager certificates-cert-manager`,
                `${parts}ChallengeZone certificates-challenges`,
                `${parts}PublicCertificates certificates-public`,
                `${challenges}random:index/randomPassword:RandomPassword certificates-challenges-secret`,
                `${challenges}sovereign:dns:Delegation certificates-challenges-delegation`,
                `${challenges}${record} certificates-challenges-_acme-challenge`,
                `${challenges}${record} certificates-challenges-_acme-challenge.mail`,
                `${challenges}${record} certificates-challenges-_acme-challenge.mx`,
                `${challenges}sovereign:dns:TsigKey certificates-challenges-key`,
                `${challenges}sovereign:dns:UpdatePolicy certificates-challenges-policy`,
                `${challenges}sovereign:dns:Zone certificates-challenges-zone`,
                `${issued}kubernetes:cert-manager.io/v1:Certificate certificates-public-ingress`,
                `${issued}kubernetes:cert-manager.io/v1:Certificate certificates-public-mail`,
                `${issued}kubernetes:cert-manager.io/v1:ClusterIssuer certificates-public-production`,
                `${issued}kubernetes:cert-manager.io/v1:ClusterIssuer certificates-public-staging`,
                `${issued}kubernetes:core/v1:Secret certificates-public-tsig`,
            ].sort(),
        );
    });

    it("give the issuer's key one zone, from the nodes alone, delegated with its DS", async () => {
        const children = await planned();
        const inputs = (name: string) =>
            plainInputs(childOf(children, `certificates-challenges-${name}`));
        const zone = `acme.${fqdn}`;
        const { tsigKeys, sources, owner } = inputs("policy");
        assert.deepEqual(
            { tsigKeys, sources, owner },
            {
                tsigKeys: [inputs("key").name],
                sources: ["198.51.100.1/32", "2001:db8::1/128"],
                owner: "pulumi:sovereign/dev",
            },
        );
        assert.equal(inputs("key").name, `issuer.${zone}`);
        assert.ok(childOf(children, "certificates-challenges-zone").options.protect);
        assert.ok(isSecretValue(childOf(children, "certificates-challenges-key").inputs.secret));
        const { domain, via, parent, nameServers } = inputs("delegation");
        assert.deepEqual(
            { domain, via, parent, nameServers },
            {
                domain: zone,
                via: "powerdns",
                parent: `${fqdn}.`,
                nameServers: [{ name: `ns1.${fqdn}` }, { name: "ns2.operator.example" }],
            },
        );
        const { name, type, records } = inputs("_acme-challenge.mail");
        assert.deepEqual(
            { name, type, records },
            {
                name: `_acme-challenge.mail.${fqdn}`,
                type: "CNAME",
                records: [`_acme-challenge.mail.${zone}.`],
            },
        );
    });

    it("prove a further zone in the challenge zone too, by an alias in the further zone itself", async () => {
        const children = await planned({}, [FURTHER]);
        const { zone, name, type, records } = plainInputs(
            childOf(children, `certificates-challenges-_acme-challenge.${FURTHER}`),
        );
        assert.deepEqual(
            { zone, name, type, records },
            {
                zone: `${FURTHER}.`,
                name: `_acme-challenge.${FURTHER}`,
                type: "CNAME",
                records: [`_acme-challenge.${FURTHER}.acme.${fqdn}.`],
            },
        );
        const { spec } = plainInputs(childOf(children, "certificates-public-zone-omani-homes"));
        const { secretName, dnsNames } = spec as { secretName: string; dnsNames: string[] };
        assert.deepEqual(
            [secretName, dnsNames],
            ["zone-omani-homes-tls", [FURTHER, `*.${FURTHER}`]],
        );
    });

    it("wait for nothing to be issued, but ask only when proofs can be given", async () => {
        const children = await planned();
        const certificate = childOf(children, "certificates-public-mail");
        assert.deepEqual(plainInputs(certificate).metadata, {
            name: "stalwart-tls",
            namespace: "stalwart-sovereign",
            labels: {
                "catalyst.openova.io/sovereign": fqdn,
                "app.kubernetes.io/managed-by": "pulumi",
            },
            annotations: { "pulumi.com/skipAwait": "true" },
        });
        assert.deepEqual(certificate.dependencies, [
            "certificates-challenges-_acme-challenge",
            "certificates-challenges-_acme-challenge.mail",
            "certificates-challenges-_acme-challenge.mx",
            "certificates-challenges-delegation",
            "certificates-challenges-policy",
            "certificates-public-production",
            "certificates-public-staging",
            "mail-tls",
        ]);
    });

    it("let cert-manager out to the name server that takes updates", async () => {
        const { spec } = plainInputs(
            childOf(await planned(), "certificates-cert-manager-outgoing-calls"),
        ) as { spec: { egress: { ports: { port: number }[] }[] } };
        assert.ok(spec.egress[0]?.ports.some(({ port }) => port === 5353));
    });

    it("need no zone and no key where names are proven by HTTP", async () => {
        const children = await planned({ challenge: "http-01" });
        assert.deepEqual(
            children.filter(({ type }) => type.startsWith("sovereign:dns:")),
            [],
        );
        const { spec } = plainInputs(childOf(children, "certificates-public-production"));
        assert.deepEqual((spec as { acme: { solvers: unknown } }).acme.solvers, [
            { http01: { ingress: { ingressClassName: "cilium", serviceType: "ClusterIP" } } },
        ]);
    });

    it("let requests through to the proofs, and nothing out of them, where names are proven by HTTP", async () => {
        const policies = (children: Awaited<ReturnType<typeof planned>>) =>
            children.filter(({ name }) => name.startsWith("certificates-public-solver-"));
        assert.deepEqual(policies(await planned()), []);
        const children = await planned({ challenge: "http-01" });
        assert.deepEqual(
            policies(children).map((child) => {
                const { metadata, spec } = plainInputs(child) as {
                    metadata: { namespace: string };
                    spec: unknown;
                };
                return [metadata.namespace, spec];
            }),
            [
                [
                    "catalyst-system",
                    {
                        podSelector: {
                            matchLabels: { "acme.cert-manager.io/http01-solver": "true" },
                        },
                        policyTypes: ["Ingress", "Egress"],
                        ingress: [{ ports: [{ protocol: "TCP", port: 8089 }] }],
                    },
                ],
            ],
        );
        const asked = childOf(children, "certificates-public-ingress");
        assert.ok(asked.dependencies.includes("certificates-public-solver-catalyst-system"));
    });

    it("take a chart by its path, without a version", async () => {
        const release = async (chart: string) => {
            const { version } = plainInputs(
                childOf(await planned({ chart }), "certificates-cert-manager-release"),
            );
            return version;
        };
        assert.equal(await release("./charts/cert-manager"), undefined);
        assert.equal(await release("oci://quay.example/charts/cert-manager"), "v1.19.1");
    });

    it("leak no secret", async () => {
        const children = await planned();
        const secret = plainInputs(childOf(children, "certificates-challenges-key")).secret;
        assert.equal(typeof secret, "string");
        assert.deepEqual(leaksOf(children, [secret as string]), []);
    });
});
