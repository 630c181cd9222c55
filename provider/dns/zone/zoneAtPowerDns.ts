import type { CallContext } from "../../framework/resource.ts";
import type { PowerDnsConnection } from "../connections.ts";
import { formatMark, parseMark, type OwnerMark } from "../ownership.ts";
import { PowerDnsError, isRetriable } from "../powerdns/transport.ts";
import { Refusal } from "../recordSetDecisions.ts";
import type { ZoneSnapshot } from "../zoneSnapshot.ts";
import { apexChanges, newApex, type Apex } from "./apex.ts";
import { rollKeys } from "./keyRollover.ts";
import { zoneKeys, type ZoneKeys } from "./keys.ts";
import { refuseWhileSigned } from "./parentSigners.ts";
import { changedSettings, newSettings, type ZoneSettings } from "./settings.ts";
import type { SigningKey } from "./signingKeys.ts";

/** A zone as it should be. */
export interface DesiredZone extends Apex, ZoneSettings {
    readonly name: string;
    readonly claim: string;
    /** Names of its signing keys. */
    readonly signingKeys: readonly string[];
}

/** What a zone's keys come to in the state. */
export interface KeyOutputs extends ZoneKeys {
    readonly keys: SigningKey[];
}

/** What is there, with its mark. */
export interface LiveZone {
    readonly snapshot: ZoneSnapshot;
    readonly mark: OwnerMark | undefined;
}

/** One zone at PowerDNS: reads it, and brings it step by step to what is wanted. Every step may be repeated. */
export class ZoneAtPowerDns {
    readonly #connection: PowerDnsConnection;
    readonly #name: string;
    readonly #context: CallContext;
    readonly #signal: AbortSignal;

    constructor(connection: PowerDnsConnection, name: string, context: CallContext) {
        this.#connection = connection;
        this.#name = name;
        this.#context = context;
        this.#signal = context.signal;
    }

    /** The zone as it is, or undefined. */
    async read(): Promise<LiveZone | undefined> {
        const snapshot = await this.#connection.zone(this.#name).read(this.#signal);
        if (snapshot === undefined) return undefined;
        const values = await this.#connection.client.ownerMark(this.#name, this.#signal);
        return { snapshot, mark: values.map(parseMark).find((mark) => mark !== undefined) };
    }

    /** Creates the zone, or takes up one that is ours. Refuses one that is not. */
    async create(desired: DesiredZone, adopt: boolean): Promise<void> {
        const live = await this.read();
        if (live !== undefined) {
            refuseForeign(live, desired.owner, adopt);
            return;
        }
        await this.#repeated(async () => {
            const settings = newSettings(desired);
            const apex = newApex(desired, new Date());
            try {
                await this.#connection.client.createZone(this.#name, settings, apex, this.#signal);
            } catch (error) {
                const exists = error instanceof PowerDnsError && error.status === 409;
                if (!exists && !isRetriable(error)) throw error;
                // The answer to an earlier attempt may have been lost: then the zone is there, with our account.
                const now = await this.read();
                if (now === undefined) throw error;
                refuseForeign(now, desired.owner, false);
            }
        });
    }

    /**
     * Brings settings, apex records, mark and keys to what is wanted. Resolves to the keys.
     *
     * @param known - keys as the state remembers them
     */
    async converge(desired: DesiredZone, known: readonly SigningKey[]): Promise<KeyOutputs> {
        const live = await this.read();
        if (live === undefined)
            throw new Refusal(
                `the zone ${this.#name} is not at PowerDNS any more. Run \`pulumi refresh\`, then the command again to create it anew.`,
            );
        const { client } = this.#connection;
        const mark = { owner: desired.owner, claim: desired.claim };
        if (live.mark?.owner !== mark.owner || live.mark.claim !== mark.claim)
            await this.#repeated(() =>
                client.setOwnerMark(this.#name, [formatMark(mark)], this.#signal),
            );
        const settings = changedSettings(live.snapshot.zone, desired);
        if (settings?.dnssec === false) await refuseWhileSigned(this.#name, this.#context);
        if (settings !== undefined)
            await this.#repeated(() => client.changeZone(this.#name, settings, this.#signal));
        const zone = await this.#connection.zone(this.#name).run(
            {
                about: `the SOA and NS records of ${this.#name}`,
                decide: (zone) => apexChanges(zone, desired),
            },
            this.#signal,
        );
        await this.#verifySettings(desired);
        if (!desired.dnssec || zone === undefined) return { ds: [], dnskeys: [], keys: [] };
        const rollover = { zone, wanted: desired.signingKeys, before: known };
        const keys = await rollKeys(rollover, this.#context);
        return { ...(await this.keys()), keys };
    }

    /** DS and DNSKEY records. */
    async keys(): Promise<ZoneKeys> {
        return zoneKeys(await this.#connection.client.keys(this.#name, this.#signal));
    }

    /** Deletes the zone and makes sure that it is gone. */
    async delete(): Promise<void> {
        const { client } = this.#connection;
        await this.#repeated(() => client.deleteZone(this.#name, this.#signal));
        if ((await client.zone(this.#name, this.#signal)) !== undefined)
            throw new Error(`PowerDNS says that it deleted ${this.#name}, but the zone is there`);
    }

    async #verifySettings(desired: DesiredZone): Promise<void> {
        const zone = await this.#connection.client.zone(this.#name, this.#signal);
        const left = zone === undefined ? undefined : changedSettings(zone, desired);
        if (left !== undefined)
            throw new Error(
                `PowerDNS accepted the settings of ${this.#name}, but these did not take effect: ${Object.keys(left).join(", ")}`,
            );
    }

    #repeated(act: () => Promise<void>): Promise<void> {
        return this.#connection.client.repeatedly(act, this.#signal);
    }
}

/** Throws where a zone exists that `owner` may not take up. */
export function refuseForeign(live: LiveZone, owner: string, adopt: boolean): void {
    const { name, zone, recordSets } = live.snapshot;
    const account = zone.account ?? "";
    if (live.mark?.owner === owner || (live.mark === undefined && account === owner)) return;
    if (live.mark === undefined && account === "" && adopt) return;
    const holder = live.mark?.owner ?? account;
    throw new Refusal(
        `the zone ${name} exists already at PowerDNS and is not ours: ` +
            `${holder === "" ? "it carries no mark" : `it belongs to ${holder}`} and has ${recordSets.length} record sets. Nothing was changed. ` +
            `If it may be taken over, import it: pulumi import sovereign:dns:Zone <name> ${name}` +
            (holder === "" ? ", or set `adopt: true` on the resource." : "."),
    );
}
