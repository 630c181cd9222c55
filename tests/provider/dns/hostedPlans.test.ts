// Proves, over generated zones: a plan for a delegation in a zone on Dynadot's own DNS, applied, gives the wanted delegation and
// touches nothing else; applied twice it is empty; a withdrawal takes away exactly what was written; what the RESTful API
// reads is what it writes. Does not prove how the live Dynadot applies a write.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { DomainState } from "../../../lab/dynadot/accountState.ts";
import { removeRecords, writeRecords } from "../../../lab/dynadot/hostedRecords.ts";
import { recordsOf } from "../../../lab/dynadot/restBodies.ts";
import { glueInfo } from "../../../lab/dynadot/restViews.ts";
import { DEFAULT_SWITCHES } from "../../../lab/dynadot/switches.ts";
import {
    planDelegation,
    planWithdrawal,
} from "../../../provider/dns/delegation/hostedDecisions.ts";
import { unintended } from "../../../provider/dns/delegation/hostedDifference.ts";
import { markName, marksOf, markRecord } from "../../../provider/dns/delegation/hostedMark.ts";
import { delegatedServers } from "../../../provider/dns/delegation/hostedRecords.ts";
import type { NameServer } from "../../../provider/dns/delegation/types.ts";
import {
    glueSchema,
    type HostedDns,
    type HostedRecord,
} from "../../../provider/dns/dynadot/messages.ts";

const PARENT = "pool.test.";
const MARK = { owner: "pulumi:sovereign/test", claim: "0123456789ab" };

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const address = fc.ipV4();
const value2 = fc.option(fc.stringMatching(/^[1-9][0-9]?$/), { nil: undefined });
const plain = (record: HostedRecord): HostedRecord =>
    JSON.parse(JSON.stringify(record)) as HostedRecord;

/** Records of other people: never at the names that the delegations here use. */
const foreign = fc
    .record({
        sub_host: label.map((text) => `x-${text}`),
        record_type: fc.constantFrom("a", "txt", "cname", "forward", "email", "srv", "ns"),
        record_value1: fc.oneof(address, fc.string({ minLength: 1, maxLength: 20 })),
        record_value2: value2,
    })
    .map(plain);

const zone: fc.Arbitrary<HostedDns> = fc
    .record({
        mode: fc.constant("DNS"),
        main: fc.array(
            fc.record({
                record_type: fc.constant("txt"),
                record_value1: fc.string({ minLength: 1 }),
            }),
            { minLength: 1, maxLength: 20 },
        ),
        sub: fc.uniqueArray(foreign, {
            maxLength: 60,
            selector: (record) => JSON.stringify(record),
        }),
        ttl: fc.constant("1800"),
    })
    .map((generated) => ({ ...generated }));

const domain = label.map((text) => `${text}.${PARENT}`);

const servers = (of: string): fc.Arbitrary<NameServer[]> =>
    fc.uniqueArray(
        fc.oneof(
            fc.record({
                name: label.map((text) => `${text}.${of}`),
                addresses: fc.uniqueArray(address, { minLength: 1, maxLength: 3 }),
            }),
            fc.record({
                name: label.map((text) => `${text}.elsewhere.test.`),
                addresses: fc.constant<string[]>([]),
            }),
        ),
        { minLength: 1, maxLength: 5, selector: ({ name }) => name },
    );

const task = domain.chain((name) =>
    fc.record({ domain: fc.constant(name), first: servers(name), second: servers(name) }),
);

const key = (record: HostedRecord) => JSON.stringify(record);

/** Exactly what the API does with a plan. */
function apply(
    live: HostedDns,
    append: readonly HostedRecord[],
    remove: readonly HostedRecord[],
): HostedDns {
    const gone = new Set(remove.map(key));
    return { ...live, sub: [...live.sub, ...append].filter((record) => !gone.has(key(record))) };
}

function sorted(found: readonly NameServer[] | undefined): string[] {
    return (found ?? [])
        .map(({ name, addresses }) => [name, ...[...addresses].sort()].join(" "))
        .sort();
}

