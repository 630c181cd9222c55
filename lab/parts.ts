import type { V1Pod } from "@kubernetes/client-node";
import type { LabAddresses } from "./addresses.ts";

/** Where a binary came from; shown by `lab:status`. */
export type BinaryOrigin = "cache" | "path" | "vendor" | "built" | "system";

export interface Binary {
    /** Absolute path. */
    readonly path: string;
    readonly version: string;
    readonly origin: BinaryOrigin;
}

/** Programs that the lab starts. `kube-*`, `etcd`, `kwok` and `kubectl` are one multi-call binary by different names. */
export interface LabBinaries {
    readonly etcd: Binary;
    readonly kubeApiserver: Binary;
    readonly kubeControllerManager: Binary;
    readonly kubeScheduler: Binary;
    readonly kwok: Binary;
    readonly kubectl: Binary;
    readonly helm: Binary;
    readonly ociRegistry: Binary;
    /** cert-manager's controller, webhook and cainjector; the first argument says which. */
    readonly certManager: Binary;
    /** An ACME server. */
    readonly pebble: Binary;
    readonly pdnsServer: Binary;
    /** Directory of kwok's stage files (`kustomize/stage` of its Go module). */
    readonly kwokStages: string;
    /** Directory of cert-manager's chart. */
    readonly certManagerChart: string;
    /** Directory of the definitions of Flux's kinds. */
    readonly fluxDefinitions: string;
    /** Directory of the Gateway API's definitions (`config/crd/standard` of its Go module). */
    readonly gatewayApiDefinitions: string;
    /** PowerDNS: module directory and SQLite schema file, which differ when the packages were unpacked without root. */
    readonly pdnsModules: string;
    readonly pdnsSqliteSchema: string;
    /** `LD_LIBRARY_PATH` for programs unpacked without root; empty otherwise. */
    readonly libraryPath: string;
}

/** The lab's credentials. They guard nothing: everything that accepts them listens on loopback. */
export interface LabCredentials {
    /** 64 characters, as the hcloud provider demands. */
    readonly hcloudToken: string;
    readonly powerdnsApiKey: string;
    readonly dynadotApiKey: string;
    readonly dynadotApiSecret: string;
}

export interface LabProcess {
    readonly name: string;
    readonly pid: number;
    readonly version?: string;
    readonly origin?: BinaryOrigin;
    readonly log?: string;
}

export interface PartStatus {
    readonly state: "stopped" | "starting" | "ready" | "failed";
    /** Where it listens, for people. */
    readonly url?: string;
    readonly processes: readonly LabProcess[];
    /** Part-specific facts, JSON-serialisable. */
    readonly details: Readonly<Record<string, unknown>>;
}

/** What every part of the lab gets. */
export interface LabContext {
    readonly addresses: LabAddresses;
    readonly binaries: LabBinaries;
    readonly credentials: LabCredentials;
    /** The lab's state directory; a part keeps its files in a folder of its own name there. */
    readonly directory: string;
    /** One line of progress for people; also goes to the lab's log. */
    log(part: string, message: string): void;
}

/** One part of the lab: a module with its own start, readiness, stop and log. */
export interface LabPart {
    readonly name: string;
    /** Resolves when the part serves. State kept in the lab's directory is taken up again. */
    start(): Promise<void>;
    /** Resolves when nothing of it runs any more. Safe to call twice, and on a part that never started. */
    stop(): Promise<void>;
    status(): PartStatus;
}

/** Publishes reverse DNS of the emulated cloud's addresses. `null` removes the entry. */
export interface ReverseDns {
    set(ip: string, name: string | null): Promise<void>;
}

/** What a registrar tells its registry: the parent side of a registered domain. Empty lists withdraw it. */
export interface RegistryDelegation {
    readonly domain: string;
    readonly nameServers: readonly string[];
    /** Host records by name server name, only for names that the registry holds glue for. */
    readonly glue: Readonly<Record<string, readonly string[]>>;
    readonly ds: readonly string[];
}

