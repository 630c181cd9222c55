import { setTimeout as delay } from "node:timers/promises";
import type { AccountStore } from "./accountStore.ts";
import type { Admission } from "./admission.ts";
import { DynadotRefusal } from "./accountState.ts";
import type { FaultAction, FaultScript } from "./faults.ts";
import { removeRecords, writeRecords } from "./hostedRecords.ts";
import type { LoggedRequest, RequestLog } from "./requestLog.ts";
import type { DynadotSwitches } from "./switches.ts";
import type { VirtualClock } from "./virtualClock.ts";

/** A reply on the wire. */
export interface WireReply {
    readonly status: number;
    readonly contentType: string;
    /** Headers beside the content type. */
    readonly headers?: Readonly<Record<string, string>>;
    readonly body: string;
    /** What it refuses, for the log. */
    readonly refused?: string;
    readonly replacedAll?: boolean;
}

/** What goes wrong at the service itself, which each API words in its own way. */
export type ServiceFailure = "rate" | "concurrency" | "system-busy" | "main-server" | "address";

/** How far a single request is from the account as it is now. */
export interface ExchangeTiming {
    /** Seconds by which a reading lags behind. @default {@link DynadotSwitches.staleReadSeconds} */
    readonly staleSeconds?: number;
    /** Seconds after which a write is done at the latest. @default 0, before the answer */
    readonly lateSeconds?: number;
}

/** A request of either API, understood as far as its operation. */
export interface Exchange {
    readonly api: LoggedRequest["api"];
    readonly operation: string;
    readonly method: string;
    readonly url: string;
    readonly body?: string;
    /** Address of the client. */
    readonly client: string;
    readonly key: string;
    /** The reply to a key or signature that is not accepted, or undefined. */
    authenticate(): WireReply | undefined;
    perform(timing?: ExchangeTiming): Promise<WireReply>;
    fail(failure: ServiceFailure): WireReply;
    /** Words a refusal in the API's way. */
    refuse(refusal: DynadotRefusal): WireReply;
}

/** How a reply reaches the client: whole, cut in the middle, or not at all. */
export type Delivery =
    { readonly kind: "send" | "half"; readonly reply: WireReply } | { readonly kind: "drop" };

/** Text of the 429 (`Too many requests`) of both APIs. */
export const RATE_LIMIT_TEXT =
    "Too many requests. Rate limit exceeded. Please try again after 60 seconds.";

/** What the service is made of. */
export interface ExchangeParts {
    readonly store: AccountStore;
    readonly admission: Admission;
    readonly faults: FaultScript;
    readonly log: RequestLog;
    readonly clock: VirtualClock;
    readonly switches: () => DynadotSwitches;
    /** Milliseconds that every request takes. */
    readonly latency: () => number;
    /** Ends every wait when the service stops. */
    readonly stopped: AbortSignal;
}

/** Takes requests of both APIs through address check, authentication, limits and faults, and logs each. */
export class ExchangeService {
    readonly #parts: ExchangeParts;
    #outageUntil = 0;

    constructor(parts: ExchangeParts) {
        this.#parts = parts;
    }

