import type { MachineHost, ReverseDns } from "../parts.ts";

/** A token and the project it opens. */
export interface ProjectToken {
    /** The hcloud provider wants exactly 64 characters; the API itself takes any. */
    readonly token: string;
    /** Projects are apart from each other: names, resources, actions, rate limit. */
    readonly project: string;
    /** Only GET requests are allowed. @default false */
    readonly readOnly?: boolean;
}

/** What the emulated cloud needs, and how fast it is. */
export interface HetznerOptions {
    /** Runs the machines of created servers. */
    readonly machines: MachineHost;
    /** Publishes the PTR records of primary IPs, floating IPs and load balancers. */
    readonly reverseDns: ReverseDns;
    /** How long an action runs, in milliseconds. @default 20 */
    readonly actionLatencyMs?: number;
    /** Tokens that are known. @default the lab's token for a project called `lab` */
    readonly tokens?: readonly ProjectToken[];
    /** Requests per hour and project, as the real API allows them. @default 3600 */
    readonly rateLimit?: number;
    /** Requests that a project gets back per second. @default 1 */
    readonly rateLimitRefill?: number;
    /**
     * Factor on the interval of load balancer health checks, so that a test need not wait: with 1/15 the default of
     * 15 s becomes 1 s. Timeouts and retries are not scaled. @default 1/15
     */
    readonly healthCheckScale?: number;
    /** Addresses of dedicated servers of the account, which `ip` targets may name. @default none */
    readonly ownedAddresses?: readonly string[];
    /** Servers per project. @default 100 */
    readonly serverLimit?: number;
}
