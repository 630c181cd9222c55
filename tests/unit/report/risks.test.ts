/**
 * Proves which changes are risks, and in which words. It does not prove that the list is complete: each rule is about one way in which
 * mail, names or data have been lost.
 */
import assert from "node:assert/strict";
import { parseEvents } from "../../../operations/report/engineEvents.ts";
import { readPlan } from "../../../operations/report/readPlan.ts";
import { risksOf } from "../../../operations/report/risks/risks.ts";
import { Concealment } from "../../../operations/report/secretValues.ts";
import { plainWords } from "../../../operations/report/words.ts";
import { eventLog, step } from "./events.ts";
import type { StepSpec } from "./events.ts";

const RDNS = "hcloud:index/rdns:Rdns";
const SERVER = "hcloud:index/server:Server";
const ZONE = "sovereign:dns:Zone";
const RECORDS = "sovereign:dns:RecordSet";
const PRIMARY_IP = "hcloud:index/primaryIp:PrimaryIp";
const KEY = "tls:index/privateKey:PrivateKey";

function risks(...specs: readonly StepSpec[]): string[] {
    const plan = readPlan(parseEvents(eventLog(specs.map(step)), "a log"), "a log");
    return risksOf(plan, new Concealment([])).map(
        ({ kind, text }) => `${kind}: ${plainWords(text)}`,
    );
}

const ptr = (op: string, before: string, after: string): StepSpec => ({
    op,
    type: RDNS,
    name: "cp1-ptr",
    before: { ipAddress: "192.0.2.1", dnsPtr: before },
    after: { ipAddress: "192.0.2.1", dnsPtr: after },
});

const server = (op: string, name: string, role: string, types = ["cx23", "cx23"]): StepSpec => {
    const [before, after] = types.map((serverType) => ({
        name,
        serverType,
        labels: { "catalyst.openova.io/role": role },
    }));
    return { op, type: SERVER, name, ...(before && { before }), ...(after && { after }) };
};

const txt = (op: string, name: string, before: string, after: string): StepSpec => ({
    op,
    type: RECORDS,
    name: `${name}-txt`,
    before: { zone: "s.example", name, type: "TXT", records: [before] },
    after: { zone: "s.example", name, type: "TXT", records: [after] },
});

const selectors = (before: Record<string, string>, after: Record<string, string>): StepSpec => {
    const list = (states: Record<string, string>) => ({
        selectors: Object.entries(states).map(([selector, state]) => ({ selector, state })),
    });
    return {
        op: "update",
        type: "sovereign:mail:DkimSelectors",
        name: "selectors",
        before: list(before),
        after: list(after),
    };
};

const release = (layer: string, before: object, after: object): StepSpec => ({
    op: "update",
    type: "kubernetes:helm.sh/v3:Release",
    parents: `sovereign:${layer}:Part$`,
    name: "release",
    before: { name: "stalwart-sovereign", values: before },
    after: { name: "stalwart-sovereign", values: after },
});

