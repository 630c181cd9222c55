import type { CallContext } from "../../framework/resource.ts";
import { powerDns } from "../connections.ts";
import type { ZoneSnapshot } from "../zoneSnapshot.ts";
import { parentSideOf, type ParentSide } from "./parentSide.ts";
import {
    keyChanges,
    namedKeys,
    refuseTooEarly,
    remembered,
    type KeyChanges,
    type NamedKey,
    type SigningKey,
} from "./signingKeys.ts";

/** A zone's keys on their way from those of the state to those that the program names. */
export interface Rollover {
    readonly zone: ZoneSnapshot;
    readonly wanted: readonly string[];
    readonly before: readonly SigningKey[];
}

const NO_PARENT: ParentSide = { nameServers: [], ds: [], dsTtl: 0 };

/** What the roll-over takes now. Refuses what would break validation anywhere. Changes nothing. */
export async function foreseeRollover(
    { zone, wanted, before }: Rollover,
    context: CallContext,
): Promise<KeyChanges> {
    const live = namedKeys(await keysOf(zone, context), before, wanted);
    const changes = keyChanges(zone.name, live, wanted);
    if (changes.retire.length === 0) return changes;
    const parent = await parentSideOf(zone.name, context);
    const staying = live.filter(({ name }) => wanted.includes(name));
    refuseTooEarly(zone.name, known(staying, before), changes.retire, {
        published: parent.ds,
        publishedTtl: parent.dsTtl,
        zoneTtl: Math.max(...zone.recordSets.map(({ ttl }) => ttl)),
        now: new Date(),
    });
    return changes;
}

/** Makes the next step of the roll-over. Resolves to what the state remembers of the keys. */
export async function rollKeys(rollover: Rollover, context: CallContext): Promise<SigningKey[]> {
    const { zone, wanted, before } = rollover;
    const { client } = powerDns(context.config);
    const { add, retire } = await foreseeRollover(rollover, context);
    for (const name of add)
        await client.repeatedly(async () => {
            // An answer that was lost is no reason for one key more.
            const keys = await keysOf(zone, context);
            const [like] = keys;
            const there = namedKeys(keys, before, wanted).some((key) => key.name === name);
            if (like !== undefined && !there) await client.addKey(zone.name, like, context.signal);
        }, context.signal);
    for (const { id } of retire)
        await client.repeatedly(
            () => client.deleteKey(zone.name, id, context.signal),
            context.signal,
        );
    return recallKeys(rollover, context);
}

/** What the state is to remember of the keys as they are. The parent is asked only while there are several. */
export async function recallKeys(
    { zone, wanted, before }: Rollover,
    context: CallContext,
): Promise<SigningKey[]> {
    const live = namedKeys(await keysOf(zone, context), before, wanted);
    const parent = live.length > 1 ? await parentSideOf(zone.name, context) : NO_PARENT;
    return remembered(live, before, parent.ds, new Date());
}

function keysOf(zone: ZoneSnapshot, context: CallContext) {
    return powerDns(context.config).client.keys(zone.name, context.signal);
}

function known(live: readonly NamedKey[], before: readonly SigningKey[]): SigningKey[] {
    return live.flatMap(({ ds }) => before.find((key) => key.ds === ds) ?? []);
}
