import type { DoctorDns } from "./dns.ts";
import type { ClusterView } from "./clusterView.ts";
import type { SeedMailbox } from "./seedMailbox.ts";
import type { Subject } from "./subject.ts";
import type { Witness } from "./witness.ts";

/** A place to connect to. */
export interface Endpoint {
    readonly host: string;
    readonly port: number;
}

/** How the doctor reaches the Sovereign. */
export interface DoctorNetwork {
    /** Where a port of a public address is reached: with the port itself, but in a lab whose ports are moved. */
    port(port: number): number;
    /** Where the submission port is reached, which is open in the cluster only; undefined where it cannot be. */
    readonly submission?: Endpoint;
    /** Where the mail server's HTTP port is reached; undefined where it cannot be. */
    readonly http?: Endpoint;
    /** Certificates of authorities that are trusted besides the public ones, PEM: the stack's own, and others that were given. */
    readonly authorities: string;
    /** Zones of blocklists: of addresses, and of names. */
    readonly addressLists: readonly string[];
    readonly nameLists: readonly string[];
    /** Milliseconds for a connection and for each reply. */
    readonly timeout: number;
    /** Milliseconds for a message to arrive. */
    readonly arrival: number;
}

/** Everything a check looks at. */
export interface Examination {
    readonly subject: Subject;
    readonly dns: DoctorDns;
    readonly network: DoctorNetwork;
    readonly cluster: ClusterView;
    /** A mailbox elsewhere whose mail is judged; undefined without one. */
    readonly witness?: Witness;
    /** A mailbox of one's own at a receiver; undefined without one. */
    readonly seed?: SeedMailbox;
    readonly now: () => Date;
}
