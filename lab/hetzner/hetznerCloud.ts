import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { LabContext, LabPart, PartStatus, PrivateNetworkView } from "../parts.ts";
import { ActionRunner } from "./actions.ts";
import { AddressPool } from "./addresses.ts";
import { type Drift, applyDrift } from "./admin/drift.ts";
import { invariantProblems } from "./admin/invariants.ts";
import { adminRoutes } from "./admin/routes.ts";
import { findServerType } from "./catalogue/serverTypes.ts";
import type { Cloud } from "./cloud.ts";
import { ApiError } from "./errors.ts";
import { type Fault, type FaultInput, Faults } from "./faults.ts";
import { DataPlane } from "./forwarding/dataPlane.ts";
import { TargetHealth } from "./forwarding/health.ts";
import { RateLimit } from "./http/rateLimit.ts";
import { type LoggedRequest, RequestLog } from "./http/requestLog.ts";
import { BASE_PATH, apiServer } from "./http/server.ts";
import { MachinePower } from "./machines.ts";
import type { HetznerOptions } from "./options.ts";
import { allRoutes } from "./resources/routes.ts";
import { PtrPublisher, publishedPtrs } from "./reverseDns.ts";
import { settle } from "./settle.ts";
import type { CloudState } from "./state/model.ts";
import { StateStore, parseState } from "./state/store.ts";

const NAME = "hetzner";

/**
 * The emulated Hetzner Cloud: the API under `http://<addresses.hetzner>/v1`, the traffic of load balancers and public addresses, and the
 * lab's own routes under `/_lab` (see admin/routes.ts). Its state survives a restart.
 */
export class HetznerCloud implements LabPart, PrivateNetworkView {
    readonly name = NAME;
    readonly #context: LabContext;
    readonly #options: HetznerOptions;
    readonly #cloud: Cloud;
    readonly #plane: DataPlane;
    readonly #requests = new RequestLog();
    #app: FastifyInstance | undefined;
    #state: PartStatus["state"] = "stopped";

    constructor(context: LabContext, options: HetznerOptions) {
        this.#context = context;
        this.#options = options;
        const log = this.#log;
        const store = new StateStore(join(context.directory, NAME, "state.json"));
        const faults = new Faults();
        const health = new TargetHealth(options.healthCheckScale ?? 1 / 15);
        const actions = new ActionRunner(store, faults, options.actionLatencyMs ?? 20);
        this.#cloud = {
            store,
            faults,
            health,
            actions,
            pool: new AddressPool(store, context.addresses),
            ptr: new PtrPublisher(options.reverseDns, log),
            power: new MachinePower(store, options.machines),
            serverLimit: options.serverLimit ?? 100,
            ownedAddresses: options.ownedAddresses ?? [],
        };
        this.#plane = new DataPlane(store, health, context.addresses.portOffset, log);
        actions.settled = () => this.#plane.reconcile();
        store.onChange(() => void this.#plane.reconcile());
    }

    /** Base URL of the API, as `hcloud:endpoint` wants it. */
    get endpoint(): string {
        const { host, port } = this.#context.addresses.hetzner;
        return `http://${host}:${port}${BASE_PATH}`;
    }

