import type { PowerDnsKey } from "../powerdns/types.ts";
import { Refusal } from "../recordSetDecisions.ts";
import { dsOfKey } from "./keys.ts";

/** A key of the zone as the state remembers it. */
export interface SigningKey {
    /** As the program calls it. */
    readonly name: string;
    /** Its DS record, SHA-256: tells it from the zone's other keys. */
    readonly ds: string;
    /** When it began to sign, ISO 8601. */
    readonly since: string;
    /** When the parent was first seen to publish its DS, ISO 8601; empty before. Looked at while there are several keys. */
    readonly vouchedSince: string;
}

/** A key of the zone as the program calls it, with its number at PowerDNS. */
export interface NamedKey {
    readonly id: number;
    readonly name: string;
    readonly ds: string;
}

/** What else decides whether a key may go. */
export interface Surroundings {
    /** DS records that the parent publishes. */
    readonly published: readonly string[];
    /** Their TTL in seconds. */
    readonly publishedTtl: number;
    /** Longest TTL in the zone, in seconds. */
    readonly zoneTtl: number;
    readonly now: Date;
}

/** What leads from the keys that are there to those that the program names. */
export interface KeyChanges {
    readonly add: readonly string[];
    readonly retire: readonly NamedKey[];
}

/** Name of a zone's only key unless the program says otherwise. */
export const FIRST_KEY = "1";

/**
 * Gives the live keys their names: those that the state knows theirs; the others, oldest first, the names in `wanted` that no key
 * has yet; what is left over a name by its key tag.
 */
export function namedKeys(
    live: readonly PowerDnsKey[],
    known: readonly SigningKey[],
    wanted: readonly string[],
): NamedKey[] {
    const keys = live
        .filter((key) => key.active && key.published !== false && dsOfKey(key) !== "")
        .sort((a, b) => a.id - b.id)
        .map((key) => ({ id: key.id, ds: dsOfKey(key) }));
    const remembered = new Map(known.map(({ ds, name }) => [ds, name]));
    const taken = new Set(keys.flatMap(({ ds }) => remembered.get(ds) ?? []));
    const free = wanted.filter((name) => !taken.has(name));
    return keys.map(({ id, ds }) => ({
        id,
        ds,
        name: remembered.get(ds) ?? free.shift() ?? `key${ds.split(" ")[0] ?? ""}`,
    }));
}

/** Which keys to add and to retire. Refuses to change all of them at once: nothing would validate what caches still hold. */
export function keyChanges(
    zone: string,
    live: readonly NamedKey[],
    wanted: readonly string[],
): KeyChanges {
    const names = live.map(({ name }) => name);
    const add = wanted.filter((name) => !names.includes(name));
    const retire = live.filter(({ name }) => !wanted.includes(name));
    if (live.length > 0 && retire.length === live.length)
        throw new Refusal(
            `the keys of ${zone} would change from ${shown(names)} to ${shown(wanted)} at once, and nobody could validate the zone ` +
                `until caches and the parent follow. Set signingKeys to ${shown([...names, ...add])} first.`,
        );
    return { add, retire };
}

/**
 * Refuses to retire keys before every resolver can do without them (RFC 6781, 4.1.2): one of those that stay has signed for as long
 * as the zone's longest TTL, and the parent has published its DS for as long as that one's TTL. A parent without any DS asks for
 * nothing.
 */
export function refuseTooEarly(
    zone: string,
    staying: readonly SigningKey[],
    retiring: readonly NamedKey[],
    around: Surroundings,
): void {
    if (retiring.length === 0 || around.published.length === 0) return;
    const reasons = staying.map((key) => whyNotYet(key, around));
    if (reasons.includes(undefined)) return;
    throw new Refusal(
        `too early to retire the key ${shown(retiring.map(({ name }) => name))} of ${zone}: ${reasons.join("; ")}. Nothing was changed.`,
    );
}

function whyNotYet(
    { name, ds, since, vouchedSince }: SigningKey,
    { published, publishedTtl, zoneTtl, now }: Surroundings,
): string | undefined {
    if (!published.includes(ds)) return `the parent does not publish DS ${ds} of the key "${name}"`;
    if (vouchedSince === "")
        return `nobody has noted yet since when the parent publishes the DS of "${name}"; run \`pulumi refresh\` now, and this ${publishedTtl} seconds later`;
    const ready = Math.max(
        Date.parse(since) + zoneTtl * 1000,
        Date.parse(vouchedSince) + publishedTtl * 1000,
    );
    if (now.getTime() >= ready) return undefined;
    return `caches may know nothing of the key "${name}" until ${new Date(ready).toISOString()}`;
}

/** What the state remembers from now on. */
export function remembered(
    live: readonly NamedKey[],
    before: readonly SigningKey[],
    published: readonly string[],
    now: Date,
): SigningKey[] {
    return live.map(({ name, ds }) => {
        const known = before.find((key) => key.ds === ds);
        const vouched = known?.vouchedSince ?? "";
        return {
            name,
            ds,
            since: known?.since ?? now.toISOString(),
            vouchedSince: !published.includes(ds)
                ? ""
                : vouched === ""
                  ? now.toISOString()
                  : vouched,
        };
    });
}

function shown(names: readonly string[]): string {
    return `[${names.map((name) => `"${name}"`).join(", ")}]`;
}
