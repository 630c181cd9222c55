import { generateKeyPairSync } from "node:crypto";
import type { ClusterView } from "../../../operations/doctor/clusterView.ts";
import type { DoctorDns } from "../../../operations/doctor/dns.ts";
import type { Examination } from "../../../operations/doctor/examination.ts";
import type { CertificateSight } from "../../../operations/doctor/issuance.ts";
import type { PublishedSet, Subject } from "../../../operations/doctor/subject.ts";

const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const KEY = publicKey.export({ type: "spki", format: "der" }).toString("base64");
export const DKIM = `v=DKIM1; k=rsa; h=sha256; p=${KEY}`;

const set = (name: string, type: string, ...records: string[]): PublishedSet => ({
    name,
    type,
    records,
});

/** What a healthy Sovereign publishes. */
export const RECORDS: readonly PublishedSet[] = [
    set("mail.omantel.example", "A", "198.51.100.1"),
    set("mx.omantel.example", "A", "203.0.113.1"),
    set("omantel.example", "MX", "10 mx.omantel.example."),
    set("omantel.example", "TXT", "v=spf1 a:mail.omantel.example -all"),
    set("mail.omantel.example", "TXT", "v=spf1 a -all"),
    set("r1._domainkey.omantel.example", "TXT", DKIM),
    set("_dmarc.omantel.example", "TXT", "v=DMARC1; p=reject; rua=mailto:dmarc@omantel.example"),
    set("_smtp._tls.omantel.example", "TXT", "v=TLSRPTv1; rua=mailto:tls-rpt@omantel.example"),
    set("console.omantel.example", "MX", "0 ."),
    set("console.omantel.example", "TXT", "v=spf1 -all"),
    set("omantel.example", "CAA", '0 issue "letsencrypt.org"'),
];

/** What it publishes in a zone beside its own. */
const FURTHER: readonly PublishedSet[] = [
    set("omani.homes", "NS", "ns1.omantel.example."),
    set("omani.homes", "A", "203.0.113.1"),
    set("omani.homes", "MX", "0 ."),
    set("omani.homes", "TXT", "v=spf1 -all"),
    set("omani.homes", "CAA", '0 issue "letsencrypt.org"'),
];

export const SUBJECT: Subject = {
    sovereign: { fqdn: "omantel.example" },
    cloud: { loadBalancerIpv4: "203.0.113.1", nodeIpv4: { cp1: "198.51.100.1" } },
    cluster: { kubeconfig: "" },
    dns: {
        nameServers: ["ns1.omantel.example"],
        dsRecords: [],
        records: [...RECORDS],
        furtherZones: [{ zone: "omani.homes.", records: FURTHER }],
    },
    mail: {
        host: "mail.omantel.example",
        mxHost: "mx.omantel.example",
        egress: "all",
        egressIpv4: ["198.51.100.1"],
        dkim: [
            {
                selector: "r1",
                algorithm: "rsa2048",
                state: "active",
                name: "r1._domainkey.omantel.example",
                txt: DKIM,
            },
        ],
        authorityCertificate: "",
    },
    smtp: { from: "noreply@omantel.example" },
};

function noData(name: string): Error {
    return Object.assign(new Error(`queryA ENODATA ${name}`), { code: "ENODATA" });
}

/** DNS that answers with these record sets, at every server and through the resolver. */
function dnsOf(records: readonly PublishedSet[], reverse: Readonly<Record<string, string[]>>) {
    const find = (name: string, type: string) =>
        records.find((r) => r.name === name.replace(/\.$/, "") && r.type === type)?.records ?? [];
    const dns: DoctorDns = {
        authoritative: (name, type) =>
            Promise.resolve(
                find(name, type).map((content) => ({
                    text: type === "MX" ? content.replace(/([^ ])\.$/, "$1") : content,
                    strings:
                        type === "TXT"
                            ? (content.match(/.{1,255}/g) ?? []).map((s) => s.length)
                            : [],
                })),
            ),
        resolve: (name, type) => {
            const found = find(name, type);
            if (found.length === 0) return Promise.reject(noData(name));
            return Promise.resolve(type === "TXT" ? found.map((text) => [text]) : [...found]);
        },
        reverse: (ip) => Promise.resolve(reverse[ip] ?? []),
    };
    return dns;
}

const NOBODY: Omit<ClusterView, "certificates"> = {
    nodes: () => Promise.resolve([]),
    podProbe: () => Promise.resolve(undefined),
    credentials: () => Promise.resolve(undefined),
    mailSecret: () => Promise.resolve(undefined),
    mailPod: () => Promise.resolve(undefined),
};

/** How a patient differs from a healthy one. */
export interface Illness {
    /** Record sets as DNS has them, by `<name> <type>`; an empty list for none. */
    readonly dns?: Readonly<Record<string, string[]>>;
    readonly reverse?: Readonly<Record<string, string[]>>;
    readonly subject?: Partial<Subject>;
    /** What cert-manager has to issue. */
    readonly certificates?: readonly CertificateSight[];
}

/** A Sovereign whose DNS can be examined, and nothing else of it. */
export function patient({
    dns = {},
    reverse,
    subject = {},
    certificates = [],
}: Illness = {}): Examination {
    const changed = new Map([...RECORDS, ...FURTHER].map((r) => [`${r.name} ${r.type}`, r]));
    for (const [key, records] of Object.entries(dns)) {
        const [name = "", type = ""] = key.split(" ");
        changed.set(key, { name, type, records });
    }
    return {
        subject: { ...SUBJECT, ...subject },
        dns: dnsOf([...changed.values()], reverse ?? { "198.51.100.1": ["mail.omantel.example"] }),
        network: {
            port: (port) => port,
            authorities: "",
            addressLists: [],
            nameLists: [],
            timeout: 1000,
            arrival: 1000,
        },
        cluster: { ...NOBODY, certificates: () => Promise.resolve(certificates) },
        now: () => new Date("2026-11-24T05:00:00Z"),
    };
}
