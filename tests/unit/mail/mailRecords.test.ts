/**
 * Proves the whole record set of a mail identity under each of its conditions, and rules that hold for all of them. It does not
 * prove that DNS serves it; the end-to-end tests ask the real PowerDNS.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { MailConfig } from "../../../config/model.ts";
import { assertRecordSets } from "../../../components/dns/recordSet.ts";
import type { RecordSetSpec } from "../../../components/dns/recordSet.ts";
import { egressNodes } from "../../../components/mail/egress.ts";
import { mailRecords } from "../../../components/mail/mailRecords.ts";
import type { MailRecordsSpec } from "../../../components/mail/mailRecords.ts";
import { spfLookups } from "../../../components/mail/spf.ts";
import { platformHosts, platformRecords } from "../../../components/platform/platformRecords.ts";
import { fixtureNodes } from "../../support/sovereignFixture.ts";

const F = "omantel.example";

const MAIL: MailConfig = {
    egress: "all",
    ipv6: false,
    dkim: [{ selector: "r1", algorithm: "rsa2048", state: "active" }],
    dkimTtl: 300,
    dkimSignatureLifetime: 604_800,
    dmarcPolicy: "reject",
    dmarcTesting: false,
    dmarcReportAddress: `dmarc@${F}`,
    mtaSts: "none",
    tlsa: false,
    caaIssuers: [],
    publicSubmission: false,
    stalwartImage: "stalwartlabs/stalwart:v0.16.24",
    passwordGeneration: 1,
};

const SPEC: MailRecordsSpec = {
    fqdn: F,
    ttl: 300,
    mail: MAIL,
    egressIpv4: ["203.0.113.1", "203.0.113.2"],
    egressIpv6: ["2001:db8:1::1", "2001:db8:2::1"],
    loadBalancerIpv4: "198.51.100.1",
    dkim: [{ selector: "r1", value: "v=DKIM1; k=rsa; h=sha256; p=AAAA" }],
    tlsa: "3 1 1 00ff",
    silentHosts: [],
};

const table = (spec: Partial<MailRecordsSpec>, mail: Partial<MailConfig> = {}): string[] =>
    mailRecords({ ...SPEC, ...spec, mail: { ...MAIL, ...mail } }).map(
        ({ name, type, records }) => `${name} ${type} ${records.map(String).join(" | ")}`,
    );

const added = (spec: Partial<MailRecordsSpec>, mail: Partial<MailConfig> = {}): string[] => {
    const base = table({});
    return table(spec, mail).filter((line) => !base.includes(line));
};

const SMALLEST = [
    `mail.${F} A 203.0.113.1 | 203.0.113.2`,
    `mx.${F} A 198.51.100.1`,
    `${F} MX 10 mx.${F}.`,
    `${F} TXT v=spf1 a:mail.${F} -all`,
    `mail.${F} TXT v=spf1 a -all`,
    `mx.${F} TXT v=spf1 -all`,
    `r1._domainkey.${F} TXT v=DKIM1; k=rsa; h=sha256; p=AAAA`,
    `_dmarc.${F} TXT v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; aspf=s; psd=n; rua=mailto:dmarc@${F}`,
    `_smtp._tls.${F} TXT v=TLSRPTv1; rua=mailto:tls-rpt@${F}`,
];

describe("mailRecords", () => {
    it("is this much at least", () => {
        assert.deepEqual(table({}), SMALLEST);
    });

    it("has the TTL of the zone on every set, and that of selectors on theirs", () => {
        const sets = mailRecords({ ...SPEC, ttl: 77, mail: { ...MAIL, dkimTtl: 30 } });
        const ttls = (isDkim: boolean) =>
            new Set(
                sets
                    .filter(({ name }) => name.includes("._domainkey.") === isDkim)
                    .map(({ ttl }) => ttl),
            );
        assert.deepEqual([...ttls(false)], [77]);
        assert.deepEqual([...ttls(true)], [30]);
    });

    it("publishes the load balancer's IPv6 where it has one", () => {
        assert.deepEqual(added({ loadBalancerIpv6: "2001:db8:f::1" }), [
            `mx.${F} AAAA 2001:db8:f::1`,
        ]);
    });

    it("publishes egress over IPv6 only where mail may leave that way", () => {
        assert.deepEqual(added({}, { ipv6: true }), [
            `mail.${F} AAAA 2001:db8:1::1 | 2001:db8:2::1`,
        ]);
    });

    it("lets the smart host send too", () => {
        const smartHost = { host: "smtp.relay.example", port: 587, username: "u" };
        assert.deepEqual(
            added(
                {},
                {
                    egress: "smart-host",
                    smartHost: { ...smartHost, spf: "include:spf.relay.example" },
                },
            ),
            [`${F} TXT v=spf1 a:mail.${F} include:spf.relay.example -all`],
        );
        assert.deepEqual(added({}, { egress: "smart-host", smartHost }), []);
        assert.deepEqual(
            added({}, { smartHost: { ...smartHost, spf: "include:spf.relay.example" } }),
            [],
            "a smart host that is not used is not allowed to send",
        );
    });

    it("publishes every selector, revoked ones too", () => {
        assert.deepEqual(
            added({
                dkim: [
                    ...SPEC.dkim,
                    { selector: "e1", value: "v=DKIM1; k=ed25519; h=sha256; p=BBBB" },
                    { selector: "r0", value: "v=DKIM1; k=rsa; p=" },
                ],
            }),
            [
                `e1._domainkey.${F} TXT v=DKIM1; k=ed25519; h=sha256; p=BBBB`,
                `r0._domainkey.${F} TXT v=DKIM1; k=rsa; p=`,
            ],
        );
    });

    it("announces an MTA-STS policy together with the host that serves it", () => {
        const lines = added({ loadBalancerIpv6: "2001:db8:f::1" }, { mtaSts: "testing" });
        assert.deepEqual(lines.slice(1, -1), [
            `mta-sts.${F} A 198.51.100.1`,
            `mta-sts.${F} AAAA 2001:db8:f::1`,
            `mta-sts.${F} MX 0 .`,
            `mta-sts.${F} TXT v=spf1 -all`,
        ]);
        assert.match(
            lines.at(-1) ?? "",
            /^_mta-sts\.omantel\.example TXT v=STSv1; id=[0-9a-f]{32};$/,
        );
    });

    it("pins the certificate's key at the MX host", () => {
        assert.deepEqual(added({}, { tlsa: true }), [`_25._tcp.mx.${F} TLSA 3 1 1 00ff`]);
    });

    it("names the authorities that may issue", () => {
        assert.deepEqual(added({}, { caaIssuers: ["letsencrypt.org", "pki.goog"] }), [
            `${F} CAA 0 issue "letsencrypt.org" | 0 issue "pki.goog"`,
        ]);
    });

    it("sends reports where they are wanted", () => {
        assert.match(
            added({}, { dmarcReportAddress: "r@central.example" }).join(),
            /; rua=mailto:r@central\.example$/,
        );
    });

    it("silences hosts that neither send nor receive", () => {
        assert.deepEqual(added({ silentHosts: [`*.${F}`] }), [
            `*.${F} MX 0 .`,
            `*.${F} TXT v=spf1 -all`,
        ]);
    });
});

describe("egressNodes", () => {
    const nodes = fixtureNodes(1, 2);
    it("are all nodes, or the pinned one; behind a smart host all of them keep their name", () => {
        assert.deepEqual(egressNodes(MAIL, nodes), ["cp1", "w1", "w2"]);
        assert.deepEqual(egressNodes({ ...MAIL, egress: "pinned", pinnedNode: "w2" }, nodes), [
            "w2",
        ]);
        assert.deepEqual(egressNodes({ ...MAIL, egress: "smart-host" }, nodes), [
            "cp1",
            "w1",
            "w2",
        ]);
    });
});

describe("every zone that can be configured", () => {
    const mail = fc.record({
        egress: fc.constantFrom("all" as const, "smart-host" as const),
        smartHost: fc.constant({
            host: "smtp.relay.example",
            port: 587,
            username: "u",
            spf: "include:spf.relay.example",
        }),
        ipv6: fc.boolean(),
        mtaSts: fc.constantFrom("none" as const, "testing" as const, "enforce" as const),
        tlsa: fc.boolean(),
        caaIssuers: fc.uniqueArray(fc.constantFrom("letsencrypt.org", "pki.goog", "sectigo.com")),
        dmarcPolicy: fc.constantFrom("none" as const, "quarantine" as const, "reject" as const),
        dmarcTesting: fc.boolean(),
    });
    const selectors = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/), {
        minLength: 1,
        maxLength: 4,
    });
    const addresses = fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 5 });
    const zone = fc
        .record({ mail, selectors, egressIpv4: addresses, ipv6: fc.boolean() })
        .map(({ mail: changes, selectors: names, egressIpv4, ipv6 }): RecordSetSpec[] => {
            const balancer = {
                loadBalancerIpv4: "198.51.100.1",
                ...(ipv6 && { loadBalancerIpv6: "2001:db8:f::1" }),
            };
            return [
                ...platformRecords({ fqdn: F, ttl: 300, ...balancer }),
                ...mailRecords({
                    ...SPEC,
                    ...balancer,
                    mail: { ...MAIL, ...changes },
                    egressIpv4,
                    dkim: names.map((selector) => ({ selector, value: "v=DKIM1; k=rsa; p=AAAA" })),
                    silentHosts: platformHosts(F),
                }),
            ];
        });
    const texts = (set: RecordSetSpec): string[] => set.records.map(String);

    it("has each name and type once, lies in the zone and has one SPF record per name", () => {
        fc.assert(
            fc.property(zone, (sets) => {
                assertRecordSets(sets, F);
            }),
        );
    });

    it("has an SPF record and no more than ten look-ups wherever there is an address", () => {
        fc.assert(
            fc.property(zone, (sets) => {
                for (const { name } of sets.filter((s) => s.type === "A")) {
                    const spf = sets
                        .filter((s) => s.name === name && s.type === "TXT")
                        .flatMap(texts)
                        .filter((text) => text.startsWith("v=spf1"));
                    assert.equal(spf.length, 1, name);
                    assert.ok(spfLookups(spf[0] ?? "") <= 10);
                }
            }),
        );
    });

    it("leads MX to a name with an address, or to none at all", () => {
        fc.assert(
            fc.property(zone, (sets) => {
                const hosts = sets.filter((s) => s.type === "A").map((s) => `${s.name}.`);
                for (const set of sets.filter((s) => s.type === "MX"))
                    for (const text of texts(set)) {
                        const [, target = ""] = text.split(" ");
                        assert.ok(target === "." || hosts.includes(target), text);
                    }
            }),
        );
    });

    it("resolves mail. to every egress address and to nothing else", () => {
        fc.assert(
            fc.property(addresses, (egressIpv4) => {
                const [first] = mailRecords({ ...SPEC, egressIpv4 });
                assert.deepEqual(first, {
                    name: `mail.${F}`,
                    type: "A",
                    ttl: 300,
                    records: egressIpv4,
                });
            }),
        );
    });
});
