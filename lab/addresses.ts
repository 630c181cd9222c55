/**
 * Every lab has a /16 of its own inside 127.64.0.0/10, so that several run side by side. Nothing has to be configured for
 * that: Linux answers for all of 127.0.0.0/8 on the loopback interface.
 */
export interface LabAddresses {
    /** 0–63. Lab 0 is the one that `Pulumi.dev.yaml` speaks of. */
    readonly instance: number;
    /** `127.64` for lab 0. */
    readonly prefix: string;
    /** Status and fault injection over HTTP, JSON. */
    readonly control: { readonly host: string; readonly port: number };
    /** PowerDNS answers DNS at both addresses (two name servers, one process) and its API at the first. */
    readonly nameServers: readonly [string, string];
    readonly dnsPort: number;
    readonly powerdnsApi: { readonly host: string; readonly port: number };
    readonly hetzner: { readonly host: string; readonly port: number };
    readonly dynadot: { readonly host: string; readonly port: number };
    readonly registry: { readonly host: string; readonly port: number };
    /** Serves the k3s release that a booting server downloads and checks. */
    readonly releases: { readonly host: string; readonly port: number };
    /** A mailbox provider somewhere in the world: SMTP on 25, and over HTTP what it received. */
    readonly mailbox: { readonly host: string; readonly port: number };
    /** An ACME server (https), and the interface that tells its root. */
    readonly acme: {
        readonly host: string;
        readonly port: number;
        readonly managementPort: number;
    };
    /** Public IPv4 addresses of servers and load balancers are taken from here, in order. */
    readonly publicRange: { readonly first: string; readonly last: string };
    /** Host addresses of servers: what their private network interfaces are mapped to. */
    readonly hostRange: { readonly first: string; readonly last: string };
    /**
     * Added to ports below 1024 where this user may not bind them (0 for root): with an offset of 20000 the load
     * balancer's 443 is reached at 20443.
     */
    readonly portOffset: number;
}

/** Highest lab number. */
export const MAX_INSTANCE = 63;

/** The port to bind or connect to in the lab for a port that the program speaks of. */
export function labPort(port: number, portOffset: number): number {
    return port < 1024 ? port + portOffset : port;
}

/**
 * Where the pods of a host listen, but for its host ports and host network: third octet 64-127 instead of 128-191, so that a
 * pod's port may also be in use on the host. Throws a RangeError for other addresses.
 */
export function podAddress(hostAddress: string): string {
    const [a, b, c, d] = hostAddress.split(".").map(Number);
    if (a !== 127 || b === undefined || c === undefined || d === undefined || c < 128 || c > 191)
        throw new RangeError(`${hostAddress} is not the address of a host in a lab`);
    return `127.${b}.${c - 64}.${d}`;
}

/** Addresses of lab `instance`. Throws a RangeError outside 0–63. */
export function labAddresses(instance: number, portOffset = 0): LabAddresses {
    if (!Number.isInteger(instance) || instance < 0 || instance > MAX_INSTANCE)
        throw new RangeError(`a lab's number is 0 to ${MAX_INSTANCE}, not ${instance}`);
    const prefix = `127.${64 + instance}`;
    return {
        instance,
        prefix,
        control: { host: `${prefix}.0.1`, port: 8080 },
        nameServers: [`${prefix}.0.2`, `${prefix}.0.3`],
        dnsPort: labPort(53, portOffset),
        powerdnsApi: { host: `${prefix}.0.2`, port: 8081 },
        hetzner: { host: `${prefix}.0.4`, port: 8080 },
        dynadot: { host: `${prefix}.0.5`, port: 8080 },
        registry: { host: `${prefix}.0.9`, port: 5005 },
        releases: { host: `${prefix}.0.6`, port: 8080 },
        mailbox: { host: `${prefix}.0.7`, port: 8080 },
        acme: { host: `${prefix}.0.8`, port: 14_000, managementPort: 15_000 },
        publicRange: { first: `${prefix}.1.1`, last: `${prefix}.63.254` },
        hostRange: { first: `${prefix}.128.1`, last: `${prefix}.255.254` },
        portOffset,
    };
}
