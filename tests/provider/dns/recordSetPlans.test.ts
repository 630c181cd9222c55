// Proves, over generated zones: what is decided for a record set, applied, gives exactly that record set and touches nothing else but
// types of ours that exclude it; deciding again gives nothing to do; what is not ours is refused and never written; reading and
// writing back is the identity.
// Does not prove that PowerDNS applies changes as the model here does (the tests against it do).
import assert from "node:assert/strict";
import fc from "fast-check";
import { exclude } from "../../../provider/dns/coexistence.ts";
import { inOrder } from "../../../provider/dns/patchGroups.ts";
import type { PowerDnsChange, PowerDnsRecordSet } from "../../../provider/dns/powerdns/types.ts";
import {
    decideCreate,
    decideDelete,
    decideUpdate,
    Refusal,
} from "../../../provider/dns/recordSetDecisions.ts";
import type { DesiredRecordSet } from "../../../provider/dns/recordSets.ts";
import { ZoneSnapshot } from "../../../provider/dns/zoneSnapshot.ts";

const ZONE = "a.example.";
const OURS = { owner: "pulumi:a/dev", claim: "abc" };
const CONTENTS: Readonly<Record<string, readonly string[]>> = {
    A: ["192.0.2.1", "192.0.2.2"],
    AAAA: ["2001:db8::1", "2001:db8::2"],
    CNAME: ["one.example."],
    TXT: ['"one"', '"two"'],
    MX: ["10 one.example.", "20 two.example."],
};

const key = fc.record({
    name: fc.constantFrom(ZONE, `www.${ZONE}`, `b.www.${ZONE}`, `*.${ZONE}`),
    type: fc.constantFrom(...Object.keys(CONTENTS)),
});

const desired: fc.Arbitrary<DesiredRecordSet> = key.chain(({ name, type }) =>
    fc
        .tuple(fc.constantFrom(60, 300), fc.subarray([...(CONTENTS[type] ?? [])], { minLength: 1 }))
        .map(([ttl, contents]) => ({ name, type, ttl, contents })),
);

const comment = fc.constantFrom(
    [],
    [{ content: "owner=pulumi:a/dev claim=abc", account: "sovereign" }],
    [{ content: "owner=pulumi:a/dev claim=xyz", account: "sovereign" }],
    [{ content: "owner=pulumi:b/dev claim=abc", account: "sovereign" }],
    [{ content: "hands off", account: "ann" }],
);

/** A zone in which no CNAME has company. */
const rrsets: fc.Arbitrary<PowerDnsRecordSet[]> = fc
    .uniqueArray(fc.tuple(desired, comment), {
        selector: ([{ name, type }]) => `${name} ${type}`,
        maxLength: 12,
    })
    .map((sets) =>
        sets
            .filter(
                ([{ name, type }], i) =>
                    !sets
                        .slice(0, i)
                        .some(([other]) => other.name === name && exclude(other.type, type)),
            )
            .map(([{ name, type, ttl, contents }, comments]) => ({
                name,
                type,
                ttl,
                records: contents.map((content) => ({ content, disabled: false })),
                comments,
            })),
    );

function snapshot(sets: readonly PowerDnsRecordSet[]): ZoneSnapshot {
    return new ZoneSnapshot({ name: ZONE, kind: "Native", dnssec: true, serial: 1, rrsets: sets });
}

/** What PowerDNS makes of changes: given alone, records keep comments and comments keep records. */
function applied(
    sets: readonly PowerDnsRecordSet[],
    changes: readonly PowerDnsChange[],
): PowerDnsRecordSet[] {
    const zone = new Map(sets.map((set) => [`${set.name} ${set.type}`, set]));
    for (const { name, type, changetype, ttl, records, comments } of inOrder(changes)) {
        const at = `${name} ${type}`;
        const before = zone.get(at);
        if (changetype === "DELETE") zone.delete(at);
        else
            zone.set(at, {
                name,
                type,
                ttl: ttl ?? before?.ttl ?? 0,
                records: records ?? before?.records ?? [],
                comments: comments ?? before?.comments ?? [],
            });
    }
    return [...zone.values()];
}