    async start(): Promise<void> {
        if (this.#app !== undefined) return;
        this.#state = "starting";
        try {
            await this.#cloud.store.load();
            await this.#resume();
            this.#app = this.#server();
            await this.#app.listen({ ...this.#context.addresses.hetzner });
            this.#state = "ready";
        } catch (error) {
            await this.stop();
            this.#state = "failed";
            throw error;
        }
    }

    async stop(): Promise<void> {
        const app = this.#app;
        this.#app = undefined;
        await app?.close();
        await this.#cloud.actions.stop();
        await this.#plane.stop();
        await this.#cloud.ptr.idle();
        await this.#cloud.store.flush();
        this.#state = "stopped";
    }

    status(): PartStatus {
        const { projects } = this.#cloud.store.state;
        return {
            state: this.#state,
            url: this.endpoint,
            processes: [],
            details: {
                projects: Object.fromEntries(
                    Object.entries(projects).map(([name, project]) => [
                        name,
                        Object.fromEntries(
                            Object.entries(project).map(([kind, list]) => [
                                kind,
                                (list as unknown[]).length,
                            ]),
                        ),
                    ]),
                ),
                listening: this.#plane.listening(),
                waitingFaults: this.#cloud.faults.list().length,
            },
        };
    }

    /**
     * Where a private address is answered: the host address of the running server that holds it, or the public address of a load balancer,
     * which has the same services on its private side.
     */
    resolve(networkId: number, ip: string): string | undefined {
        for (const project of Object.values(this.#cloud.store.state.projects)) {
            const server = project.servers.find(
                ({ status, privateNet }) =>
                    status === "running" &&
                    privateNet.some(
                        (nic) =>
                            nic.network === networkId &&
                            (nic.ip === ip || nic.aliasIps.includes(ip)),
                    ),
            );
            if (server !== undefined) return server.hostAddress;
            const balancer = project.load_balancers.find(
                ({ network, publicEnabled }) =>
                    publicEnabled && network?.network === networkId && network.ip === ip,
            );
            if (balancer !== undefined) return balancer.ipv4;
        }
        return undefined;
    }

    requestLog(): readonly LoggedRequest[] {
        return this.#requests.list();
    }

    /** Requests by `METHOD /route` since the last clearing. */
    counters(): Readonly<Record<string, number>> {
        return this.#requests.counters();
    }

    clearRequestLog(): void {
        this.#requests.clear();
    }

    /** Lets a fault wait for its requests or actions. */
    injectFault(fault: FaultInput): Fault {
        return this.#cloud.faults.inject(fault);
    }

    faults(): readonly Fault[] {
        return this.#cloud.faults.list();
    }

    clearFaults(): void {
        this.#cloud.faults.clear();
    }

    /** Changes or deletes a resource behind everyone's back. Throws `not_found`. */
    async drift(drift: Drift): Promise<void> {
        await applyDrift(this.#cloud, drift);
    }

    /** A copy of the whole state, JSON-serialisable. Holds the servers' user data. */
    snapshot(): CloudState {
        return structuredClone(this.#cloud.store.state);
    }

    /** Puts a snapshot in the state's place: machines that are not in it are removed, those in it run as it says. */
    async restore(snapshot: unknown): Promise<void> {
        const next = parseState(JSON.stringify(snapshot), "the snapshot");
        await this.#cloud.actions.stop();
        await this.#plane.stop();
        const kept = new Set(
            Object.values(next.projects).flatMap((project) => project.servers.map(({ id }) => id)),
        );
        for (const project of Object.values(this.#cloud.store.state.projects))
            for (const server of project.servers)
                if (kept.has(server.id)) await this.#cloud.power.off(server);
                else await this.#cloud.power.remove(server);
        for (const [ip] of publishedPtrs(this.#cloud.store.state))
            this.#cloud.ptr.publish(ip, null);
        this.#cloud.store.state = next;
        await this.#resume();
    }

    /** What is wrong with the state: dangling references, addresses used twice. Empty when nothing is. */
    invariants(): string[] {
        return invariantProblems(this.#cloud.store.state);
    }

    /** Lets a server type be ordered in a location, or not (412 `resource_unavailable`). Throws on an unknown type or place. */
    setAvailability(serverType: string, location: string, available: boolean): void {
        const type = findServerType(serverType);
        if (type === undefined || !Object.hasOwn(type.prices, location))
            throw new ApiError("invalid_input", `no server type ${serverType} in ${location}`);
        const { state } = this.#cloud.store;
        const key = `${type.name}@${location}`;
        state.unavailable = state.unavailable.filter((entry) => entry !== key);
        if (!available) state.unavailable.push(key);
        this.#cloud.store.changed();
    }

    /** Addresses that the cloud's traffic is accepted on, as `host:port`. */
    listening(): string[] {
        return this.#plane.listening();
    }

    /** Brings machines, names and listeners in line with the state. */
    async #resume(): Promise<void> {
        await settle(this.#cloud);
        for (const [ip, name] of publishedPtrs(this.#cloud.store.state))
            this.#cloud.ptr.publish(ip, name);
        await this.#cloud.power.resume(this.#cloud.store.state, (server, error) => {
            this.#log(`server ${server.name} could not be started: ${String(error)}`);
        });
        await this.#plane.start();
    }

    #server(): FastifyInstance {
        const { credentials } = this.#context;
        const app = apiServer({
            store: this.#cloud.store,
            faults: this.#cloud.faults,
            log: this.#requests,
            rateLimit: new RateLimit(
                this.#options.rateLimit ?? 3600,
                this.#options.rateLimitRefill ?? 1,
            ),
            tokens: this.#options.tokens ?? [{ token: credentials.hcloudToken, project: "lab" }],
            routes: allRoutes(this.#cloud),
            report: this.#log,
        });
        adminRoutes(app, this);
        return app;
    }

    readonly #log = (message: string): void => {
        this.#context.log(NAME, message);
    };
}
