// Proves, against the emulated Dynadot on virtual time: whatever goes wrong with any single request of a delegation's creation,
// change or removal in a zone that Dynadot hosts, the next run brings the zone to what is wanted; records of other people are field by
// field what they were; no secret is in any log line, error, state, snapshot or in the registrar's log; nothing is ever
// replaced as a whole. Does not prove what the live Dynadot does: the emulator is built from its documentation and from reports.
import assert from "node:assert/strict";
import type { AccountState, HostedSubRecord } from "../../../../lab/dynadot/accountState.ts";
import type { Props } from "../../support/client.ts";
import { atEveryRequest } from "./everyRequest.ts";
import { DYNADOT_ROWS, type FaultRow } from "./faultTable.ts";
import { FaultWorld } from "./faultWorld.ts";
import type { KeptDelegation, VirtualProvider } from "./virtualProvider.ts";

const POOL = "omani-dynadot.example";
const CHILD = `tenant.${POOL}.`;
const OWNER = "pulumi:sovereign/test";

const program = (...servers: readonly (readonly [string, string])[]): Props => ({
    domain: CHILD,
    via: "dynadot-zone",
    parent: `${POOL}.`,
    nameServers: servers.map(([label, address]) => ({
        name: `${label}.${CHILD}`,
        addresses: [address],
    })),
    owner: OWNER,
    wait: false,
});

const WANTED = program(["ns1", "192.0.2.1"], ["ns2", "192.0.2.2"]);
const CHANGED = program(["ns1", "192.0.2.11"], ["ns3", "192.0.2.3"]);

/** What the zone must hold for each, beside the mark. */
const RECORDS = {
    wanted: ["ns1 192.0.2.1", "ns2 192.0.2.2"],
    changed: ["ns1 192.0.2.11", "ns3 192.0.2.3"],
} as const;

const ACME: HostedSubRecord = { subhost: "_acme-challenge", type: "txt", value: "token" };
const WWW: HostedSubRecord = { subhost: "www", type: "cname", value: POOL };
const OTHER: readonly HostedSubRecord[] = [
    { subhost: "_owner-other", type: "txt", value: "owner=pulumi:sovereign/other claim=abcdef" },
    { subhost: "other", type: "ns", value: "ns1.other.test" },
];

const ROWS: readonly (FaultRow & {
    readonly added?: readonly HostedSubRecord[];
    readonly gone?: HostedSubRecord;
})[] = [
    ...DYNADOT_ROWS,
    {
        name: "comes after somebody else's new records",
        action: { kind: "foreign-write", domain: POOL, main: [], sub: [ACME], removed: [] },
        added: [ACME],
    },
    {
        name: "comes after another Sovereign's delegation",
        action: { kind: "foreign-write", domain: POOL, main: [], sub: [...OTHER], removed: [] },
        added: OTHER,
    },
    {
        name: "comes after somebody else removed a record of theirs",
        action: { kind: "foreign-write", domain: POOL, main: [], sub: [], removed: [WWW] },
        gone: WWW,
    },
];