const CASES: readonly (readonly [string, readonly StepSpec[], readonly string[]])[] = [
    [
        "nothing that stays or comes",
        [
            { ...ptr("same", "a", "a") },
            ptr("create", "a", "b"),
            server("create", "cp1", "control-plane"),
        ],
        [],
    ],
    [
        "another PTR",
        [ptr("update", "mail.a.example", "mail.b.example")],
        [
            "PTR change: 192.0.2.1 from mail.a.example to mail.b.example: A record and EHLO name have to follow, or receivers refuse mail from it",
        ],
    ],
    [
        "a PTR that goes",
        [ptr("delete", "mail.a.example", "")],
        [
            "PTR change: 192.0.2.1 no longer resolves to mail.a.example: mail from it would be refused",
        ],
    ],
    [
        "a PTR that is written anew",
        [ptr("replace", "mail.a.example", "mail.a.example")],
        ["PTR change: 192.0.2.1 does not resolve to mail.a.example until its PTR is written anew"],
    ],
    [
        "an address, and nothing about its PTR",
        [
            {
                op: "delete",
                type: PRIMARY_IP,
                name: "cp1-ipv4",
                before: {},
                outputs: { ipAddress: "192.0.2.1" },
            },
            ptr("delete", "mail.a.example", ""),
        ],
        [
            "address release: 192.0.2.1 of cp1-ipv4 goes back to Hetzner and cannot be had again; its reputation and PTR are lost",
        ],
    ],
    [
        "a zone, and nothing about its records",
        [
            { op: "delete", type: ZONE, name: "zone", before: { name: "s.example" } },
            txt("delete", "_dmarc.s.example", "v=DMARC1; p=reject", ""),
        ],
        [
            "zone delete: s.example with its 1 record sets and its DNSSEC keys: no name of it resolves, no mail to it arrives",
        ],
    ],
    [
        "a zone, and records of another that stays",
        [
            { op: "delete", type: ZONE, name: "further", before: { name: "further.example" } },
            txt("delete", "_dmarc.s.example", "v=DMARC1; p=reject", ""),
        ],
        [
            "zone delete: further.example with its 0 record sets and its DNSSEC keys: no name of it resolves, no mail to it arrives",
            "mail record: DMARC of _dmarc.s.example is deleted",
        ],
    ],
    [
        "a delegation that somebody writes by hand",
        [
            {
                op: "update",
                type: "sovereign:dns:Delegation",
                name: "further",
                before: { domain: "further.example", via: "external", ds: ["1"] },
                after: { domain: "further.example", via: "external", ds: ["1", "2"] },
            },
        ],
        [
            "delegation change: DS of further.example change: whoever holds its parent has to enter them there, and until then the old ones have to work",
        ],
    ],
    [
        "no delegation that somebody has written by hand, and that stays",
        [
            {
                op: "delete",
                type: "sovereign:dns:Delegation",
                name: "further",
                before: { domain: "further.example", via: "external" },
            },
        ],
        [],
    ],
    [
        "a delegation",
        [
            {
                op: "update",
                type: "sovereign:dns:Delegation",
                name: "delegation",
                before: { domain: "s.example", ds: ["1"], nameServers: ["a"] },
                after: { domain: "s.example", ds: ["2"], nameServers: ["b"] },
            },
        ],
        [
            "delegation change: name servers and DS of s.example at the parent; wrong ones make the zone unreachable for as long as the parent's TTL",
        ],
    ],
    [
        "an SPF record",
        [txt("update", "s.example", "v=spf1 -all", "v=spf1 mx -all")],
        ["mail record: SPF of s.example changes"],
    ],
    [
        "a DKIM record that goes",
        [txt("delete", "r1._domainkey.s.example", "v=DKIM1", "")],
        ["mail record: DKIM of r1._domainkey.s.example is deleted"],
    ],
    [
        "a weaker DMARC policy",
        [txt("update", "_dmarc.s.example", "v=DMARC1; p=reject", "v=DMARC1; p=none")],
        [
            "mail record: DMARC of _dmarc.s.example gets weaker, from p=reject to p=none: forged mail is refused less",
        ],
    ],
    ["no other text record", [txt("update", "s.example", "a", "b")], []],
    [
        "the only control plane",
        [server("replace", "cp1", "control-plane")],
        [
            "control plane replaced: cp1 is built anew: it is the only one, so the cluster's data goes with it",
        ],
    ],
    [
        "one of three control planes",
        [
            server("replace", "cp1", "control-plane"),
            server("same", "cp2", "control-plane"),
            server("same", "cp3", "control-plane"),
        ],
        ["control plane replaced: cp1 is built anew: etcd has 2 of 3 members until it has joined"],
    ],
    [
        "a worker",
        [server("replace", "w1", "worker")],
        ["server replaced: w1 is drained and built anew; volumes on its disk go with it"],
    ],
    [
        "a server that becomes another type",
        [server("update", "w1", "worker", ["cx23", "cx33"])],
        ["server off: w1 is switched off to become cx33 instead of cx23"],
    ],
    [
        "a DKIM key",
        [{ op: "delete", type: KEY, name: "dkim-r1", parents: "sovereign:mail:DkimKeys$" }],
        ["key removal: DKIM key dkim-r1: nothing can be signed with it again"],
    ],
    [
        "the steps of a rotation",
        [
            selectors(
                { r1: "retiring", r2: "pending", r0: "revoked" },
                { r1: "revoked", r2: "active" },
            ),
        ],
        [
            "key removal: DKIM selector r0 leaves the zone; its name is never used again",
            "key removal: DKIM selector r1 is published as empty: mail signed with it fails DKIM from now on",
            "key change: DKIM selector r2 signs from now on",
        ],
    ],
    [
        "the cluster, once",
        [
            { op: "replace", type: "pulumi:providers:kubernetes", name: "kubernetes" },
            { op: "replace", type: "kubernetes:core/v1:Namespace", name: "ns" },
            { op: "replace", type: KEY, name: "root", parents: "sovereign:cluster:ClusterPki$" },
            { op: "replace", type: "random:index/randomPassword:RandomPassword", name: "token" },
        ],
        [
            "cluster rebuilt: everything in the cluster is made anew: releases, Secrets, volumes",
            "key removal: 1 keys of the cluster's PKI: certificates and kubeconfigs of them end with them",
        ],
    ],
    [
        "what holds data",
        [
            {
                op: "delete",
                type: "kubernetes:core/v1:Namespace",
                name: "ns",
                before: { metadata: { name: "catalyst-system" } },
            },
            { op: "delete", type: "hcloud:index/volume:Volume", name: "spool" },
        ],
        [
            "data loss: namespace catalyst-system goes with everything in it",
            "data loss: volume spool goes with what is on it",
        ],
    ],
    [
        "a mail server that starts anew",
        [release("mail", { checksums: { dkim: "a" } }, { checksums: { dkim: "b" } })],
        [
            "mail restart: stalwart-sovereign starts anew: submissions are refused until it is ready, incoming mail waits at its senders",
        ],
    ],
    [
        "no other change of a release",
        [
            release("mail", { dnsRecords: [] }, { dnsRecords: ["a"] }),
            release("platform", { image: "a" }, { image: "b" }),
        ],
        [],
    ],
    [
        "protection that is lifted",
        [
            { op: "same", type: ZONE, name: "zone", protect: [true, false] },
            {
                op: "update",
                type: PRIMARY_IP,
                name: "ip",
                before: { deleteProtection: true },
                after: { deleteProtection: false },
            },
        ],
        ["protection lifted: 2 protected resources may be deleted afterwards: ip, zone"],
    ],
];

describe("the risks of a plan", () => {
    for (const [what, specs, expected] of CASES)
        it(`name ${what}`, () => {
            assert.deepEqual(risks(...specs), expected);
        });
});
