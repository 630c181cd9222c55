import type { Socket } from "node:net";
import { labPort } from "../../addresses.ts";
import { firewallsOf } from "../state/lookup.ts";
import type { CloudState, LoadBalancerRecord, ProjectState, ServerRecord } from "../state/model.ts";
import type { StateStore } from "../state/store.ts";
import { Balance } from "./balance.ts";
import { allows, openPorts } from "./firewallFilter.ts";
import type { Checked, TargetHealth } from "./health.ts";
import { Listener } from "./listener.ts";
import { endpointOf, membersOf } from "./members.ts";
import { proxyHeader } from "./proxyHeader.ts";
import { type Endpoint, join, open } from "./relay.ts";

interface Wanted {
    readonly host: string;
    readonly port: number;
    readonly accept: (socket: Socket) => void;
}

/**
 * The cloud's traffic: listens on the public addresses of load balancers and running servers, and relays to the machines' host addresses.
 * Services of every protocol are relayed as TCP; TLS is not terminated and HTTP headers are not changed.
 */
export class DataPlane {
    readonly #store: StateStore;
    readonly #health: TargetHealth;
    readonly #portOffset: number;
    readonly #log: (message: string) => void;
    readonly #balance = new Balance();
    readonly #listeners = new Map<string, Listener>();
    readonly #failed = new Set<string>();
    #queue: Promise<void> = Promise.resolve();
    #stopped = true;

    constructor(
        store: StateStore,
        health: TargetHealth,
        portOffset: number,
        log: (message: string) => void,
    ) {
        this.#store = store;
        this.#health = health;
        this.#portOffset = portOffset;
        this.#log = log;
    }

