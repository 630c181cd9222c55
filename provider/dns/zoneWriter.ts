import { setTimeout as delay } from "node:timers/promises";
import { patchInGroups } from "./patchGroups.ts";
import type { PowerDnsClient } from "./powerdns/client.ts";
import { PowerDnsError } from "./powerdns/transport.ts";
import type { PowerDnsChange } from "./powerdns/types.ts";
import { ZoneSnapshot } from "./zoneSnapshot.ts";

/**
 * Changes gather until none has come for so many milliseconds, but no longer than the second number: the engine starts one
 * resource after the other, some milliseconds apart. What comes while a wave is written makes the next one.
 */
const QUIET = 40;
const LONGEST_GATHERING = 400;

/** Something to be made true of a zone. */
export interface ZoneJob {
    /** What it is about, for errors: "the record set mail.x. A". */
    readonly about: string;
    /**
     * What must change in the zone as it is now; nothing once it is as wanted. Throws to refuse. Asked again after every
     * attempt: `attempted` says that a write of this very job may have reached the server.
     */
    decide(zone: ZoneSnapshot, attempted: boolean): readonly PowerDnsChange[];
}

interface PendingJob {
    readonly job: ZoneJob;
    attempted: boolean;
    written: boolean;
    done: boolean;
    resolve(zone: ZoneSnapshot | undefined): void;
    reject(error: unknown): void;
}

/**
 * Everything that happens to the record sets of one zone. Jobs that come at the same time are decided on one reading of the
 * zone and written in one PATCH; each gets its own answer, after the zone was read again and is as the job wants it.
 */
export class ZoneWriter {
    readonly #client: PowerDnsClient;
    readonly #zone: string;
    #waiting: PendingJob[] = [];
    #running = false;
    #keepsComments = true;

    constructor(client: PowerDnsClient, zone: string) {
        this.#client = client;
        this.#zone = zone;
    }

    /** Resolves to the zone in which the job is satisfied, or undefined when there is no such zone. */
    run(job: ZoneJob, signal: AbortSignal): Promise<ZoneSnapshot | undefined> {
        return new Promise((resolve, reject) => {
            signal.throwIfAborted();
            const pending: PendingJob = {
                job,
                attempted: false,
                written: false,
                done: false,
                resolve: (zone) => {
                    pending.done = true;
                    resolve(zone);
                },
                reject: (error: unknown) => {
                    pending.done = true;
                    reject(error instanceof Error ? error : new Error(String(error)));
                },
            };
            signal.addEventListener("abort", () => {
                if (!pending.done) pending.reject(signal.reason);
            });
            this.#waiting.push(pending);
            if (!this.#running) void this.#work();
        });
    }

    /** Reads the zone, together with whatever else is being done to it. */
    read(signal: AbortSignal): Promise<ZoneSnapshot | undefined> {
        return this.run({ about: `the zone ${this.#zone}`, decide: () => [] }, signal);
    }

    async #work(): Promise<void> {
        this.#running = true;
        while (this.#waiting.length > 0) {
            await this.#gather();
            const wave = this.#waiting;
            this.#waiting = [];
            try {
                await this.#client.repeatedly(() =>
                    this.#attempt(wave.filter(({ done }) => !done)),
                );
            } catch (error) {
                for (const pending of wave) if (!pending.done) pending.reject(error);
            }
        }
        this.#running = false;
    }

    async #gather(): Promise<void> {
        const end = Date.now() + LONGEST_GATHERING;
        for (let seen = -1; seen !== this.#waiting.length && Date.now() < end;) {
            seen = this.#waiting.length;
            await delay(QUIET);
        }
    }

    /** Brings every job to its end, or throws for what may pass when tried again. */
    async #attempt(wave: readonly PendingJob[]): Promise<void> {
        let open = wave;
        while (open.length > 0) {
            const zone = await this.#snapshot();
            const decided = open.flatMap((pending) => this.#decide(pending, zone));
            const { together, later } = withoutCollisions(decided);
            await this.#write(together);
            open = [...together, ...later].map(({ pending }) => pending).filter((p) => !p.done);
        }
    }

    async #snapshot(): Promise<ZoneSnapshot | undefined> {
        const zone = await this.#client.zone(this.#zone);
        return zone === undefined ? undefined : new ZoneSnapshot(zone, this.#keepsComments);
    }

    #decide(pending: PendingJob, zone: ZoneSnapshot | undefined): DecidedJob[] {
        if (pending.done) return [];
        try {
            const changes = zone === undefined ? [] : pending.job.decide(zone, pending.attempted);
            if (changes.length === 0) {
                pending.resolve(zone);
                return [];
            }
            if (pending.written)
                throw new Error(
                    `${pending.job.about} was written to PowerDNS but reads back differently; another writer may be at work in ${this.#zone}`,
                );
            return [{ pending, changes }];
        } catch (error) {
            pending.reject(error);
            return [];
        }
    }

    async #write(decided: readonly DecidedJob[]): Promise<void> {
        for (const { pending } of decided) pending.attempted = true;
        const failures = await patchInGroups(
            decided.map(({ changes }) => changes),
            (changes) => this.#patch(changes),
        );
        for (const [i, { pending }] of decided.entries()) {
            const failure = failures.get(i);
            if (failure !== undefined) pending.reject(failure);
            else pending.written = true;
        }
    }

    async #patch(changes: readonly PowerDnsChange[]): Promise<void> {
        try {
            await this.#client.patch(this.#zone, changes);
        } catch (error) {
            if (!(
                error instanceof PowerDnsError && error.message.includes("support editing comments")
            ))
                throw error;
            // The backend keeps no comments (bind, LMDB before 4.8): what is ours is known from the state alone.
            this.#keepsComments = false;
            await this.#client.patch(this.#zone, changes.map(withoutComments));
        }
    }
}

function withoutComments(change: PowerDnsChange): PowerDnsChange {
    const { name, type, changetype, ttl, records } = change;
    return {
        name,
        type,
        changetype,
        ...(ttl === undefined ? {} : { ttl }),
        ...(records === undefined ? {} : { records }),
    };
}

interface DecidedJob {
    readonly pending: PendingJob;
    readonly changes: readonly PowerDnsChange[];
}

/** Two jobs for one record set cannot share a PATCH: the second waits and decides anew. */
function withoutCollisions(decided: readonly DecidedJob[]): {
    together: DecidedJob[];
    later: DecidedJob[];
} {
    const taken = new Set<string>();
    const together: DecidedJob[] = [];
    const later: DecidedJob[] = [];
    for (const entry of decided) {
        const keys = entry.changes.map(({ name, type }) => `${name} ${type}`);
        if (keys.some((key) => taken.has(key))) later.push(entry);
        else {
            for (const key of keys) taken.add(key);
            together.push(entry);
        }
    }
    return { together, later };
}