describe("plans for zones that Dynadot hosts", () => {
    it("give the wanted delegation, touch nothing else, and are empty then", () => {
        fc.assert(
            fc.property(zone, task, (live, { domain: name, first, second }) => {
                const at = { domain: name, parent: PARENT };
                let now = live;
                let before: { nameServers: NameServer[] } | undefined;
                for (const nameServers of [first, second]) {
                    const plan = planDelegation(now, { ...at, nameServers }, before, MARK);
                    const next = apply(now, plan.append, plan.remove);
                    assert.deepEqual(unintended(now, next, plan.ours, MARK.owner), []);
                    assert.deepEqual(sorted(delegatedServers(next, at, [])), sorted(nameServers));
                    assert.deepEqual(next.sub.slice(0, live.sub.length), live.sub);
                    const again = planDelegation(
                        next,
                        { ...at, nameServers },
                        { nameServers },
                        MARK,
                    );
                    assert.deepEqual([again.append, again.remove], [[], []]);
                    [now, before] = [next, { nameServers }];
                }
                const { remove, left } = planWithdrawal(now, { ...at, nameServers: second }, MARK);
                assert.equal(left, undefined);
                assert.deepEqual(apply(now, [], remove), live);
            }),
        );
    });

    it("find a record that is lost, changed or new, whichever it is", () => {
        fc.assert(
            fc.property(zone, fc.nat(), foreign, (live, at, extra) => {
                fc.pre(
                    live.sub.length > 0 && !live.sub.some((record) => key(record) === key(extra)),
                );
                const index = at % live.sub.length;
                const without = { ...live, sub: live.sub.filter((_, i) => i !== index) };
                const more = { ...live, sub: [...live.sub, extra] };
                assert.equal(unintended(live, without, [], MARK.owner).length, 1);
                assert.equal(unintended(live, more, [], MARK.owner).length, 1);
                assert.equal(unintended(live, { ...live, ttl: "300" }, [], MARK.owner).length, 1);
                assert.equal(
                    unintended(live, { ...live, mode: "PARKING" }, [], MARK.owner).length,
                    1,
                );
                assert.deepEqual(
                    unintended(live, { ...live, sub: [...live.sub].reverse() }, [], MARK.owner),
                    [],
                );
            }),
        );
    });

    it("read a mark back as it was written, under a name that is a label", () => {
        fc.assert(
            fc.property(
                fc.stringMatching(/^[a-z][a-z0-9-]{0,61}[a-z0-9](\.[a-z]{1,5})?$/),
                (sub) => {
                    const [first = ""] = markName(sub).split(".");
                    assert.ok(first.length <= 63);
                    const record = markRecord(sub, MARK);
                    const quoted = { ...record, record_value1: `"${record.record_value1}"` };
                    for (const stored of [record, quoted]) {
                        const [mark] = marksOf({ mode: "DNS", main: [], sub: [stored] }, sub);
                        assert.deepEqual(mark, { ...MARK, record: stored });
                    }
                },
            ),
        );
    });

    it("survive being read and written back whole", () => {
        fc.assert(
            fc.property(zone, (live) => {
                const switches = { ...DEFAULT_SWITCHES, duplicates: "keep" as const };
                const writable = live.sub.filter(
                    ({ record_type, record_value1 }) =>
                        record_type !== "a" || /^\d+(\.\d+){3}$/.test(record_value1),
                );
                const state: DomainState = {
                    name: "pool.test",
                    registration: 0,
                    expiration: 0,
                    mode: "dynadot-dns",
                    nameServers: [],
                    hosted: { main: [], sub: [], ttl: 1800 },
                    ds: [],
                };
                const read = () => {
                    const glue = JSON.parse(
                        JSON.stringify({ glue_info: glueInfo(state) }),
                    ) as unknown;
                    return glueSchema.parse(glue).glue_info;
                };
                const write = (main: readonly HostedRecord[], sub: readonly HostedRecord[]) => {
                    const body = { dns_main_list: main, dns_sub_list: sub, ttl: "1800" };
                    const bytes = Buffer.from(JSON.stringify(body));
                    writeRecords(state, recordsOf(bytes, switches), 300, switches, 0);
                };
                write(live.main, writable);
                const first = read();
                assert.deepEqual(first.dns_sub_list, writable);
                write(first.dns_main_list, first.dns_sub_list);
                assert.deepEqual(read(), first);
                const all = Buffer.from(
                    JSON.stringify({
                        dns_main_list: first.dns_main_list,
                        dns_sub_list: first.dns_sub_list,
                    }),
                );
                removeRecords(state, recordsOf(all, switches));
                assert.deepEqual(state.hosted, { main: [], sub: [], ttl: 1800 });
            }),
        );
    });
});
