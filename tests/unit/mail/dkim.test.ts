/**
 * Proves DKIM, TLSA, SPF, DMARC and MTA-STS values against the RFCs and against an independent computation by OpenSSL's encodings.
 * It does not prove that receivers accept mail signed so; the end-to-end tests verify a message.
 */
import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";
import { dkimName, dkimValue, revokedDkimValue } from "../../../components/mail/dkim.ts";
import { dmarcValue, reportAuthorization } from "../../../components/mail/dmarc.ts";
import { mtaStsPolicy, mtaStsValue } from "../../../components/mail/mtaSts.ts";
import { spf, spfLookups } from "../../../components/mail/spf.ts";
import { tlsaValue } from "../../../components/mail/tlsa.ts";

function publicPem(type: "rsa" | "ed25519" | "ec", bits = 2048): string {
    const pair =
        type === "rsa"
            ? generateKeyPairSync("rsa", { modulusLength: bits })
            : type === "ec"
              ? generateKeyPairSync("ec", { namedCurve: "P-256" })
              : generateKeyPairSync("ed25519");
    return pair.publicKey.export({ type: "spki", format: "pem" }) as string;
}

/** The `p=` of a record. */
const keyOf = (value: string) => /; p=(.*)$/.exec(value)?.[1] ?? "";

describe("dkimValue", () => {
    it("publishes RSA as SubjectPublicKeyInfo: the body of the PEM", () => {
        const pem = publicPem("rsa");
        const value = dkimValue("rsa2048", pem);
        assert.equal(keyOf(value), pem.replace(/-----[^-]+-----|\s/g, ""));
        assert.equal(keyOf(value).length, 392);
        assert.match(value, /^v=DKIM1; k=rsa; h=sha256; p=MIIBIjANBgkq/);
    });

    it("publishes Ed25519 as its bare 32 bytes (the example of RFC 8463, appendix A.2)", () => {
        const bare = Buffer.from("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "base64");
        const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bare]);
        const pem = createPublicKey({ key: der, format: "der", type: "spki" }).export({
            type: "spki",
            format: "pem",
        }) as string;
        assert.equal(
            dkimValue("ed25519", pem),
            "v=DKIM1; k=ed25519; h=sha256; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        );
        assert.equal(
            Buffer.from(keyOf(dkimValue("ed25519", publicPem("ed25519"))), "base64").length,
            32,
        );
    });

    it("refuses RSA below 2048 bits, and a key of another kind", () => {
        const rsa = new RangeError("not an RSA key of 2048 bits or more");
        assert.throws(() => dkimValue("rsa2048", publicPem("rsa", 1024)), rsa);
        assert.throws(() => dkimValue("rsa2048", publicPem("ed25519")), rsa);
        assert.throws(
            () => dkimValue("ed25519", publicPem("ec")),
            new RangeError("not an Ed25519 key"),
        );
    });

    it("revokes by an empty key", () => {
        assert.equal(revokedDkimValue("rsa2048"), "v=DKIM1; k=rsa; p=");
        assert.equal(revokedDkimValue("ed25519"), "v=DKIM1; k=ed25519; p=");
    });

    it("stands below _domainkey", () => {
        assert.equal(dkimName("r1", "omantel.example"), "r1._domainkey.omantel.example");
    });
});

describe("tlsaValue", () => {
    it("is the SHA-256 of the public key's DER", () => {
        const pem = publicPem("ec");
        const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
        assert.equal(tlsaValue(pem), `3 1 1 ${createHash("sha256").update(der).digest("hex")}`);
    });
});

describe("spf", () => {
    it("counts the terms that cost a look-up, and no others", () => {
        assert.equal(spfLookups("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"), 0);
        assert.equal(
            spfLookups(
                "v=spf1 a a:b.test a/24 mx mx:c.test ?include:d.test ptr exists:e.test -all",
            ),
            8,
        );
        assert.equal(spfLookups("v=spf1 redirect=a.test"), 1);
        assert.equal(spfLookups("v=spf1 all"), 0);
    });

    it("allows nothing without terms", () => {
        assert.equal(spf(), "v=spf1 -all");
    });

    it("takes ten look-ups and refuses the eleventh", () => {
        const terms = Array.from({ length: 10 }, (_, i) => `include:r${i}.test`);
        assert.equal(spfLookups(spf(...terms)), 10);
        assert.throws(
            () => spf(...terms, "a"),
            new RangeError("SPF asks for 11 DNS queries, receivers allow 10"),
        );
    });
});

describe("dmarc", () => {
    const mail = {
        dmarcPolicy: "quarantine",
        dmarcTesting: false,
        dmarcReportAddress: "dmarc@omantel.example",
    } as const;

    it("makes the Sovereign an organizational domain with strict alignment", () => {
        assert.equal(
            dmarcValue(mail),
            "v=DMARC1; p=quarantine; sp=quarantine; np=reject; adkim=s; aspf=s; psd=n; rua=mailto:dmarc@omantel.example",
        );
    });

    it("asks for a milder reading while testing, and uses no tag that RFC 9989 has taken away", () => {
        const value = dmarcValue({ ...mail, dmarcTesting: true });
        assert.match(value, /; t=y; rua=/);
        assert.doesNotMatch(value, /\b(?:pct|rf|ri)=/);
    });

    it("needs another domain's word for reports there, and none for its own", () => {
        const of = (address: string) => reportAuthorization("omantel.example", 300, address);
        assert.equal(of("dmarc@omantel.example"), undefined);
        assert.equal(of("dmarc@reports.omantel.example"), undefined);
        assert.deepEqual(of("dmarc@central.example"), {
            name: "omantel.example._report._dmarc.central.example",
            type: "TXT",
            ttl: 300,
            records: ["v=DMARC1"],
        });
        assert.ok(of("dmarc@notomantel.example"));
    });
});

describe("mtaSts", () => {
    it("names mode, MX host and a week, with CRLF", () => {
        assert.equal(
            mtaStsPolicy("enforce", "mx.omantel.example"),
            "version: STSv1\r\nmode: enforce\r\nmx: mx.omantel.example\r\nmax_age: 604800\r\n",
        );
    });

    it("changes its id with the policy and only then; ids have at most 32 letters and digits", () => {
        const id = (mode: "testing" | "enforce", host: string) =>
            mtaStsValue(mtaStsPolicy(mode, host));
        assert.match(id("testing", "mx.a.test"), /^v=STSv1; id=[0-9a-z]{32};$/);
        assert.equal(id("testing", "mx.a.test"), id("testing", "mx.a.test"));
        assert.notEqual(id("testing", "mx.a.test"), id("enforce", "mx.a.test"));
        assert.notEqual(id("testing", "mx.a.test"), id("testing", "mx.b.test"));
    });
});
