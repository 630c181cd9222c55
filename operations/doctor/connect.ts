import { KubeConfig } from "@kubernetes/client-node";
import { NAMESPACES } from "../../components/names.ts";
import { clusterView, MAIL_POD } from "./clusterView.ts";
import { doctorDns } from "./dns.ts";
import type { Endpoint, Examination } from "./examination.ts";
import { podForward, type PodForward } from "./podForward.ts";
import { seedMailbox, witnessIn, type SeedMailboxOptions } from "./seedMailbox.ts";
import type { Subject } from "./subject.ts";
import { httpWitness } from "./witness.ts";

/** Ports of the mail server's pod that are open inside the cluster only. */
const SUBMISSION_PORT = 587;
const HTTP_PORT = 8080;

/** How the doctor gets to a Sovereign. Everything has a default that fits one at Hetzner, but the mailbox elsewhere. */
export interface ConnectOptions {
    /** Addresses of the authoritative servers, `<address>[:<port>]`. @default those of the stack's name servers */
    readonly nameServers?: readonly string[];
    /** Port of authoritative servers that are given without one. @default 53 */
    readonly dnsPort?: number;
    /** Resolvers, `<address>[:<port>]`. @default the system's */
    readonly resolvers?: readonly string[];
    /** Where a public port is reached, by port. @default at itself */
    readonly ports?: ReadonlyMap<number, number>;
    /** Where submission is reached. @default through the API server, in the mail server's pod */
    readonly submission?: Endpoint;
    /** Where the mail server's HTTP is reached. @default as `submission` */
    readonly http?: Endpoint;
    /** Zones of blocklists of addresses. @default none */
    readonly addressLists?: readonly string[];
    /** Zones of blocklists of names. @default none */
    readonly nameLists?: readonly string[];
    /** Certificates of further authorities to trust, PEM, for example Let's Encrypt's for tests. @default the stack's own alone */
    readonly authorities?: readonly string[];
    /** A mailbox elsewhere: its address, and the URL that tells how its server judged what came. @default none */
    readonly witness?: { readonly address: string; readonly url: string };
    /** A mailbox of one's own at a receiver; the witness too, where no other one is given. @default none */
    readonly seed?: Omit<SeedMailboxOptions, "timeout">;
    /** Milliseconds for a connection and for each reply. @default 10000 */
    readonly timeout?: number;
    /** Milliseconds for a message to arrive. @default 60000 */
    readonly arrival?: number;
    /** Has the probe in the cluster look again before its results are read. @default false */
    readonly probe?: boolean;
}

/** What to examine, and how to let go of it. */
export interface Connection {
    readonly examination: Examination;
    readonly close: () => Promise<void>;
}

/** Opens the ways to a Sovereign. Reaches nothing yet: what cannot be reached is for the checks to say. */
export async function connect(subject: Subject, options: ConnectOptions = {}): Promise<Connection> {
    const config = new KubeConfig();
    config.loadFromString(subject.cluster.kubeconfig);
    const forwards: PodForward[] = [];
    const way = async (given: Endpoint | undefined, port: number): Promise<Endpoint> => {
        if (given) return given;
        const target = { namespace: NAMESPACES.mail, pod: MAIL_POD, port };
        const forward = await podForward(config, target);
        forwards.push(forward);
        return forward;
    };
    const submission = await way(options.submission, SUBMISSION_PORT);
    const http = await way(options.http, HTTP_PORT);
    const { nameServers, dnsPort, resolvers, ports, witness, timeout = 10_000 } = options;
    const dns = doctorDns({
        nameServers: subject.dns.nameServers,
        ...(nameServers && { addresses: nameServers }),
        ...(dnsPort !== undefined && { port: dnsPort }),
        ...(resolvers && { resolvers }),
        timeout,
    });
    const seed = options.seed && seedMailbox({ ...options.seed, timeout });
    return {
        examination: {
            subject,
            dns,
            network: {
                port: (port) => ports?.get(port) ?? port,
                submission,
                http,
                authorities: [
                    subject.mail.authorityCertificate,
                    ...(options.authorities ?? []),
                ].join("\n"),
                addressLists: options.addressLists ?? [],
                nameLists: options.nameLists ?? [],
                timeout,
                arrival: options.arrival ?? 60_000,
            },
            cluster: clusterView(config, { probeFirst: options.probe ?? false }),
            ...(witness
                ? { witness: httpWitness(witness.url, witness.address) }
                : seed && { witness: witnessIn(seed, dns) }),
            ...(seed && { seed }),
            now: () => new Date(),
        },
        close: async () => {
            await Promise.all(forwards.map((forward) => forward.close()));
        },
    };
}
