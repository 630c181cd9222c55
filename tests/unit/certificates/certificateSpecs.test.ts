/**
 * Proves which certificates a Sovereign asks for, how their names are proven, and what its issuers and network policies say. It does not
 * prove that cert-manager takes them (tests of the lab).
 */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
    certificateSpec,
    challengeNames,
    publicCertificates,
} from "../../../components/certificates/certificateSpecs.ts";
import {
    ACME_DIRECTORIES,
    issuerSpec,
    tsigAlgorithm,
} from "../../../components/certificates/issuers.ts";
import { certManagerPolicies } from "../../../components/certificates/networkPolicies.ts";

const fqdn = "omantel.example";
const all = publicCertificates({ fqdn, mtaSts: "testing", challenge: "dns-01" });

describe("publicCertificates", () => {
    it("are one for mail, one for the MTA-STS host, one for apex and wildcard", () => {
        assert.deepEqual(all, [
            {
                key: "mail",
                namespace: "stalwart-sovereign",
                secret: "stalwart-tls",
                dnsNames: ["mail.omantel.example", "mx.omantel.example"],
            },
            {
                key: "mta-sts",
                namespace: "stalwart-sovereign",
                secret: "sovereign-ingress-tls",
                dnsNames: ["mta-sts.omantel.example"],
            },
            {
                key: "ingress",
                namespace: "catalyst-system",
                secret: "sovereign-ingress-tls",
                dnsNames: ["omantel.example", "*.omantel.example"],
            },
        ]);
    });

    it("leave the MTA-STS host out where there is no policy", () => {
        const keys = publicCertificates({ fqdn, mtaSts: "none", challenge: "dns-01" });
        assert.deepEqual(
            keys.map(({ key }) => key),
            ["mail", "ingress"],
        );
    });

    it("ask for no wildcard that HTTP could not prove", () => {
        const names = publicCertificates({ fqdn, mtaSts: "none", challenge: "http-01" }).flatMap(
            ({ dnsNames }) => dnsNames,
        );
        assert.ok(!names.some((name) => name.startsWith("*")));
        assert.ok(names.includes("console.omantel.example"));
    });
});

describe("challengeNames", () => {
    it("prove a wildcard at the name below it, each name once", () => {
        assert.deepEqual(challengeNames(all), [
            "mail.omantel.example",
            "mta-sts.omantel.example",
            "mx.omantel.example",
            "omantel.example",
        ]);
    });
});

describe("certificateSpec", () => {
    it("keeps the key that the Secret has", () => {
        const [mail] = all;
        assert.ok(mail);
        assert.deepEqual(certificateSpec(mail, "staging"), {
            secretName: "stalwart-tls",
            dnsNames: ["mail.omantel.example", "mx.omantel.example"],
            issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "acme-staging" },
            privateKey: {
                algorithm: "ECDSA",
                size: 256,
                encoding: "PKCS8",
                rotationPolicy: "Never",
            },
            usages: ["digital signature", "key encipherment", "server auth"],
        });
    });
});

describe("issuerSpec", () => {
    it("follows challenge names into the zone that the key may change", () => {
        const { acme } = issuerSpec({
            issuer: "production",
            challenge: {
                type: "dns-01",
                server: "192.0.2.53:53",
                tsigKeyName: "acme-omantel",
                tsigAlgorithm: tsigAlgorithm("hmac-sha256"),
            },
        });
        assert.equal(acme.server, ACME_DIRECTORIES.production);
        assert.deepEqual(acme.privateKeySecretRef, { name: "acme-production-account" });
        assert.deepEqual(acme.solvers, [
            {
                dns01: {
                    cnameStrategy: "Follow",
                    rfc2136: {
                        nameserver: "192.0.2.53:53",
                        tsigKeyName: "acme-omantel",
                        tsigAlgorithm: "HMACSHA256",
                        tsigSecretSecretRef: { name: "acme-tsig", key: "secret" },
                    },
                },
            },
        ]);
    });

    it("asks another directory with its own authorities, and proves by HTTP", () => {
        const { acme } = issuerSpec({
            issuer: "staging",
            directory: "https://acme.example/dir",
            caBundle: "PEM",
            email: "hostmaster@example.org",
            challenge: { type: "http-01", ingressClass: "cilium" },
        });
        assert.deepEqual(acme, {
            server: "https://acme.example/dir",
            caBundle: "UEVN",
            email: "hostmaster@example.org",
            privateKeySecretRef: { name: "acme-staging-account" },
            solvers: [{ http01: { ingress: { ingressClassName: "cilium" } } }],
        });
    });
});

describe("certManagerPolicies", () => {
    it("let in nothing but calls of the webhook, and out only what is named", () => {
        const policies = certManagerPolicies();
        assert.deepEqual(policies["default-deny"], {
            podSelector: {},
            policyTypes: ["Ingress", "Egress"],
        });
        assert.deepEqual(policies["webhook-calls"]?.ingress, [
            { ports: [{ protocol: "TCP", port: 10250 }] },
        ]);
        assert.deepEqual(policies["outgoing-calls"]?.egress, [
            {
                ports: [
                    { protocol: "TCP", port: 53 },
                    { protocol: "UDP", port: 53 },
                    { protocol: "TCP", port: 80 },
                    { protocol: "TCP", port: 443 },
                    { protocol: "TCP", port: 6443 },
                ],
            },
        ]);
    });
});