/** The registry behind the emulated registrar: publishes into the lab's top-level zone. */
export interface Registry {
    publish(delegation: RegistryDelegation): Promise<void>;
}

/** A record set of a zone on a registrar's own name servers: absolute names without trailing dot, contents in presentation format. */
export interface HostedRecordSet {
    readonly name: string;
    readonly type: string;
    /** Seconds. */
    readonly ttl: number;
    readonly records: readonly string[];
}

/** The emulated registrar's own name servers. */
export interface HostedZones {
    /** Their names: what a domain is delegated to that is hosted on them. */
    readonly nameServers: readonly string[];
    /** Serves exactly these record sets beside SOA and NS; `null` takes the zone off again. */
    serve(domain: string, recordSets: readonly HostedRecordSet[] | null): Promise<void>;
}

/** A server as its hypervisor sees it. */
export interface Machine {
    readonly id: number;
    readonly name: string;
    /** As given to the API (possibly base64 of gzip), or null. */
    readonly userData: string | null;
    readonly publicIpv4: string | null;
    readonly publicIpv6: string | null;
    /** Loopback address that stands for the machine: everything it runs listens there. */
    readonly hostAddress: string;
    readonly privateNetworks: readonly { readonly networkId: number; readonly ip: string }[];
    readonly serverType: string;
    readonly architecture: "x86" | "arm";
    readonly labels: Readonly<Record<string, string>>;
}

/** Runs the machines that the emulated cloud creates. Every call resolves quickly; a boot goes on in the background. */
export interface MachineHost {
    /** Power on, after create, poweron, reboot or reset. */
    powerOn(machine: Machine): Promise<void>;
    /** Power off, shutdown; resolves when every process of the machine has ended. Its disk stays. */
    powerOff(id: number): Promise<void>;
    /** Deleted: ends its processes, and its disk goes. */
    remove(id: number): Promise<void>;
    /** A running machine's networks changed (attached after its start, as the hcloud provider does). */
    networksChanged(machine: Machine): Promise<void>;
}

/** A pod that runs on a machine, as a workload stand-in sees it. */
export interface PodView {
    readonly namespace: string;
    readonly name: string;
    readonly nodeName: string;
    /** Where the machine's processes listen; hostPorts are bound there. */
    readonly hostAddress: string;
    /** The machine's public IPv4 address, which its pods leave by; absent where it has none. */
    readonly egressAddress?: string;
    /** The installed pod: metadata and spec, as the API server has it. */
    readonly pod: V1Pod;
    /** Files that a container sees at `path` (a mounted Secret or ConfigMap key), read when asked; undefined if absent. */
    readFile(container: string, path: string): Promise<Buffer | undefined>;
    /** Names of the files that a container sees directly in `path`, sorted; empty if nothing is mounted there. */
    listFiles(container: string, path: string): Promise<string[]>;
}

interface StandIn {
    readonly name: string;
    /** Whether it plays this pod. */
    matches(pod: V1Pod): boolean;
}

/** Acts for the containers of matching pods that serve. */
export interface ServerStandIn extends StandIn {
    /** Starts listening; resolves to what stops it again. Throws what a real container would die of. */
    start(view: PodView): Promise<() => Promise<void>>;
}

/** Acts for the container of matching pods that come to their end by themselves. */
export interface JobStandIn extends StandIn {
    /** Does its work; resolves to its termination message. Throws what a real container would die of. */
    run(view: PodView): Promise<string>;
}

/** Acts for the containers of matching pods, which kwok only pretends to run. */
export type WorkloadStandIn = ServerStandIn | JobStandIn;

/** Looks at the way out for mail: greets servers, `<host>:<port>`, and resolves to what it saw as JSON. Never throws. */
export type EgressProbe = (look: {
    readonly ehlo: string;
    readonly targets: readonly string[];
    /** Address to go out by. @default the system's choice */
    readonly localAddress?: string;
}) => Promise<string>;

/** Finds the machine behind a private address, as the private network would. */
export interface PrivateNetworkView {
    /** Host address of the running machine that holds `ip` in the network, if any. */
    resolve(networkId: number, ip: string): string | undefined;
}
