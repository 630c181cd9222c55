import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { assertFree } from "../freeAddress.ts";
import type { HostedZones, LabContext, LabPart, PartStatus, Registry } from "../parts.ts";
import type { AccountState } from "./accountState.ts";
import { AccountStore } from "./accountStore.ts";
import { Admission } from "./admission.ts";
import type { RateLimits } from "./admission.ts";
import { ExchangeService } from "./exchange.ts";
import { FaultScript } from "./faults.ts";
import { Publication } from "./publication.ts";
import { inspectDelegation } from "./registryInspection.ts";
import { RequestLog } from "./requestLog.ts";
import { dynadotServer } from "./server.ts";
import { DEFAULT_SWITCHES } from "./switches.ts";
import type { DynadotSwitches } from "./switches.ts";
import { VirtualClock } from "./virtualClock.ts";

export interface DynadotOptions {
    /** Told about every change of a domain's name servers, hosts and DS records. */
    readonly registry: Registry;
    /** Serves domains on Dynadot's own DNS; without it nothing answers for them. */
    readonly hostedZones?: HostedZones;
    /**
     * One request in flight, as at the "Regular" price level, but the rate of "Bulk", so that the lab is not slowed down.
     * @default { threads: 1, requestsPerMinute: 600 }
     */
    readonly limits?: RateLimits;
    /** Milliseconds that every request takes. @default 20 */
    readonly latency?: number;
    /** Undocumented behaviours. @default DEFAULT_SWITCHES */
    readonly switches?: Partial<DynadotSwitches>;
}

/**
 * The emulated registrar Dynadot: API3 (`/api3.json`, `/api3.xml`) and the RESTful API v2 (`/restful/v2`) on one account, which
 * is kept in the part's folder. Forwarding, mail aliases and parking pages are remembered, but nothing serves them.
 */
export class Dynadot implements LabPart {
    readonly name = "dynadot";
    readonly clock = new VirtualClock();
    readonly faults = new FaultScript();
    readonly requests: RequestLog;
    readonly #context: LabContext;
    readonly #options: DynadotOptions;
    readonly #store: AccountStore;
    #switches: DynadotSwitches;
    #server: FastifyInstance | undefined;
    #stopping = new AbortController();
    #startedAt = 0;
    #state: PartStatus["state"] = "stopped";

    constructor(context: LabContext, options: DynadotOptions) {
        this.#context = context;
        this.#options = options;
        this.#switches = { ...DEFAULT_SWITCHES, ...options.switches };
        const directory = join(context.directory, this.name);
        this.requests = new RequestLog(join(directory, "requests.jsonl"));
        this.#store = new AccountStore(
            join(directory, "account.json"),
            new Publication(options.registry, options.hostedZones, async (delegation) => {
                if (this.#switches.registryAsksServers)
                    await inspectDelegation(delegation, context.addresses.dnsPort);
            }),
            this.clock,
        );
    }

    async start(): Promise<void> {
        if (this.#server !== undefined) return;
        this.#state = "starting";
        const { host, port } = this.#context.addresses.dynadot;
        try {
            await assertFree(host, port, "the emulated Dynadot");
            await this.#store.open();
            this.#startedAt = this.clock.now();
            this.#stopping = new AbortController();
            this.#server = this.#makeServer();
            await this.#server.listen({ host, port });
            this.#state = "ready";
            this.#context.log(this.name, `answers at http://${host}:${port}`);
        } catch (error) {
            await this.stop();
            this.#state = "failed";
            throw error;
        }
    }

    async stop(): Promise<void> {
        this.#stopping.abort();
        await this.#server?.close();
        this.#server = undefined;
        this.#state = "stopped";
    }

    status(): PartStatus {
        const { host, port } = this.#context.addresses.dynadot;
        return {
            state: this.#state,
            url: `http://${host}:${port}`,
            processes: [],
            details: {
                switches: this.#switches,
                limits: this.#limits,
                requests: this.requests.requests.length,
                faultsPending: this.faults.pending,
                ...(this.#state === "ready" ? { account: this.account } : {}),
            },
        };
    }

    /** The account as it is now. */
    get account(): AccountState {
        return this.#store.read();
    }

    /** Puts another account in its place: what was late does not come any more, and stale reads see `past`. */
    restore(account: AccountState, past = account): Promise<void> {
        return this.#store.restore(account, past);
    }

    get switches(): DynadotSwitches {
        return this.#switches;
    }

    /** Changes undocumented behaviours from the next request on. */
    setSwitches(changes: Partial<DynadotSwitches>): void {
        this.#switches = { ...this.#switches, ...changes };
    }

    get #limits(): RateLimits {
        return this.#options.limits ?? { threads: 1, requestsPerMinute: 600 };
    }

    #secretOf(key: string): string | undefined {
        const { dynadotApiKey, dynadotApiSecret } = this.#context.credentials;
        const age = this.clock.now() - this.#startedAt;
        const active = age >= this.#switches.keyActivationSeconds * 1000;
        const valid = this.#switches.sandbox ? `sandbox_${dynadotApiKey}` : dynadotApiKey;
        return active && key === valid ? dynadotApiSecret : undefined;
    }

    #makeServer(): FastifyInstance {
        const { clock, faults } = this;
        const store = this.#store;
        const switches = () => this.#switches;
        const service = new ExchangeService({
            store,
            faults,
            log: this.requests,
            clock,
            switches,
            admission: new Admission(() => this.#limits, clock),
            latency: () => this.#options.latency ?? 20,
            stopped: this.#stopping.signal,
        });
        return dynadotServer(service, {
            store,
            faults,
            log: this.requests,
            clock,
            switches,
            setSwitches: (changes) => {
                this.setSwitches(changes);
            },
            secretOf: (key) => this.#secretOf(key),
            acceptsKey: (key) => this.#secretOf(key) !== undefined,
        });
    }
}
