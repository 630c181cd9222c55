/**
 * Proves what the components of the mail identity register: their children, parents, protection, and that no key or password
 * is in the clear. It does not prove that the plugins make such keys; the end-to-end tests run them.
 */
import assert from "node:assert/strict";
import { X509Certificate, createPrivateKey } from "node:crypto";
import { DkimKeys } from "../../../components/mail/dkimKeys.ts";
import { MailCertificate } from "../../../components/mail/mailCertificate.ts";
import { SmtpCredentials } from "../../../components/mail/smtpCredentials.ts";
import { childOf, outline, plainInputs, plan, valueOf } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";

const outputs = sovereignOutputs();

describe("DkimKeys", () => {
    const selectors = [
        { selector: "r2", algorithm: "rsa2048", state: "active" },
        { selector: "r1", algorithm: "rsa2048", state: "retiring" },
        { selector: "e1", algorithm: "ed25519", state: "active" },
        { selector: "r0", algorithm: "rsa2048", state: "revoked" },
    ] as const;
    const make = () => new DkimKeys("dkim", { selectors, protect: true });

    it("keeps one key per selector, protected until it is revoked", async () => {
        const { children } = await plan(make, { outputs });
        assert.deepEqual(outline(children), [
            "pulumi:pulumi:Stack > sovereign:mail:DkimKeys dkim",
            "sovereign:mail:DkimKeys > tls:index/privateKey:PrivateKey dkim-e1",
            "sovereign:mail:DkimKeys > tls:index/privateKey:PrivateKey dkim-r0",
            "sovereign:mail:DkimKeys > tls:index/privateKey:PrivateKey dkim-r1",
            "sovereign:mail:DkimKeys > tls:index/privateKey:PrivateKey dkim-r2",
        ]);
        assert.deepEqual(plainInputs(childOf(children, "dkim-r2")), {
            algorithm: "RSA",
            rsaBits: 2048,
        });
        assert.deepEqual(plainInputs(childOf(children, "dkim-e1")), { algorithm: "ED25519" });
        assert.deepEqual(
            ["dkim-r2", "dkim-r1", "dkim-e1", "dkim-r0"].map(
                (name) => childOf(children, name).options.protect,
            ),
            [true, true, true, false],
        );
    });

    it("publishes every selector and signs with the active ones", async () => {
        const { result } = await plan(make, { outputs });
        const values = await Promise.all(result.keys.map((key) => valueOf(key.value)));
        assert.match(values[0] ?? "", /^v=DKIM1; k=rsa; h=sha256; p=[A-Za-z0-9+/]{391}/);
        assert.match(values[2] ?? "", /^v=DKIM1; k=ed25519; h=sha256; p=[A-Za-z0-9+/]{43}=$/);
        assert.equal(values[3], "v=DKIM1; k=rsa; p=");
        assert.deepEqual(
            result.active.map((key) => key.selector),
            ["r2", "e1"],
        );
    });
});

describe("SmtpCredentials", () => {
    const make = (generation: number) => () =>
        new SmtpCredentials("smtp", { fqdn: "omantel.example", generation });

    it("is a password of 40 letters and digits, made anew with each generation", async () => {
        const { children } = await plan(make(3), { outputs });
        assert.deepEqual(outline(children), [
            "sovereign:mail:SmtpCredentials > random:index/randomPassword:RandomPassword smtp-password",
            "pulumi:pulumi:Stack > sovereign:mail:SmtpCredentials smtp",
        ]);
        assert.deepEqual(plainInputs(childOf(children, "smtp-password")), {
            length: 40,
            special: false,
            keepers: { generation: "3" },
        });
    });

    it("speaks of noreply at mail.<fqdn>, port as text", async () => {
        const { result } = await plan(make(1), { outputs });
        assert.deepEqual(
            [result.host, result.port, result.user],
            ["mail.omantel.example", "587", "noreply@omantel.example"],
        );
        assert.match(await valueOf(result.passwordHash), /^\$2a\$\d\d\$[./A-Za-z0-9]{53}$/);
    });
});

describe("MailCertificate", () => {
    const make = () => new MailCertificate("certificate", { fqdn: "omantel.example" });

    it("is an authority and two certificates with keys of their own", async () => {
        const { children } = await plan(make, { outputs });
        const owner = "sovereign:mail:MailCertificate";
        assert.deepEqual(outline(children), [
            `pulumi:pulumi:Stack > ${owner} certificate`,
            `${owner} > tls:index/certRequest:CertRequest certificate-ingress-request`,
            `${owner} > tls:index/certRequest:CertRequest certificate-mail-request`,
            `${owner} > tls:index/locallySignedCert:LocallySignedCert certificate-ingress`,
            `${owner} > tls:index/locallySignedCert:LocallySignedCert certificate-mail`,
            `${owner} > tls:index/privateKey:PrivateKey certificate-authority-key`,
            `${owner} > tls:index/privateKey:PrivateKey certificate-ingress-key`,
            `${owner} > tls:index/privateKey:PrivateKey certificate-mail-key`,
            `${owner} > tls:index/selfSignedCert:SelfSignedCert certificate-authority`,
        ]);
        assert.deepEqual(plainInputs(childOf(children, "certificate-mail-request")).dnsNames, [
            "mail.omantel.example",
            "mx.omantel.example",
        ]);
        assert.deepEqual(plainInputs(childOf(children, "certificate-ingress-request")).dnsNames, [
            "omantel.example",
            "*.omantel.example",
        ]);
    });

    it("hands out a chain that ends at the authority, with the key that belongs to it", async () => {
        const { result } = await plan(make, { outputs });
        const chain = (await valueOf(result.mail.chainPem)).match(
            /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n/g,
        );
        const [leaf, authority, ...more] = (chain ?? []).map((pem) => new X509Certificate(pem));
        assert.ok(leaf && authority);
        assert.deepEqual(more, []);
        assert.ok(leaf.checkIssued(authority));
        assert.ok(leaf.verify(authority.publicKey));
        assert.ok(leaf.checkPrivateKey(createPrivateKey(await valueOf(result.mail.privateKeyPem))));
        assert.equal(
            authority.fingerprint256,
            new X509Certificate(await valueOf(result.authorityPem)).fingerprint256,
        );
    });

    it("renews by the key that it has, two months ahead", async () => {
        const { children } = await plan(make, { outputs });
        const { validityPeriodHours, earlyRenewalHours } = plainInputs(
            childOf(children, "certificate-mail"),
        );
        assert.deepEqual([validityPeriodHours, earlyRenewalHours], [730 * 24, 60 * 24]);
        assert.deepEqual(childOf(children, "certificate-mail-key").dependencies, []);
    });
});