function decided(act: () => readonly PowerDnsChange[]): readonly PowerDnsChange[] | undefined {
    try {
        return act();
    } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
        return undefined;
    }
}

const others = (sets: readonly PowerDnsRecordSet[], wanted: DesiredRecordSet) =>
    sets.filter(
        ({ name, type }) =>
            name !== wanted.name || (type !== wanted.type && !exclude(type, wanted.type)),
    );

const isOurs = ({ comments = [] }: PowerDnsRecordSet) =>
    comments.some(({ content }) => content.startsWith(`owner=${OURS.owner} `));

describe("plans for record sets", () => {
    it("give what is wanted and touch nothing else, or are refused", () => {
        fc.assert(
            fc.property(rrsets, desired, fc.boolean(), (sets, wanted, adopt) => {
                const options = { adopt, attempted: false };
                const changes = decided(() => decideCreate(snapshot(sets), wanted, OURS, options));
                const displaced = sets.filter(
                    ({ name, type }) => name === wanted.name && exclude(type, wanted.type),
                );
                if (changes === undefined) {
                    const there = sets.filter(
                        ({ name, type }) => name === wanted.name && type === wanted.type,
                    );
                    assert.ok([...there, ...displaced].some((set) => !isOurs(set)));
                    return;
                }
                const after = applied(sets, changes);
                const live = snapshot(after).find(wanted.name, wanted.type);
                assert.deepEqual(
                    { ttl: live?.ttl, contents: [...(live?.contents ?? [])].sort() },
                    { ttl: wanted.ttl, contents: [...wanted.contents].sort() },
                );
                assert.deepEqual(live?.mark, OURS);
                assert.deepEqual(others(after, wanted), others(sets, wanted));
                assert.ok(displaced.every(isOurs));
                assert.deepEqual(decideCreate(snapshot(after), wanted, OURS, options), []);
            }),
        );
    });

    it("change what is as it was left, and nothing of others", () => {
        fc.assert(
            fc.property(rrsets, desired, desired, (sets, wanted, before) => {
                const known = { ttl: before.ttl, contents: CONTENTS[wanted.type] ?? [] };
                const changes = decided(() => decideUpdate(snapshot(sets), wanted, known, OURS));
                if (changes === undefined) return;
                const after = applied(sets, changes);
                assert.deepEqual(snapshot(after).find(wanted.name, wanted.type)?.mark, OURS);
                const rest = (all: readonly PowerDnsRecordSet[]) =>
                    all.filter(({ name, type }) => name !== wanted.name || type !== wanted.type);
                assert.deepEqual(rest(after), rest(sets));
                assert.deepEqual(decideUpdate(snapshot(after), wanted, known, OURS), []);
            }),
        );
    });

    it("delete only what is ours and as it was left", () => {
        fc.assert(
            fc.property(rrsets, desired, (sets, known) => {
                const decision = decided(
                    () => decideDelete(snapshot(sets), known, known, OURS).changes,
                );
                const gone = sets.filter(
                    (set) => !applied(sets, decision ?? []).some((left) => left === set),
                );
                assert.ok(gone.length <= 1);
                for (const { name, type, comments = [] } of gone) {
                    assert.deepEqual([name, type], [known.name, known.type]);
                    assert.ok(!comments.some(({ content }) => /pulumi:b|claim=xyz/.test(content)));
                }
            }),
        );
    });

    it("write back what was read without a change", () => {
        fc.assert(
            fc.property(rrsets, (sets) => {
                for (const set of snapshot(sets).recordSets) {
                    if (set.mark?.owner !== OURS.owner || set.mark.claim !== OURS.claim) continue;
                    assert.deepEqual(decideUpdate(snapshot(sets), set, set, OURS), []);
                }
            }),
        );
    });
});
