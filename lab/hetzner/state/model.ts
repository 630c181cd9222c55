/** What every resource has. */
export interface Resource {
    readonly id: number;
    name: string;
    labels: Record<string, string>;
    /** RFC 3339. */
    readonly created: string;
}

export type ServerStatus =
    "running" | "initializing" | "starting" | "stopping" | "off" | "deleting" | "rebuilding";

export interface PrivateNic {
    readonly network: number;
    readonly ip: string;
    aliasIps: string[];
    readonly mac: string;
}

export interface ServerRecord extends Resource {
    status: ServerStatus;
    /** Name in the catalogue. */
    serverType: string;
    readonly location: string;
    image: number | null;
    iso: number | null;
    rescue: boolean;
    backupWindow: string | null;
    protection: { delete: boolean; rebuild: boolean };
    primaryDiskSize: number;
    userData: string | null;
    sshKeys: number[];
    /** Loopback address that stands for the machine. */
    readonly hostAddress: string;
    /** Ids of primary IPs. */
    ipv4: number | null;
    ipv6: number | null;
    privateNet: PrivateNic[];
    placementGroup: number | null;
}

export interface Subnet {
    readonly type: "cloud" | "server" | "vswitch";
    readonly ipRange: string;
    readonly networkZone: string;
    readonly vswitchId: number | null;
}

export interface Route {
    readonly destination: string;
    readonly gateway: string;
}

export interface NetworkRecord extends Resource {
    ipRange: string;
    subnets: Subnet[];
    routes: Route[];
    protection: { delete: boolean };
    exposeRoutesToVswitch: boolean;
}

/** PTR names by address; an IPv4 address that is missing has its default name. */
export type PtrNames = Record<string, string>;

export interface PrimaryIpRecord extends Resource {
    readonly type: "ipv4" | "ipv6";
    /** An address, or a /64 for IPv6. */
    readonly ip: string;
    readonly location: string;
    ptr: PtrNames;
    protection: { delete: boolean };
    autoDelete: boolean;
    assignee: number | null;
}

export interface FloatingIpRecord extends Resource {
    readonly type: "ipv4" | "ipv6";
    readonly ip: string;
    readonly homeLocation: string;
    description: string;
    ptr: PtrNames;
    protection: { delete: boolean };
    server: number | null;
}

export interface FirewallRule {
    readonly direction: "in" | "out";
    readonly source_ips: string[];
    readonly destination_ips: string[];
    readonly protocol: "tcp" | "udp" | "icmp" | "esp" | "gre";
    readonly port: string | null;
    readonly description: string | null;
}

export type FirewallTarget =
    | { readonly type: "server"; readonly server: number }
    | { readonly type: "label_selector"; readonly selector: string };

export interface FirewallRecord extends Resource {
    rules: FirewallRule[];
    appliedTo: FirewallTarget[];
}

export interface HealthCheck {
    protocol: "tcp" | "http";
    port: number;
    /** Seconds. */
    interval: number;
    /** Seconds. */
    timeout: number;
    retries: number;
    http: {
        domain: string;
        path: string;
        response: string;
        status_codes: string[];
        tls: boolean;
    } | null;
}

export interface ServiceHttp {
    cookie_name: string;
    cookie_lifetime: number;
    certificates: number[];
    redirect_http: boolean;
    sticky_sessions: boolean;
    timeout_idle: number;
}

export interface LoadBalancerService {
    protocol: "tcp" | "http" | "https";
    readonly listen_port: number;
    destination_port: number;
    proxyprotocol: boolean;
    http: ServiceHttp | null;
    health_check: HealthCheck;
}

export type LoadBalancerTarget =
    | { readonly type: "server"; readonly server: number; readonly usePrivateIp: boolean }
    | { readonly type: "label_selector"; readonly selector: string; readonly usePrivateIp: boolean }
    | { readonly type: "ip"; readonly ip: string; readonly usePrivateIp: false };

