import type { ReverseDns } from "../parts.ts";
import type { PowerDnsApi, RecordSetChange } from "./powerDnsApi.ts";
import { reverseName } from "./reverseName.ts";

/** Seconds that a PTR record may be cached. */
const TTL = 60;

interface Batch {
    readonly changes: Map<string, RecordSetChange>;
    readonly done: Promise<void>;
}

/**
 * Reverse DNS in the zones given. Writes to one zone that come while another one is under way are sent together, and each
 * call resolves when its own is answered by the name servers. Of two writes to one address the later one wins.
 */
export class ReverseZones implements ReverseDns {
    readonly #api: PowerDnsApi;
    readonly #zones: readonly string[];
    readonly #waiting = new Map<string, Batch>();
    readonly #underWay = new Map<string, Promise<void>>();

    /** @param zones - reverse zones, with trailing dot */
    constructor(api: PowerDnsApi, zones: readonly string[]) {
        this.#api = api;
        this.#zones = zones;
    }

    /** @throws Error when no zone of the lab covers `ip` */
    async set(ip: string, name: string | null): Promise<void> {
        const owner = reverseName(ip);
        const zone = this.#zones.find((z) => owner.endsWith(`.${z}`));
        if (zone === undefined)
            throw new Error(
                `${ip} has no reverse zone in this lab: its zones are ${this.#zones.join(", ")}`,
            );
        const change: RecordSetChange =
            name === null
                ? { name: owner, type: "PTR" }
                : { name: owner, type: "PTR", ttl: TTL, records: [absolute(name)] };
        const batch = this.#waiting.get(zone) ?? this.#open(zone);
        batch.changes.set(owner, change);
        await batch.done;
    }

    #open(zone: string): Batch {
        const changes = new Map<string, RecordSetChange>();
        // A batch is closed when the one before it is through; a first one still takes what is set in the same turn.
        const before = (this.#underWay.get(zone) ?? Promise.resolve()).catch(() => undefined);
        const done = before.then(async () => {
            this.#waiting.delete(zone);
            await this.#api.change(zone, [...changes.values()]);
        });
        const batch = { changes, done };
        this.#waiting.set(zone, batch);
        this.#underWay.set(zone, done);
        return batch;
    }
}

function absolute(name: string): string {
    return name.toLowerCase().replace(/\.?$/, ".");
}