    async handle(exchange: Exchange): Promise<Delivery> {
        const fault = this.#parts.faults.next(exchange.operation);
        const delivery = await this.#deliver(exchange, fault);
        const reply = delivery.kind === "drop" ? undefined : delivery.reply;
        const { api, operation, method, url, body } = exchange;
        this.#parts.log.add({
            at: this.#parts.clock.now(),
            api,
            operation,
            method,
            url,
            ...(body === undefined || body === "" ? {} : { body }),
            ...(fault === undefined ? {} : { fault: fault.kind }),
            ...(reply === undefined ? {} : { status: reply.status }),
            ...(reply?.refused === undefined ? {} : { refused: reply.refused }),
            ...(reply?.replacedAll === true ? { replacedAll: true } : {}),
        });
        return delivery;
    }

    async #deliver(exchange: Exchange, fault: FaultAction | undefined): Promise<Delivery> {
        const allowed = this.#parts.switches().allowedAddresses;
        if (allowed !== null && !allowed.includes(exchange.client))
            return { kind: "send", reply: exchange.fail("address") };
        if (fault?.kind === "drop-request") return { kind: "drop" };
        if (fault?.kind === "html") return { kind: "send", reply: errorPage(fault.status) };
        const denied = exchange.authenticate();
        if (denied !== undefined) return { kind: "send", reply: denied };
        if (fault?.kind === "rate-limited") return { kind: "send", reply: exchange.fail("rate") };
        const place = this.#parts.admission.enter(exchange.key);
        if (typeof place === "string") return { kind: "send", reply: exchange.fail(place) };
        try {
            await this.#wait(this.#parts.latency());
            return await this.#answer(exchange, fault);
        } finally {
            place();
        }
    }

    async #answer(exchange: Exchange, fault: FaultAction | undefined): Promise<Delivery> {
        const now = this.#parts.clock.now();
        if (fault?.kind === "main-server") this.#outageUntil = now + fault.seconds * 1000;
        if (now < this.#outageUntil) return { kind: "send", reply: exchange.fail("main-server") };
        if (fault?.kind === "concurrency-limited")
            return { kind: "send", reply: exchange.fail("concurrency") };
        if (fault?.kind === "system-busy")
            return { kind: "send", reply: exchange.fail("system-busy") };
        await this.#parts.store.settle();
        if (fault?.kind === "foreign-write") await this.#foreignWrite(fault);
        if (fault?.kind === "foreign-name-servers") await this.#foreignNameServers(fault);
        const reply = await this.#perform(exchange, timingOf(fault));
        switch (fault?.kind) {
            case "drop-reply":
                return { kind: "drop" };
            case "half-reply":
                return { kind: "half", reply };
            case "truncated-body":
                return { kind: "send", reply: { ...reply, body: half(reply.body) } };
            case "delay":
                await this.#wait(fault.milliseconds);
        }
        return { kind: "send", reply };
    }

    async #perform(exchange: Exchange, timing: ExchangeTiming): Promise<WireReply> {
        try {
            return await exchange.perform(timing);
        } catch (error) {
            if (error instanceof DynadotRefusal) return exchange.refuse(error);
            throw error;
        }
    }

    async #foreignWrite(fault: FaultAction & { kind: "foreign-write" }): Promise<void> {
        const whole = <T extends { value2?: string | undefined }>({ value2, ...rest }: T) => ({
            ...rest,
            ...(value2 === undefined ? {} : { value2 }),
        });
        await this.#parts.store.change((account) => {
            const domain = account.domains.find((d) => d.name === fault.domain);
            if (domain === undefined) throw new Error(`no domain ${fault.domain} to write into`);
            removeRecords(domain, { main: [], sub: fault.removed.map(whole) });
            const write = { main: fault.main.map(whole), sub: fault.sub.map(whole) };
            const { clock, switches } = this.#parts;
            writeRecords(
                domain,
                { ...write, ttl: undefined, append: true },
                domain.hosted.ttl,
                { ...switches(), appendNeedsMain: false },
                clock.now(),
            );
        });
    }

    async #foreignNameServers({
        domain: name,
        nameServers,
    }: FaultAction & { kind: "foreign-name-servers" }): Promise<void> {
        await this.#parts.store.change((account) => {
            const domain = account.domains.find((d) => d.name === name);
            if (domain === undefined) throw new Error(`no domain ${name} to set name servers of`);
            domain.mode = "name-servers";
            domain.nameServers = nameServers;
        });
    }

    async #wait(milliseconds: number): Promise<void> {
        await delay(milliseconds, undefined, { signal: this.#parts.stopped }).catch(
            () => undefined,
        );
    }
}

/** How far a fault keeps a request from the account as it is now. */
export function timingOf(fault: FaultAction | undefined): ExchangeTiming {
    if (fault?.kind === "stale-read") return { staleSeconds: fault.seconds };
    return fault?.kind === "late-write" ? { lateSeconds: fault.seconds } : {};
}

/** The first half of a text. */
export function half(text: string): string {
    return text.slice(0, Math.floor(text.length / 2));
}

/** The page of a proxy that reaches nothing behind it. */
export function errorPage(status: number): WireReply {
    const body = `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center></body></html>\n`;
    return { status, contentType: "text/html", body, refused: `error page ${status}` };
}