    /** Addresses that it listens on, as `host:port`. */
    listening(): string[] {
        return [...this.#listeners.keys()].map((key) => key.split(" ")[0] ?? "").sort();
    }

    start(): Promise<void> {
        this.#stopped = false;
        return this.reconcile();
    }

    /** Resolves when listeners and health checks are those of the state at the time of the call, or later. */
    reconcile(): Promise<void> {
        this.#queue = this.#queue.then(() => this.#apply());
        return this.#queue;
    }

    async stop(): Promise<void> {
        this.#stopped = true;
        await this.reconcile();
        await this.#health.stop();
    }

    async #apply(): Promise<void> {
        const wanted = this.#stopped ? new Map<string, Wanted>() : this.#wanted();
        const gone = [...this.#listeners].filter(([key]) => !wanted.has(key));
        for (const [key] of gone) this.#listeners.delete(key);
        await Promise.all(gone.map(([, listener]) => listener.close()));
        for (const [key, { host, port, accept }] of wanted) {
            if (this.#listeners.has(key)) continue;
            try {
                this.#listeners.set(key, await Listener.open(host, port, accept));
                this.#failed.delete(key);
            } catch (error) {
                if (!this.#failed.has(key))
                    this.#log(`can't listen on ${host}:${port}: ${String(error)}`);
                this.#failed.add(key);
            }
        }
        if (!this.#stopped) this.#health.watch(this.#checks());
    }

    #wanted(): Map<string, Wanted> {
        const wanted = new Map<string, Wanted>();
        const add = (owner: string, entry: Wanted) =>
            wanted.set(`${entry.host}:${entry.port} ${owner}`, entry);
        for (const [, balancer] of balancers(this.#store.state)) {
            if (!balancer.publicEnabled) continue;
            for (const service of balancer.services)
                add(`load_balancer-${balancer.id}`, {
                    host: balancer.ipv4,
                    port: labPort(service.listen_port, this.#portOffset),
                    accept: (socket) =>
                        void this.#balanced(socket, balancer.id, service.listen_port),
                });
        }
        for (const [project, server, host] of publicServers(this.#store.state))
            for (const port of openPorts(firewallsOf(project, server)))
                add(`server-${server.id}`, {
                    host,
                    port: labPort(port, this.#portOffset),
                    accept: (socket) => void this.#filtered(socket, server.id, port),
                });
        return wanted;
    }

    #checks(): Checked[] {
        return [...balancers(this.#store.state)].flatMap(([project, balancer]) =>
            balancer.services.flatMap((service) =>
                membersOf(project, balancer).map(({ key }): Checked => ({
                    balancer: balancer.id,
                    listenPort: service.listen_port,
                    member: key,
                    current: () => this.#toCheck(balancer.id, service.listen_port, key),
                })),
            ),
        );
    }

    #toCheck(id: number, listenPort: number, member: string): ReturnType<Checked["current"]> {
        const found = this.#service(id, listenPort);
        if (found === undefined) return undefined;
        const { project, balancer, service } = found;
        const { port } = service.health_check;
        return {
            check: service.health_check,
            endpoint: this.#endpoint(project, balancer, member, port),
        };
    }

    #endpoint(
        project: ProjectState,
        balancer: LoadBalancerRecord,
        member: string,
        port: number,
    ): Endpoint | undefined {
        const host = membersOf(project, balancer).find(({ key }) => key === member)?.host;
        return host === undefined ? undefined : endpointOf(balancer, host, port, this.#portOffset);
    }

    /** Looked up for each connection and check: a listener outlives changes of its service. */
    #service(id: number, listenPort: number) {
        for (const [project, balancer] of balancers(this.#store.state)) {
            if (balancer.id !== id) continue;
            const service = balancer.services.find((entry) => entry.listen_port === listenPort);
            if (service !== undefined) return { project, balancer, service };
        }
        return undefined;
    }

    /** A connection to a load balancer: tries the healthy members in their order. */
    async #balanced(client: Socket, id: number, listenPort: number): Promise<void> {
        const found = this.#service(id, listenPort);
        if (found === undefined) {
            client.destroy();
            return;
        }
        const { project, balancer, service } = found;
        const name = `${balancer.id}/${service.listen_port}`;
        const peer = { ip: client.remoteAddress ?? "", port: client.remotePort ?? 0 };
        const healthy = membersOf(project, balancer)
            .map(({ key }) => key)
            .filter(
                (key) => this.#health.status(balancer.id, service.listen_port, key) === "healthy",
            );
        for (const member of this.#balance.order(name, balancer.algorithm, healthy)) {
            const endpoint = this.#endpoint(project, balancer, member, service.destination_port);
            const backend = endpoint && (await open(endpoint).catch(() => undefined));
            if (backend === undefined) continue;
            if (client.destroyed) {
                backend.destroy();
                return;
            }
            client.once("close", this.#balance.connected(name, member));
            if (service.proxyprotocol)
                backend.write(proxyHeader(peer, { ip: balancer.ipv4, port: service.listen_port }));
            join(client, backend);
            return;
        }
        client.destroy();
    }

    /** A connection to a server's public address: what no rule allows is dropped. */
    async #filtered(client: Socket, id: number, port: number): Promise<void> {
        const [project, server] =
            [...publicServers(this.#store.state)].find(([, entry]) => entry.id === id) ?? [];
        const backend =
            project !== undefined &&
            server !== undefined &&
            allows(firewallsOf(project, server), port, client.remoteAddress ?? "") &&
            (await open({
                host: server.hostAddress,
                port: labPort(port, this.#portOffset),
            }).catch(() => undefined));
        if (!backend || client.destroyed) {
            client.destroy();
            if (backend) backend.destroy();
            return;
        }
        join(client, backend);
    }
}

function* balancers(state: CloudState): Generator<[ProjectState, LoadBalancerRecord]> {
    for (const project of Object.values(state.projects))
        for (const balancer of project.load_balancers) yield [project, balancer];
}

/** Running servers with their public IPv4 address. */
function* publicServers(state: CloudState): Generator<[ProjectState, ServerRecord, string]> {
    for (const project of Object.values(state.projects))
        for (const server of project.servers) {
            const ip = project.primary_ips.find((entry) => entry.id === server.ipv4)?.ip;
            if (server.status === "running" && ip !== undefined) yield [project, server, ip];
        }
}
