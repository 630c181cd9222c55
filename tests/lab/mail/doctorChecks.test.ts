// Proves, without a cluster, that the doctor's checks of the mail server pass for the lab's, over the network and its real DNS, and that
// each of them fails, alone, for a server with one fault. Does not prove that the doctor finds its way to a server in a cluster:
// tests/e2e/doctor.test.ts does.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, describe, it } from "mocha";
import { labPort } from "../../../lab/addresses.ts";
import { labConnection } from "../../../lab/commands/doctor.ts";
import { egressProbe } from "../../../lab/mail/egressProbe.ts";
import { LabDns } from "../../../lab/mail/labDns.ts";
import { MAILBOX_DOMAIN, MAILBOX_HOST } from "../../../lab/powerdns/world.ts";
import { CHECKS } from "../../../operations/doctor/checks/all.ts";
import type { ClusterView } from "../../../operations/doctor/clusterView.ts";
import { connect, type ConnectOptions } from "../../../operations/doctor/connect.ts";
import { examine } from "../../../operations/doctor/doctor.ts";
import { parseProbe, type ProbeResult } from "../../../operations/doctor/probe.ts";
import type { Subject } from "../../../operations/doctor/subject.ts";
import { sickServer, type Sickness } from "../../support/sickServer.ts";
import { certificate as issueCertificate, PASSWORD } from "./mailPod.ts";
import { DOMAIN, startMailWorld, type MailWorld } from "./mailWorld.ts";

const LOGIN = { user: `noreply@${DOMAIN}`, password: PASSWORD };

/** Milliseconds. */
const DAY = 24 * 60 * 60 * 1000;

/** What can be seen without a cluster's objects. */
const IDS = [
    "egress-address",
    "way-out",
    "inbound-server",
    "submission-server",
    "foreign-sender",
    "open-relay",
    "mailboxes",
    "closed-ports",
    "queue",
    "end-to-end",
    "seed-mailbox",
];

/** No cluster is reached by it. */
const KUBECONFIG = JSON.stringify({
    clusters: [{ name: "none", cluster: { server: "https://192.0.2.1" } }],
    contexts: [{ name: "none", context: { cluster: "none", user: "none" } }],
    users: [{ name: "none", user: {} }],
    "current-context": "none",
});

