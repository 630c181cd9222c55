import { Turns } from "../../framework/turns.ts";
import {
    PowerDnsError,
    repeatedly,
    send,
    sendRepeatedly,
    type PowerDnsAccess,
    type PowerDnsRequest,
} from "./transport.ts";
import type {
    PowerDnsChange,
    PowerDnsKey,
    PowerDnsRecordSet,
    PowerDnsTsigKey,
    PowerDnsZone,
    PowerDnsZoneSettings,
} from "./types.ts";

/** Metadata kind that carries a zone's owner; only kinds with `X-` may be written through the API. */
const OWNER_KIND = "X-SOVEREIGN-OWNER";

/**
 * PowerDNS' HTTP API. Writes go one at a time for the whole server: its SQLite backend fails and its SQL backends duplicate
 * records when they overlap. Reads are repeated when they fail; writes are not, their callers look first what became of them.
 */
export class PowerDnsClient {
    readonly #access: PowerDnsAccess;
    readonly #writes = new Turns();

    constructor(access: PowerDnsAccess) {
        this.#access = access;
    }

    /** Repeats what can be repeated without harm, while that may help. */
    repeatedly<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
        return repeatedly(act, this.#access.clock, signal);
    }

    /** Version of the server, for example `4.7.3`. */
    async version(signal?: AbortSignal): Promise<string> {
        const answer = await this.#read({ path: "", action: "say its version", signal });
        return (answer as { version?: string }).version ?? "unknown";
    }

    /** Value of one of the server's settings; undefined for one that this version does not know. */
    async setting(name: string, signal?: AbortSignal): Promise<string | undefined> {
        const answer = await this.#read({ path: "/config", action: "say its settings", signal });
        const settings = answer as readonly { readonly name: string; readonly value: string }[];
        return settings.find((setting) => setting.name === name)?.value;
    }

