/**
 * Proves which certificates a Sovereign asks for, how their names are proven, and what its issuers and network policies say. It does not
 * prove that cert-manager takes them (tests of the lab).
 */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { caaRecords } from "../../../components/certificates/caa.ts";
import { certManagerValues } from "../../../components/certificates/certManager.ts";
import {
    certificateSpec,
    challengeNames,
    provenByHttp,
    publicCertificates,
} from "../../../components/certificates/certificateSpecs.ts";
import {
    challengeAliases,
    challengeKeyName,
} from "../../../components/certificates/challengeNames.ts";
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
                keepsKey: true,
            },
            {
                key: "mta-sts",
                namespace: "stalwart-sovereign",
                secret: "sovereign-ingress-tls",
                dnsNames: ["mta-sts.omantel.example"],
                keepsKey: false,
            },
            {
                key: "ingress",
                namespace: "catalyst-system",
                secret: "sovereign-ingress-tls",
                dnsNames: ["omantel.example", "*.omantel.example"],
                keepsKey: false,
            },
        ]);
    });

    it("are one more for each further zone, of its apex and wildcard", () => {
        const furtherZones = ["omani.homes", "omani.shop"];
        const further = publicCertificates({
            fqdn,
            mtaSts: "testing",
            challenge: "dns-01",
            furtherZones,
        });
        assert.deepEqual(further.slice(0, all.length), all);
        assert.deepEqual(further.slice(all.length), [
            {
                key: "zone-omani-homes",
                namespace: "catalyst-system",
                secret: "zone-omani-homes-tls",
                dnsNames: ["omani.homes", "*.omani.homes"],
                keepsKey: false,
            },
            {
                key: "zone-omani-shop",
                namespace: "catalyst-system",
                secret: "zone-omani-shop-tls",
                dnsNames: ["omani.shop", "*.omani.shop"],
                keepsKey: false,
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

    it("ask for nothing that HTTP could not prove: no wildcard, and no name that leads to the nodes", () => {
        const byHttp = publicCertificates({ fqdn, mtaSts: "testing", challenge: "http-01" });
        assert.deepEqual(
            byHttp.map(({ key }) => key),
            ["mta-sts", "ingress"],
        );
        const names = byHttp.flatMap(({ dnsNames }) => dnsNames);
        assert.ok(!names.some((name) => name.startsWith("*")));
        assert.ok(names.includes("console.omantel.example"));
    });
});

describe("provenByHttp", () => {
    it("is so where anything is asked for, by HTTP", () => {
        assert.equal(provenByHttp({ issuer: "staging", challenge: "http-01" }), true);
        assert.equal(provenByHttp({ issuer: "staging", challenge: "dns-01" }), false);
        assert.equal(provenByHttp({ issuer: "none", challenge: "http-01" }), false);
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
    it("keeps mail's key, which a TLSA record may name, and renews the others", () => {
        const [mail, ...others] = all;
        assert.ok(mail);
        for (const other of others)
            assert.equal(certificateSpec(other, "staging").privateKey.rotationPolicy, "Always");
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

describe("challengeAliases", () => {
    it("lead from each name that is proven into the zone that the issuer's key may change", () => {
        assert.deepEqual(challengeAliases(fqdn, challengeNames(all)), [
            {
                zone: fqdn,
                name: "_acme-challenge.mail.omantel.example",
                target: "_acme-challenge.mail.acme.omantel.example",
            },
            {
                zone: fqdn,
                name: "_acme-challenge.mta-sts.omantel.example",
                target: "_acme-challenge.mta-sts.acme.omantel.example",
            },
            {
                zone: fqdn,
                name: "_acme-challenge.mx.omantel.example",
                target: "_acme-challenge.mx.acme.omantel.example",
            },
            {
                zone: fqdn,
                name: "_acme-challenge.omantel.example",
                target: "_acme-challenge.acme.omantel.example",
            },
        ]);
        assert.equal(challengeKeyName(fqdn), "issuer.acme.omantel.example");
    });

    it("lead there from further zones as well, by their whole name", () => {
        assert.deepEqual(challengeAliases(fqdn, ["omani.homes"]), [
            {
                zone: "omani.homes",
                name: "_acme-challenge.omani.homes",
                target: "_acme-challenge.omani.homes.acme.omantel.example",
            },
        ]);
    });
});

describe("caaRecords", () => {
    const records = (
        issuers: readonly string[],
        certificates?: Parameters<typeof caaRecords>[0]["certificates"],
    ) =>
        caaRecords({ fqdn, ttl: 300, issuers, ...(certificates && { certificates }) }).flatMap(
            (set) => set.records,
        );

    it("name the authorities, and nothing more where the program asks for no certificate", () => {
        assert.deepEqual(records([]), []);
        assert.deepEqual(records(["letsencrypt.org", "pki.goog"]), [
            '0 issue "letsencrypt.org"',
            '0 issue "pki.goog"',
        ]);
        assert.deepEqual(records(["pki.goog"], { issuer: "none", challenge: "dns-01" }), [
            '0 issue "pki.goog"',
        ]);
    });

    it("allow the method that is used alone, and the account where it is known (RFC 8657)", () => {
        assert.deepEqual(
            records(["letsencrypt.org"], { issuer: "production", challenge: "dns-01" }),
            ['0 issue "letsencrypt.org; validationmethods=dns-01"'],
        );
        assert.deepEqual(
            records(["letsencrypt.org"], {
                issuer: "production",
                challenge: "http-01",
                accountUri: "https://acme.example/acct/1",
            }),
            [
                '0 issue "letsencrypt.org; validationmethods=http-01; accounturi=https://acme.example/acct/1"',
            ],
        );
    });
});

describe("certManagerValues", () => {
    it("keep the definitions, and ask the resolver that is given alone", () => {
        assert.deepEqual(certManagerValues(), { crds: { enabled: true, keep: true } });
        assert.deepEqual(certManagerValues("192.0.2.53:53").extraArgs, [
            "--dns01-recursive-nameservers=192.0.2.53:53",
            "--dns01-recursive-nameservers-only",
            "--acme-http01-solver-nameservers=192.0.2.53:53",
        ]);
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
            solvers: [
                { http01: { ingress: { ingressClassName: "cilium", serviceType: "ClusterIP" } } },
            ],
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
        const out = (further: number[]) => certManagerPolicies(further)["outgoing-calls"]?.egress;
        const tcp = [53, 80, 443, 6443].map((port) => ({ protocol: "TCP", port }));
        const usual = [{ protocol: "UDP", port: 53 }, ...tcp];
        assert.deepEqual(out([]), [{ ports: usual }]);
        assert.deepEqual(out([443, 14_000]), [
            { ports: [...usual, { protocol: "TCP", port: 14_000 }] },
        ]);
    });
});
