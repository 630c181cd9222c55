// Proves: each check of the doctor that DNS alone decides passes for what a healthy Sovereign publishes, and fails for its fault
// with the words given here. Does not prove: that DNS is asked rightly over the network, nor the checks that talk to servers.
import assert from "node:assert/strict";
import type { CheckResult } from "../../../operations/doctor/doctor.ts";
import { examine } from "../../../operations/doctor/doctor.ts";
import { certificateSchema } from "../../../operations/doctor/issuance.ts";
import { CHECKS } from "../../../operations/doctor/checks/all.ts";
import { DKIM, patient, SUBJECT, type Illness } from "./patient.ts";

const BY_DNS = [
    "host-addresses",
    "mail-exchanger",
    "sender-policy",
    "greeting-policy",
    "signing-keys",
    "dmarc-policy",
    "tls-reports",
    "silent-names",
    "certificate-authorities",
    "reverse-names",
];

async function examined(illness: Illness = {}): Promise<readonly CheckResult[]> {
    const checks = CHECKS.filter(({ id }) => BY_DNS.includes(id));
    assert.equal(checks.length, BY_DNS.length);
    return (await examine(patient(illness), { checks })).checks;
}

interface Fault extends Illness {
    readonly name: string;
    /** Checks that must fail, and none besides. */
    readonly fails: readonly string[];
    readonly problem: string;
}

const FAULTS: readonly Fault[] = [
    {
        name: "an A record that was moved",
        dns: { "mail.omantel.example A": ["198.51.100.9"] },
        fails: ["host-addresses", "sender-policy", "greeting-policy", "reverse-names"],
        problem: "mail.omantel.example does not lead to 198.51.100.1",
    },
    {
        name: "a second MX",
        dns: { "omantel.example MX": ["10 mx.omantel.example.", "5 other.example."] },
        fails: ["mail-exchanger"],
        problem: "2 MX records",
    },
    {
        name: "an SPF record that lets everybody send",
        dns: { "omantel.example TXT": ["v=spf1 +all"] },
        fails: ["sender-policy"],
        problem: "omantel.example does not end in -all",
    },
    {
        name: "two SPF records",
        dns: {
            "omantel.example TXT": ["v=spf1 a:mail.omantel.example -all", "v=spf1 mx -all"],
        },
        fails: ["sender-policy"],
        problem: "omantel.example has 2 SPF records, not one",
    },
    {
        name: "no SPF record for the greeting",
        dns: { "mail.omantel.example TXT": [] },
        fails: ["greeting-policy"],
        problem: "mail.omantel.example has 0 SPF records, not one",
    },
    {
        name: "another DKIM key",
        dns: { "r1._domainkey.omantel.example TXT": [DKIM.replace("p=MII", "p=MIJ")] },
        fails: ["signing-keys"],
        problem: "r1._domainkey.omantel.example TXT is",
    },
    {
        name: "a weaker DMARC policy",
        dns: { "_dmarc.omantel.example TXT": ["v=DMARC1; p=none"] },
        fails: ["dmarc-policy"],
        problem: "_dmarc.omantel.example TXT is",
    },
    {
        name: "no TLS reports",
        dns: { "_smtp._tls.omantel.example TXT": [] },
        fails: ["tls-reports"],
        problem: "_smtp._tls.omantel.example has no valid record (RFC 8460)",
    },
    {
        name: "a name that takes mail",
        dns: { "console.omantel.example MX": ["10 mx.omantel.example."] },
        fails: ["silent-names"],
        problem: "console.omantel.example MX is",
    },
    {
        name: "a further zone that takes mail",
        dns: { "omani.homes MX": ["10 mx.omani.homes."] },
        fails: ["silent-names"],
        problem: "omani.homes MX is",
    },
    {
        name: "a further zone that nobody delegated",
        dns: { "omani.homes NS": [] },
        fails: ["silent-names"],
        problem: "resolvers do not find omani.homes: delegate it to ns1.omantel.example",
    },
    {
        name: "a further zone that is somebody else's",
        dns: { "omani.homes NS": ["ns1.other.example.", "ns2.other.example."] },
        fails: ["silent-names"],
        problem:
            "omani.homes is delegated to ns1.other.example, ns2.other.example, not to ns1.omantel.example",
    },
    {
        name: "a certificate that cannot be proven",
        certificates: [
            certificateSchema.parse({
                metadata: {
                    namespace: "catalyst-system",
                    name: "sovereign-ingress-tls",
                    creationTimestamp: "2026-11-24T04:50:00Z",
                },
                status: {
                    failedIssuanceAttempts: 1,
                    conditions: [
                        { type: "Ready", status: "False", message: "Secret does not exist" },
                        { type: "Issuing", status: "False", message: "the CAA record forbids it" },
                    ],
                },
            }),
        ],
        fails: ["certificate-authorities"],
        problem:
            "certificate catalyst-system/sovereign-ingress-tls is not issued: the CAA record forbids it",
    },
    {
        name: "another authority for a further zone",
        dns: { "omani.homes CAA": ['0 issue "other.example"'] },
        fails: ["certificate-authorities"],
        problem: "omani.homes CAA is",
    },
    {
        name: "another authority",
        dns: { "omantel.example CAA": ['0 issue "other.example"'] },
        fails: ["certificate-authorities"],
        problem: "omantel.example CAA is",
    },
    {
        name: "the cloud's generic PTR",
        reverse: { "198.51.100.1": ["static.1.100.51.198.clients.your-server.de"] },
        fails: ["reverse-names"],
        problem: "static.1.100.51.198.clients.your-server.de is the cloud's generic name",
    },
    {
        name: "no PTR",
        reverse: {},
        fails: ["reverse-names"],
        problem: "198.51.100.1 is called nothing, not mail.omantel.example",
    },
];

describe("what DNS tells the doctor", () => {
    it("passes for a healthy Sovereign", async () => {
        const results = await examined();
        assert.deepEqual(
            results.map(({ id, status, problems }) => ({ id, status, problems })),
            results.map(({ id }) => ({ id, status: "pass", problems: [] })),
        );
    });

    it("passes for one from before there were further zones", async () => {
        const { nameServers, dsRecords, records } = SUBJECT.dns;
        const results = await examined({
            subject: { dns: { nameServers, dsRecords, records } },
            dns: { "omani.homes MX": ["10 mx.omani.homes."] },
        });
        assert.deepEqual(
            results.map(({ status }) => status),
            results.map(() => "pass"),
        );
    });

    for (const { name, fails, problem, ...illness } of FAULTS)
        it(`fails exactly ${fails.join(", ")} for ${name}`, async () => {
            const failed = (await examined(illness)).filter(({ status }) => status !== "pass");
            assert.deepEqual(
                failed.map(({ id, status }) => `${id} ${status}`),
                fails.map((id) => `${id} fail`),
            );
            const problems = failed[0]?.problems ?? [];
            assert.ok(
                problems.some((p) => p.startsWith(problem)),
                JSON.stringify(problems),
            );
            assert.equal(failed[0]?.remedy, CHECKS.find(({ id }) => id === fails[0])?.remedy);
        });
});