export interface LoadBalancerRecord extends Resource {
    loadBalancerType: string;
    readonly location: string;
    algorithm: "round_robin" | "least_connections";
    publicEnabled: boolean;
    readonly ipv4: string;
    readonly ipv6: string;
    ptr: PtrNames;
    network: { network: number; ip: string } | null;
    services: LoadBalancerService[];
    targets: LoadBalancerTarget[];
    protection: { delete: boolean };
}

export interface PlacementGroupRecord extends Resource {
    readonly type: "spread";
}

export interface SshKeyRecord extends Resource {
    readonly fingerprint: string;
    readonly publicKey: string;
}

export interface VolumeRecord extends Resource {
    server: number | null;
    readonly location: string;
    /** GB. */
    size: number;
    readonly format: "ext4" | "xfs" | null;
    protection: { delete: boolean };
}

export interface CertificateRecord extends Resource {
    readonly type: "uploaded" | "managed";
    readonly certificate: string | null;
    readonly notValidBefore: string | null;
    readonly notValidAfter: string | null;
    readonly domainNames: string[];
    readonly fingerprint: string | null;
}

/** A snapshot or backup made from a server; the system's images are in the catalogue. */
export interface SnapshotRecord extends Resource {
    type: "snapshot" | "backup";
    description: string;
    readonly diskSize: number;
    readonly createdFrom: { readonly id: number; readonly name: string };
    readonly baseImage: number | null;
    readonly architecture: "x86" | "arm";
    protection: { delete: boolean };
}

export interface ZoneRecordValue {
    readonly value: string;
    readonly comment: string;
}

export interface RrsetRecord {
    readonly name: string;
    readonly type: string;
    ttl: number | null;
    labels: Record<string, string>;
    protection: { change: boolean };
    records: ZoneRecordValue[];
}

export interface PrimaryNameserver {
    readonly address: string;
    readonly port: number;
    readonly tsig_algorithm?: string | undefined;
    readonly tsig_key?: string | undefined;
}

export interface ZoneRecord extends Resource {
    mode: "primary" | "secondary";
    ttl: number;
    primaryNameservers: PrimaryNameserver[];
    protection: { delete: boolean };
    rrsets: RrsetRecord[];
}

export interface ActionRecord {
    readonly id: number;
    readonly command: string;
    status: "running" | "success" | "error";
    progress: number;
    readonly started: string;
    finished: string | null;
    readonly resources: { readonly id: number; readonly type: string }[];
    error: { readonly code: string; readonly message: string } | null;
}

/** Everything that one project holds. */
export interface ProjectState {
    servers: ServerRecord[];
    networks: NetworkRecord[];
    primary_ips: PrimaryIpRecord[];
    floating_ips: FloatingIpRecord[];
    firewalls: FirewallRecord[];
    load_balancers: LoadBalancerRecord[];
    placement_groups: PlacementGroupRecord[];
    ssh_keys: SshKeyRecord[];
    volumes: VolumeRecord[];
    certificates: CertificateRecord[];
    images: SnapshotRecord[];
    zones: ZoneRecord[];
    actions: ActionRecord[];
}

/** The kinds of resources by their path segment. */
export type Kind = Exclude<keyof ProjectState, "actions">;

export interface CloudState {
    readonly version: 1;
    nextId: number;
    /** How many addresses were handed out so far; none comes back before the range wraps. */
    cursors: { publicIpv4: number; host: number; ipv6: number; mac: number };
    /** Server types that can't be ordered, as `<type>@<location>`. */
    unavailable: string[];
    projects: Record<string, ProjectState>;
}

/** A project without anything in it. */
export function emptyProject(): ProjectState {
    return {
        servers: [],
        networks: [],
        primary_ips: [],
        floating_ips: [],
        firewalls: [],
        load_balancers: [],
        placement_groups: [],
        ssh_keys: [],
        volumes: [],
        certificates: [],
        images: [],
        zones: [],
        actions: [],
    };
}

/** A cloud without projects. Ids start above those of the catalogue's images. */
export function emptyCloud(): CloudState {
    return {
        version: 1,
        nextId: 500_000_001,
        cursors: { publicIpv4: 0, host: 0, ipv6: 0, mac: 0 },
        unavailable: [],
        projects: {},
    };
}