describe("faults at every request of a delegation in a zone that Dynadot hosts", function () {
    this.timeout(120_000);
    let world: FaultWorld;
    let base: AccountState;
    before(async () => {
        world = await FaultWorld.start();
        base = structuredClone(world.emulator.dynadot.account);
    });
    after(() => world.stop());

    /** What other people have in the zone, after the row's own writes if they came about. */
    function assertForeign(row: (typeof ROWS)[number], hit: boolean): void {
        const { hosted } = world.domain(POOL);
        const [, pool] = base.domains;
        const ours = ({ subhost }: HostedSubRecord) => /(^|\.|_owner-)tenant$/.test(subhost);
        const kept = pool?.hosted.sub.filter((r) => !hit || r.subhost !== row.gone?.subhost) ?? [];
        assert.deepEqual(hosted.main, pool?.hosted.main);
        assert.equal(hosted.ttl, pool?.hosted.ttl);
        assert.deepEqual(
            hosted.sub.filter((record) => !ours(record)),
            [...kept, ...(hit ? (row.added ?? []) : [])],
        );
        assert.ok(world.requests.every(({ replacedAll }) => replacedAll !== true));
    }

    function assertDelegated(servers: readonly string[]): void {
        const { sub } = world.domain(POOL).hosted;
        const at = (subhost: string) => sub.filter((record) => record.subhost === subhost);
        const found = at("tenant").map(({ type, value }) => {
            assert.equal(type, "ns");
            const [label = ""] = value.split(".");
            return `${label} ${at(`${label}.tenant`)
                .map((glue) => glue.value)
                .join(" ")}`;
        });
        assert.deepEqual(found.sort(), [...servers]);
        assert.equal(
            sub.filter(({ subhost }) => subhost.endsWith(".tenant")).length,
            servers.length,
        );
        assert.equal(at("_owner-tenant").length, 1);
    }

    function assertGone(): void {
        const { sub } = world.domain(POOL).hosted;
        assert.deepEqual(
            sub.filter(({ subhost }) => /(^|\.|_owner-)tenant$/.test(subhost)),
            [],
        );
    }

    async function created(provider: VirtualProvider): Promise<KeptDelegation> {
        const { kept, error } = await provider.up(WANTED, undefined);
        assert.ok(kept !== undefined && error === undefined, String(error));
        return kept;
    }

    it("takes 3 requests to create or remove, 5 to change, and 1 where nothing differs", async () => {
        const provider = await world.reset(base);
        let before = 0;
        const requests = () => {
            const made = world.requests.slice(before).map(({ method }) => method);
            before = world.requests.length;
            return made;
        };
        const { kept } = await provider.up(WANTED, undefined);
        assert.deepEqual(requests(), ["GET", "POST", "GET"]);
        await provider.up(WANTED, kept);
        assert.deepEqual(requests(), ["GET"]);
        const changed = await provider.up(CHANGED, kept);
        assert.deepEqual(requests(), ["GET", "POST", "GET", "DELETE", "GET"]);
        assert.ok(changed.kept !== undefined);
        await provider.destroy(changed.kept);
        assert.deepEqual(requests(), ["GET", "DELETE", "GET"]);
    });

    for (const row of ROWS) {
        it(`creates, though the registrar ${row.name}`, () =>
            atEveryRequest(world, base, row, {
                prepare: () => Promise.resolve(undefined),
                run: (provider, kept, signal) => provider.up(WANTED, kept, signal),
                async finish(provider, { kept }, hit) {
                    const again = await provider.up(WANTED, kept);
                    assert.equal(again.error, undefined);
                    assertDelegated(RECORDS.wanted);
                    assertForeign(row, hit);
                },
            }));

        it(`changes, though the registrar ${row.name}`, () =>
            atEveryRequest(world, base, row, {
                prepare: created,
                run: (provider, kept, signal) => provider.up(CHANGED, kept, signal),
                async finish(provider, { kept }, hit) {
                    const again = await provider.up(CHANGED, kept);
                    assert.equal(again.error, undefined);
                    assertDelegated(RECORDS.changed);
                    assertForeign(row, hit);
                },
            }));

        it(`is taken away, though the registrar ${row.name}`, () =>
            atEveryRequest(world, base, row, {
                prepare: created,
                run: (provider, kept, signal) => {
                    assert.ok(kept !== undefined);
                    return provider.destroy(kept, signal);
                },
                async finish(provider, { kept }, hit) {
                    if (kept !== undefined)
                        assert.equal((await provider.destroy(kept)).error, undefined);
                    assertGone();
                    assertForeign(row, hit);
                },
            }));

        // A process that is gone has told the engine nothing: only the same program finds what it wrote.
        if (row.crash === true) continue;
        it(`leaves nothing behind when the next run gives up, though the registrar ${row.name}`, () =>
            atEveryRequest(world, base, row, {
                prepare: created,
                run: (provider, kept, signal) => provider.up(CHANGED, kept, signal),
                async finish(provider, { kept }, hit) {
                    assert.ok(kept !== undefined);
                    assert.equal((await provider.destroy(kept)).error, undefined);
                    assertGone();
                    assertForeign(row, hit);
                },
            }));
    }
});
