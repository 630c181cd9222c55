import { setTimeout as delay } from "node:timers/promises";
import fastify, { type FastifyInstance } from "fastify";
import { errorPage, half, timingOf, type Delivery, type WireReply } from "../dynadot/exchange.ts";
import { FaultScript, type FaultAction } from "../dynadot/faults.ts";
import { deliver } from "../dynadot/server.ts";
import { assertFree } from "../freeAddress.ts";
import type { AccountView, RegisteredDomains } from "./registeredDomains.ts";

/** A request to an emulated API. */
export interface ApiRequest {
    readonly method: string;
    /** As the client called it, with scheme, host and query: signatures cover it. */
    readonly url: URL;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly body: string;
}

/** The wire format of one registrar. */
export interface RegistrarApi {
    /** Name, for people. */
    readonly name: string;
    /** Path of its base URL. */
    readonly basePath: string;
    /** What a request asks for, as its documentation calls it. */
    operation(request: ApiRequest): string;
    /** The reply to credentials that are not accepted; undefined where they are. */
    authenticate(request: ApiRequest): WireReply | undefined;
    /** Whether it asks for nothing to be done, so that its view of the account may lag behind. */
    isReading(request: ApiRequest): boolean;
    perform(request: ApiRequest, account: AccountView): Promise<WireReply>;
    /** The reply to one request too many. */
    tooMany(): WireReply;
}

/** A request as it is remembered. No credential is ever in it. */
export interface SeenRequest {
    readonly operation: string;
    readonly method: string;
    /** HTTP status; absent where no reply was sent. */
    readonly status?: number;
    /** The fault that hit it. */
    readonly fault?: FaultAction["kind"];
}

/** Where an emulator listens: an address of the loopback interface. */
export interface ListenAddress {
    readonly host: string;
    readonly port: number;
}

/**
 * An emulated registrar: one account behind a vendor's wire format, with scripted faults. Of {@link FaultAction} it knows those that any HTTP service
 * has: `drop-request`, `drop-reply`, `half-reply`, `truncated-body`, `delay`, `html`, `rate-limited`, `stale-read`, `late-write`,
 * `foreign-name-servers`.
 */
export class EmulatedRegistrar {
    readonly faults = new FaultScript();
    readonly domains: RegisteredDomains;
    readonly #api: RegistrarApi;
    readonly #address: ListenAddress;
    readonly #stopping = new AbortController();
    /** Called with each request once it was carried out, before its reply is sent. */
    onRequest: (request: SeenRequest) => void = () => undefined;
    #requests: SeenRequest[] = [];
    #server: FastifyInstance | undefined;

    constructor(api: RegistrarApi, domains: RegisteredDomains, address: ListenAddress) {
        this.#api = api;
        this.domains = domains;
        this.#address = address;
    }

    /** Base URL of the API. */
    get url(): string {
        return `${this.#origin}${this.#api.basePath}`;
    }

    /** Requests so far, in order. */
    get requests(): readonly SeenRequest[] {
        return this.#requests;
    }

    /** Forgets the requests so far. */
    clearRequests(): void {
        this.#requests = [];
    }

    async start(): Promise<void> {
        const { host, port } = this.#address;
        await assertFree(host, port, `the emulated ${this.#api.name}`);
        const server = fastify({ forceCloseConnections: true });
        // Signatures cover the raw bytes, and the formats differ from one registrar to the next.
        server.removeAllContentTypeParsers();
        server.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
            done(null, body);
        });
        server.all("*", async (request, reply) => {
            const asked: ApiRequest = {
                method: request.method,
                url: new URL(request.url, this.#origin),
                headers: request.headers as Record<string, string | undefined>,
                body: typeof request.body === "string" ? request.body : "",
            };
            return deliver(await this.#handle(asked), request, reply);
        });
        this.#server = server;
        await server.listen({ host, port });
    }

    async stop(): Promise<void> {
        this.#stopping.abort();
        await this.#server?.close();
        this.#server = undefined;
    }

    get #origin(): string {
        return `http://${this.#address.host}:${this.#address.port}`;
    }

    async #handle(request: ApiRequest): Promise<Delivery> {
        const operation = this.#api.operation(request);
        const fault = this.faults.next(operation);
        const delivery = await this.#deliver(request, fault);
        const seen = {
            operation,
            method: request.method,
            ...(delivery.kind === "drop" ? {} : { status: delivery.reply.status }),
            ...(fault === undefined ? {} : { fault: fault.kind }),
        };
        this.#requests.push(seen);
        this.onRequest(seen);
        return delivery;
    }

    async #deliver(request: ApiRequest, fault: FaultAction | undefined): Promise<Delivery> {
        if (fault?.kind === "drop-request") return { kind: "drop" };
        if (fault?.kind === "html") return { kind: "send", reply: errorPage(fault.status) };
        const denied = this.#api.authenticate(request);
        if (denied !== undefined) return { kind: "send", reply: denied };
        if (fault?.kind === "rate-limited") return { kind: "send", reply: this.#api.tooMany() };
        await this.domains.settle();
        if (fault?.kind === "foreign-name-servers") {
            const { domain, nameServers } = fault;
            await this.domains.change(domain, () => ({ nameServers, own: false }));
        }
        const { staleSeconds, ...timing } = timingOf(fault);
        const lagging = staleSeconds !== undefined && this.#api.isReading(request);
        const view = this.domains.view(lagging ? { staleSeconds } : timing);
        const reply = await this.#api.perform(request, view);
        if (fault === undefined) return { kind: "send", reply };
        switch (fault.kind) {
            case "stale-read":
            case "late-write":
            case "foreign-name-servers":
                return { kind: "send", reply };
            case "drop-reply":
                return { kind: "drop" };
            case "half-reply":
                return { kind: "half", reply };
            case "truncated-body":
                return { kind: "send", reply: { ...reply, body: half(reply.body) } };
            case "delay":
                await delay(fault.milliseconds, undefined, {
                    signal: this.#stopping.signal,
                }).catch(() => undefined);
                return { kind: "send", reply };
            default:
                throw new RangeError(`the emulated ${this.#api.name} knows no ${fault.kind}`);
        }
    }
}

/** A reply in JSON. */
export function jsonReply(
    status: number,
    content: unknown,
    more: Partial<WireReply> = {},
): WireReply {
    return { status, contentType: "application/json", body: JSON.stringify(content), ...more };
}
