import { setTimeout as delay } from "node:timers/promises";
import PQueue from "p-queue";

/** A record set as the API takes and gives it; names and targets with their trailing dot. */
export interface RecordSet {
    readonly name: string;
    readonly type: string;
    /** Seconds. */
    readonly ttl: number;
    /** Contents in presentation format. */
    readonly records: readonly string[];
}

/** What the list of zones says about one of them. */
export interface ZoneSummary {
    /** With trailing dot. */
    readonly name: string;
    readonly kind: string;
    readonly dnssec: boolean;
    readonly serial: number;
    /** Free text of at most 40 characters that tells whose it is. */
    readonly account: string;
}

/** A key of a signed zone, without its private part. */
export interface ZoneKey {
    readonly active: boolean;
    readonly published: boolean;
    readonly dnskey: string;
    readonly ds: readonly string[];
}

/** A change of one record set; without records it is removed. */
export type RecordSetChange = RecordSet | { readonly name: string; readonly type: string };

/** The API answered, but not with success. `status` is its HTTP status. */
export class PowerDnsApiError extends Error {
    readonly status: number;

    constructor(method: string, path: string, status: number, body: string) {
        super(`PowerDNS answered ${method} ${path} with ${status}: ${body.slice(0, 500)}`);
        this.name = "PowerDnsApiError";
        this.status = status;
    }
}

interface WireRecordSet {
    readonly name: string;
    readonly type: string;
    readonly ttl: number;
    readonly records: readonly { readonly content: string; readonly disabled: boolean }[];
}

const ATTEMPTS = 20;

/**
 * The part of the HTTP API that the lab's world needs (https://doc.powerdns.com/authoritative/http-api/). Writes go one
 * after the other, and are tried again when SQLite was locked by another writer (status 500).
 */
export class PowerDnsApi {
    readonly #base: string;
    readonly #key: string;
    readonly #writes = new PQueue({ concurrency: 1 });

    constructor(address: { readonly host: string; readonly port: number }, key: string) {
        this.#base = `http://${address.host}:${address.port}/api/v1/servers/localhost`;
        this.#key = key;
    }

    /** Version of the server. Rejects while it does not answer. */
    async version(): Promise<string> {
        return ((await this.#request("GET", "")) as { version: string }).version;
    }

    async zones(): Promise<ZoneSummary[]> {
        return (await this.#request("GET", "/zones")) as ZoneSummary[];
    }

    /** All record sets of a zone, or undefined where there is no such zone. */
    async recordSets(zone: string): Promise<RecordSet[] | undefined> {
        try {
            const { rrsets } = (await this.#request("GET", `/zones/${zone}`)) as {
                rrsets: WireRecordSet[];
            };
            return rrsets.map(({ name, type, ttl, records }) => ({
                name,
                type,
                ttl,
                records: records.filter((r) => !r.disabled).map((r) => r.content),
            }));
        } catch (error) {
            if (error instanceof PowerDnsApiError && error.status === 404) return undefined;
            throw error;
        }
    }

    async keys(zone: string): Promise<ZoneKey[]> {
        return (await this.#request("GET", `/zones/${zone}/cryptokeys`)) as ZoneKey[];
    }

    async createZone(zone: {
        readonly name: string;
        readonly nameServers: readonly string[];
        readonly dnssec: boolean;
        readonly account: string;
        readonly soa: RecordSet;
    }): Promise<void> {
        await this.#write("POST", "/zones", {
            name: zone.name,
            kind: "Native",
            nameservers: zone.nameServers,
            dnssec: zone.dnssec,
            soa_edit_api: "DEFAULT",
            api_rectify: true,
            account: zone.account,
            rrsets: [wire(zone.soa)],
        });
    }

    async deleteZone(zone: string): Promise<void> {
        await this.#write("DELETE", `/zones/${zone}`);
    }

    /** Applies all changes in one transaction. */
    async change(zone: string, changes: readonly RecordSetChange[]): Promise<void> {
        if (changes.length === 0) return;
        await this.#write("PATCH", `/zones/${zone}`, {
            rrsets: changes.map((change) =>
                "records" in change && change.records.length > 0
                    ? { ...wire(change), changetype: "REPLACE" }
                    : { name: change.name, type: change.type, changetype: "DELETE" },
            ),
        });
    }

    async #write(method: string, path: string, body?: unknown): Promise<void> {
        await this.#writes.add(async () => {
            for (let attempt = 1; ; attempt++) {
                try {
                    await this.#request(method, path, body);
                    return;
                } catch (error) {
                    const locked = error instanceof PowerDnsApiError && error.status === 500;
                    if (!locked || attempt === ATTEMPTS) throw error;
                    await delay(5 * attempt * Math.random());
                }
            }
        });
    }

    async #request(method: string, path: string, body?: unknown): Promise<unknown> {
        const response = await fetch(this.#base + path, {
            method,
            headers: {
                "X-API-Key": this.#key,
                Accept: "application/json",
                ...(body === undefined ? {} : { "Content-Type": "application/json" }),
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            signal: AbortSignal.timeout(10_000),
        });
        const text = await response.text();
        if (!response.ok) throw new PowerDnsApiError(method, path, response.status, text);
        return text === "" ? undefined : (JSON.parse(text) as unknown);
    }
}

function wire(set: RecordSet) {
    return {
        name: set.name,
        type: set.type,
        ttl: set.ttl,
        records: set.records.map((content) => ({ content, disabled: false })),
    };
}