    /** The zone with its record sets, or undefined when there is none. */
    async zone(name: string, signal?: AbortSignal): Promise<PowerDnsZone | undefined> {
        const answer = await this.#readIfThere({
            path: zonePath(name),
            action: `read the zone ${name}`,
            signal,
        });
        if (answer === undefined) return undefined;
        const zone = answer as PowerDnsZone;
        // 4.7 lists record sets that have comments only; they are no records.
        return { ...zone, rrsets: zone.rrsets.filter(({ records }) => records.length > 0) };
    }

    /** Record sets of one name, or undefined when there is no such zone. For zones of others, which may be large. */
    async recordSetsAt(
        zone: string,
        name: string,
        signal?: AbortSignal,
    ): Promise<readonly PowerDnsRecordSet[] | undefined> {
        const answer = await this.#readIfThere({
            path: `${zonePath(zone)}?rrset_name=${encodeURIComponent(name)}`,
            action: `read ${name} in the zone ${zone}`,
            signal,
        });
        // 4.7 returns record sets of other names too, where those have comments.
        return (answer as PowerDnsZone | undefined)?.rrsets.filter(
            (set) => set.name.toLowerCase() === name && set.records.length > 0,
        );
    }

    /** Creates a zone. Throws {@link PowerDnsError} 409 when it exists. */
    async createZone(
        name: string,
        settings: PowerDnsZoneSettings,
        rrsets: readonly PowerDnsRecordSet[],
        signal?: AbortSignal,
    ): Promise<void> {
        await this.#write({
            method: "POST",
            path: "/zones?rrsets=false",
            body: { name, nameservers: [], ...settings, rrsets },
            action: `create the zone ${name}`,
            signal,
        });
    }

    /** Changes settings. Never carries record sets: from 4.9 on they would replace the whole zone. */
    async changeZone(
        name: string,
        settings: PowerDnsZoneSettings,
        signal?: AbortSignal,
    ): Promise<void> {
        await this.#write({
            method: "PUT",
            path: zonePath(name),
            body: settings,
            action: `change the settings of the zone ${name}`,
            signal,
        });
    }

    /** Deletes a zone with everything in it; succeeds when it is gone already. */
    async deleteZone(name: string, signal?: AbortSignal): Promise<void> {
        try {
            await this.#write({
                method: "DELETE",
                path: zonePath(name),
                action: `delete the zone ${name}`,
                signal,
            });
        } catch (error) {
            if (!(error instanceof PowerDnsError && error.absent)) throw error;
        }
    }

    /** Applies changes in the order given, all or none. */
    async patch(
        zone: string,
        changes: readonly PowerDnsChange[],
        signal?: AbortSignal,
    ): Promise<void> {
        const names = changes.map(({ name, type }) => `${name} ${type}`);
        const shown = names.length > 5 ? `${names.length} record sets` : names.join(", ");
        await this.#write({
            method: "PATCH",
            path: zonePath(zone),
            body: { rrsets: changes },
            action: `write ${shown} in the zone ${zone}`,
            signal,
        });
    }

    /** The zone's signing keys. Asks for the list only: an answer about one key would contain its private part. */
    async keys(zone: string, signal?: AbortSignal): Promise<readonly PowerDnsKey[]> {
        const answer = await this.#readIfThere({
            path: `${zonePath(zone)}/cryptokeys`,
            action: `list the keys of the zone ${zone}`,
            signal,
        });
        return (answer as readonly PowerDnsKey[] | undefined) ?? [];
    }

    /** Adds a combined signing key beside `like`, of the same algorithm, which signs at once. The answer, with its private part, is dropped. */
    async addKey(zone: string, like: PowerDnsKey, signal?: AbortSignal): Promise<void> {
        await this.#write({
            method: "POST",
            path: `${zonePath(zone)}/cryptokeys`,
            body: {
                keytype: "csk",
                active: true,
                published: true,
                algorithm: Number(like.dnskey.split(" ")[2]),
                ...(like.bits === undefined ? {} : { bits: like.bits }),
            },
            action: `add a key to the zone ${zone}`,
            signal,
        });
    }

    /** Deletes a key; succeeds when it is gone already. */
    async deleteKey(zone: string, id: number, signal?: AbortSignal): Promise<void> {
        try {
            await this.#write({
                method: "DELETE",
                path: `${zonePath(zone)}/cryptokeys/${id}`,
                action: `delete the key ${id} of the zone ${zone}`,
                signal,
            });
        } catch (error) {
            if (!(error instanceof PowerDnsError && error.absent)) throw error;
        }
    }

    /** Values of the zone's owner mark; empty when it has none. */
    ownerMark(zone: string, signal?: AbortSignal): Promise<readonly string[]> {
        return this.metadata(zone, OWNER_KIND, signal);
    }

    setOwnerMark(zone: string, values: readonly string[], signal?: AbortSignal): Promise<void> {
        return this.setMetadata(zone, OWNER_KIND, values, signal);
    }

    /** Values of one kind of the zone's metadata; empty when it has none. */
    async metadata(zone: string, kind: string, signal?: AbortSignal): Promise<readonly string[]> {
        const answer = await this.#readIfThere({
            path: `${zonePath(zone)}/metadata/${kind}`,
            action: `read ${kind} of the zone ${zone}`,
            signal,
        });
        return (answer as { metadata?: readonly string[] } | undefined)?.metadata ?? [];
    }

    /** Replaces the values of one kind; without any, the kind goes. */
    async setMetadata(
        zone: string,
        kind: string,
        values: readonly string[],
        signal?: AbortSignal,
    ): Promise<void> {
        await this.#write({
            method: values.length === 0 ? "DELETE" : "PUT",
            path: `${zonePath(zone)}/metadata/${kind}`,
            ...(values.length > 0 && { body: { kind, metadata: values } }),
            action: `set ${kind} of the zone ${zone}`,
            signal,
        });
    }

    /** The TSIG key with its secret, or undefined when there is none. */
    async tsigKey(name: string, signal?: AbortSignal): Promise<PowerDnsTsigKey | undefined> {
        const answer = await this.#readIfThere({
            path: tsigKeyPath(name),
            action: `read the TSIG key ${name}`,
            signal,
        });
        return answer as PowerDnsTsigKey | undefined;
    }

    /** Creates a TSIG key. Throws {@link PowerDnsError} 409 when one of its name exists. */
    async createTsigKey(key: PowerDnsTsigKey, signal?: AbortSignal): Promise<void> {
        const action = `create the TSIG key ${key.name}`;
        await this.#write({ method: "POST", path: "/tsigkeys", body: key, action, signal });
    }

    async changeTsigKey(key: PowerDnsTsigKey, signal?: AbortSignal): Promise<void> {
        const action = `change the TSIG key ${key.name}`;
        await this.#write({
            method: "PUT",
            path: tsigKeyPath(key.name),
            body: key,
            action,
            signal,
        });
    }

    /** Deletes a TSIG key; succeeds when it is gone already. */
    async deleteTsigKey(name: string, signal?: AbortSignal): Promise<void> {
        try {
            await this.#write({
                method: "DELETE",
                path: tsigKeyPath(name),
                action: `delete the TSIG key ${name}`,
                signal,
            });
        } catch (error) {
            if (!(error instanceof PowerDnsError && error.absent)) throw error;
        }
    }

    async #readIfThere(request: Omit<PowerDnsRequest, "method">): Promise<unknown> {
        try {
            return await this.#read(request);
        } catch (error) {
            if (error instanceof PowerDnsError && error.absent) return undefined;
            throw error;
        }
    }

    #read(request: Omit<PowerDnsRequest, "method">): Promise<unknown> {
        return sendRepeatedly(this.#access, { ...request, method: "GET" });
    }

    async #write(request: PowerDnsRequest): Promise<void> {
        await this.#writes.take(() => send(this.#access, request), request.signal);
    }
}

/** Path of a zone; `/` in its name is `=2F`, which every version understands. */
function zonePath(name: string): string {
    return `/zones/${encodeURIComponent(name).replaceAll("%2F", "=2F")}`;
}

function tsigKeyPath(name: string): string {
    return `/tsigkeys/${encodeURIComponent(name)}`;
}