describe("the doctor at the lab's mail server", function () {
    this.timeout(60_000);
    let world: MailWorld;
    let certificate: string;
    let key: string;
    let seen: ProbeResult;

    before(async () => {
        world = await startMailWorld();
        const issued = await issueCertificate(`mail.${DOMAIN}`, new Date(Date.now() + 90 * DAY));
        ({ certificate, key } = issued);
        await world.serve(
            new Map([...world.files, ["/tls/tls.crt", certificate], ["/tls/tls.key", key]]),
        );
        const { addresses } = world.lab.context;
        const look = egressProbe({
            dns: new LabDns(addresses),
            portOffset: addresses.portOffset,
        });
        const text = await look({
            ehlo: `mail.${DOMAIN}`,
            targets: [`${MAILBOX_HOST}:25`],
            localAddress: world.egress,
        });
        const result = parseProbe(text);
        assert.ok(result, text);
        seen = result;
    });
    after(() => world.stop());

    const port = (of: number) => labPort(of, world.lab.context.addresses.portOffset);

    function subject(): Subject {
        return {
            sovereign: { fqdn: DOMAIN },
            cloud: { loadBalancerIpv4: world.host, nodeIpv4: { cp1: world.egress } },
            cluster: { kubeconfig: KUBECONFIG },
            dns: { nameServers: [], dsRecords: [], records: [] },
            mail: {
                host: `mail.${DOMAIN}`,
                mxHost: `mail.${DOMAIN}`,
                egress: "all",
                egressIpv4: [world.egress],
                dkim: [],
                authorityCertificate: certificate,
            },
            smtp: { from: `noreply@${DOMAIN}` },
        };
    }

    const cluster: ClusterView = {
        nodes: () => Promise.resolve([{ key: "cp1", result: seen }]),
        podProbe: () => Promise.resolve({ key: "cp1", result: seen }),
        credentials: () =>
            Promise.resolve({ "smtp-user": LOGIN.user, "smtp-pass": LOGIN.password }),
        mailSecret: () => Promise.resolve(undefined),
        mailPod: () => Promise.resolve({ key: "cp1", annotations: {} }),
        certificates: () => Promise.resolve([]),
    };

    /** What does not pass, as `<id>` or `<id> unknown`, with the first of its problems. */
    async function ailing(way: ConnectOptions = {}): Promise<[string, string][]> {
        const { examination, close } = await connect(subject(), {
            ...labConnection(world.lab.context.addresses, world.publicAuthority, ""),
            submission: { host: world.pod, port: port(587) },
            http: { host: world.pod, port: 8080 },
            arrival: 10_000,
            timeout: 5_000,
            ...way,
        });
        const checks = CHECKS.filter(({ id }) => IDS.includes(id));
        try {
            const diagnosis = await examine({ ...examination, cluster }, { checks });
            return diagnosis.checks
                .filter(({ status }) => status !== "pass")
                .map(({ id, status, problems, evidence }) => [
                    status === "fail" ? id : `${id} ${status}`,
                    problems[0] ?? evidence,
                ]);
        } finally {
            await close();
        }
    }

    it("finds nothing wrong", async () => {
        assert.deepEqual(await ailing(), []);
    });

    /** In the place of the server, but with its certificate and one fault. */
    async function withSickServer<T>(
        sickness: Sickness & { readonly certificate?: string; readonly key?: string },
        submits: boolean,
        use: (way: ConnectOptions) => Promise<T>,
    ): Promise<T> {
        const server = await sickServer({
            host: submits ? world.pod : world.host,
            fqdn: DOMAIN,
            certificate,
            key,
            ...(submits && {
                login: LOGIN,
                submission: { host: world.pod, port: port(587) },
            }),
            ...sickness,
        });
        const ports = new Map([[25, server.port]]);
        try {
            return await use(submits ? { submission: server } : { ports });
        } finally {
            await server.close();
        }
    }

    for (const [name, submits, sickness, id, problem] of [
        [
            "greets by another name",
            false,
            { name: "localhost" },
            "inbound-server",
            "it greets: 220 localhost ESMTP at your service",
        ],
        [
            "relays for strangers",
            false,
            { openRelay: true },
            "open-relay",
            "a stranger's mail is relayed: 250 Accepted",
        ],
        [
            "has no mailbox for abuse",
            false,
            { missing: ["abuse"] },
            "mailboxes",
            `abuse@${DOMAIN}: 550 5.1.2 Relay not allowed.`,
        ],
        [
            "takes passwords without TLS",
            true,
            { plainLogin: true },
            "submission-server",
            "it offers AUTH without TLS",
        ],
        [
            "lets its account send as anybody",
            true,
            { anySender: true },
            "foreign-sender",
            `someone-else@${DOMAIN} may send: 250 Accepted`,
        ],
    ] as const)
        it(`finds a server that ${name}, and nothing else`, async () => {
            const ill = await withSickServer<[string, string][]>(sickness, submits, ailing);
            assert.deepEqual(ill, [[id, problem]]);
        });

    it("gives no password to a server whose certificate it does not trust", async () => {
        const other = await issueCertificate(`mail.${DOMAIN}`, new Date(Date.now() + 90 * DAY));
        let logins = 0;
        const sickness = { ...other, onLogin: () => (logins += 1) };
        const ill = await withSickServer(sickness, true, ailing);
        assert.deepEqual(
            ill.map(([id]) => id),
            ["submission-server", "foreign-sender unknown", "end-to-end", "seed-mailbox"],
        );
        assert.equal(logins, 0);
    });

    it("finds an open port", async () => {
        const open = createServer((socket) => socket.destroy());
        open.listen(4190, world.host);
        await once(open, "listening");
        try {
            assert.deepEqual(await ailing(), [
                ["closed-ports", `${world.host} has port 4190 open`],
            ]);
        } finally {
            open.close();
        }
    });

    it("finds a receiver that keeps mail waiting, and one that calls it junk", async () => {
        const { mailbox } = world.lab.context.addresses;
        const url = `http://${mailbox.host}:${mailbox.port}`;
        const address = `refused@${MAILBOX_DOMAIN}`;
        const { seed } = labConnection(world.lab.context.addresses, world.publicAuthority, "");
        assert.ok(seed);
        assert.deepEqual(
            await ailing({
                witness: { address, url },
                seed: { ...seed, address: `suspicious@${MAILBOX_DOMAIN}` },
                arrival: 1_000,
            }),
            [
                ["end-to-end", `nothing arrived at ${address}`],
                ["seed-mailbox", "the message lies in Junk"],
            ],
        );
    });

    it("finds what was given up, with that", async () => {
        assert.deepEqual(await ailing(), [["queue", "1 messages were given up"]]);
    });
});
