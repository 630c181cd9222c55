// Proves, against the emulated Dynadot on virtual time: whatever goes wrong with any single request while a domain's name servers,
// host records and DS are set, changed or taken back at the registrar, the next run ends with what is wanted; the
// account's other domains and hosts are what they were; no secret is in any log line, error, state or in the registrar's log.
// Does not prove what the live Dynadot does: the emulator is built from its documentation and from reports.
import assert from "node:assert/strict";
import type { AccountState } from "../../../../lab/dynadot/accountState.ts";
import { describe as inWords } from "../../../../provider/framework/failures.ts";
import type { Props } from "../../support/client.ts";
import { atEveryRequest } from "./everyRequest.ts";
import { DYNADOT_ROWS, HTTP_ROWS, type FaultRow } from "./faultTable.ts";
import { FaultWorld } from "./faultWorld.ts";
import type { KeptDelegation, VirtualProvider } from "./virtualProvider.ts";

const DOMAIN = "omantel.example";

const digest = (octet: string) => octet.repeat(32);

const program = (
    servers: readonly (readonly [string, string])[],
    ds: readonly string[],
): Props => ({
    domain: `${DOMAIN}.`,
    via: "dynadot-registrar",
    nameServers: servers.map(([label, address]) => ({
        name: `${label}.${DOMAIN}.`,
        addresses: [address],
    })),
    ds: [...ds],
    owner: "pulumi:sovereign/test",
    wait: false,
});

/** What is wanted, and what the registrar must then have. */
interface Wanted {
    readonly program: Props;
    readonly nameServers: readonly string[];
    readonly hosts: Readonly<Record<string, readonly string[]>>;
    readonly keyTags: readonly number[];
}

const WANTED: Wanted = {
    program: program(
        [
            ["ns1", "192.0.2.1"],
            ["ns2", "192.0.2.2"],
        ],
        [`1001 13 2 ${digest("ab")}`],
    ),
    nameServers: [`ns1.${DOMAIN}`, `ns2.${DOMAIN}`],
    hosts: { [`ns1.${DOMAIN}`]: ["192.0.2.1"], [`ns2.${DOMAIN}`]: ["192.0.2.2"] },
    keyTags: [1001],
};
const CHANGED: Wanted = {
    program: program(
        [
            ["ns1", "192.0.2.11"],
            ["ns3", "192.0.2.3"],
        ],
        [`2002 13 2 ${digest("cd")}`],
    ),
    nameServers: [`ns1.${DOMAIN}`, `ns3.${DOMAIN}`],
    hosts: { [`ns1.${DOMAIN}`]: ["192.0.2.11"], [`ns3.${DOMAIN}`]: ["192.0.2.3"] },
    keyTags: [2002],
};

const FOREIGN = ["ns.elsewhere.test"];

const FOREIGN_ROW: FaultRow = {
    name: "comes after somebody else gave the domain other name servers",
    action: { kind: "foreign-name-servers", domain: DOMAIN, nameServers: FOREIGN },
};

describe("faults at every request of a delegation at the registrar", function () {
    this.timeout(120_000);
    let world: FaultWorld;
    let base: AccountState;
    before(async () => {
        world = await FaultWorld.start();
        base = structuredClone(world.emulator.dynadot.account);
        base.hosts.push({ id: 1, name: "ns.elsewhere.test", addresses: [] });
    });
    after(() => world.stop());

    function hosts(): Record<string, string[]> {
        const { hosts: all } = world.emulator.dynadot.account;
        return Object.fromEntries(all.map(({ name, addresses }) => [name, addresses]));
    }

    function assertForeign(): void {
        const others = ({ domains }: AccountState) => domains.filter(({ name }) => name !== DOMAIN);
        assert.deepEqual(others(world.emulator.dynadot.account), others(base));
        assert.deepEqual(hosts()["ns.elsewhere.test"], []);
    }

    function assertDelegated(wanted: Wanted): void {
        const { nameServers, ds, mode } = world.domain(DOMAIN);
        assert.equal(mode, "name-servers");
        assert.deepEqual(nameServers, wanted.nameServers);
        assert.deepEqual(hosts(), { "ns.elsewhere.test": [], ...wanted.hosts });
        assert.deepEqual(
            ds.map(({ keyTag }) => keyTag),
            wanted.keyTags,
        );
        assertForeign();
    }

    function assertTakenBack(): void {
        const { nameServers, ds, mode } = world.domain(DOMAIN);
        assert.deepEqual([mode, nameServers, ds], ["parking", [], []]);
        assert.deepEqual(hosts(), { "ns.elsewhere.test": [] });
        assertForeign();
    }

    async function created(provider: VirtualProvider): Promise<KeptDelegation> {
        const { kept, error } = await provider.up(WANTED.program, undefined);
        assert.ok(kept !== undefined && error === undefined, String(error));
        return kept;
    }

    it("is loud where reading back shows something else", async () => {
        const provider = await world.reset(base);
        world.emulator.dynadot.setSwitches({ staleReadSeconds: 1_000_000 });
        const { error, kept } = await provider.up(WANTED.program, undefined);
        world.emulator.dynadot.setSwitches({ staleReadSeconds: 0 });
        assert.match(String(error), /but reading it back does not show it/);
        assert.deepEqual(kept?.state.previousNameServers, []);
    });

    it("leaves name servers alone that somebody else has set since", async () => {
        const provider = await world.reset(base);
        const kept = await created(provider);
        const elsewhere = structuredClone(world.account);
        for (const domain of elsewhere.domains)
            if (domain.name === DOMAIN) domain.nameServers = [...FOREIGN];
        await world.reset(elsewhere);
        const { error } = await provider.up(CHANGED.program, kept);
        assert.match(String(error), /were changed by somebody else: they now are ns\.elsewhere/);
        assert.equal((await provider.destroy(kept)).error, undefined);
        assert.match(provider.said.at(-1) ?? "", /which are not this program's/);
        assert.deepEqual(world.domain(DOMAIN).nameServers, FOREIGN);
    });

    it("finds somebody else's name servers at whichever request they come, and takes over after a refresh", () =>
        atEveryRequest(world, base, FOREIGN_ROW, {
            prepare: created,
            run: (provider, kept, signal) => provider.up(CHANGED.program, kept, signal),
            async finish(provider, { kept }) {
                const { error, kept: now } = await provider.up(CHANGED.program, kept);
                if (error !== undefined) {
                    assert.match(inWords(error), /changed by somebody else: they now are ns\.else/);
                    assert.deepEqual(world.domain(DOMAIN).nameServers, FOREIGN);
                    const refreshed = now && (await provider.refresh(now));
                    assert.equal((await provider.up(CHANGED.program, refreshed)).error, undefined);
                }
                assertDelegated(CHANGED);
            },
        }));

    for (const row of HTTP_ROWS)
        it(`puts name servers back that were there before, though the registrar ${row.name}`, () => {
            const elsewhere = structuredClone(base);
            for (const domain of elsewhere.domains)
                if (domain.name === DOMAIN) {
                    domain.mode = "name-servers";
                    domain.nameServers = [...FOREIGN];
                }
            return atEveryRequest(world, elsewhere, row, {
                prepare: created,
                run: (provider, kept, signal) => {
                    assert.ok(kept !== undefined);
                    return provider.destroy(kept, signal);
                },
                async finish(provider, { kept }) {
                    if (kept !== undefined)
                        assert.equal((await provider.destroy(kept)).error, undefined);
                    const { nameServers, ds, mode } = world.domain(DOMAIN);
                    assert.deepEqual([mode, nameServers, ds], ["name-servers", FOREIGN, []]);
                    assert.deepEqual(hosts(), { "ns.elsewhere.test": [] });
                    assertForeign();
                },
            });
        });

    for (const row of DYNADOT_ROWS) {
        it(`creates, though the registrar ${row.name}`, () =>
            atEveryRequest(world, base, row, {
                prepare: () => Promise.resolve(undefined),
                run: (provider, kept, signal) => provider.up(WANTED.program, kept, signal),
                async finish(provider, { kept }) {
                    assert.equal((await provider.up(WANTED.program, kept)).error, undefined);
                    assertDelegated(WANTED);
                },
            }));

        it(`changes, though the registrar ${row.name}`, () =>
            atEveryRequest(world, base, row, {
                prepare: created,
                run: (provider, kept, signal) => provider.up(CHANGED.program, kept, signal),
                async finish(provider, { kept }) {
                    assert.equal((await provider.up(CHANGED.program, kept)).error, undefined);
                    assertDelegated(CHANGED);
                },
            }));

        it(`is taken back, though the registrar ${row.name}`, () =>
            atEveryRequest(world, base, row, {
                prepare: created,
                run: (provider, kept, signal) => {
                    assert.ok(kept !== undefined);
                    return provider.destroy(kept, signal);
                },
                async finish(provider, { kept }) {
                    if (kept !== undefined)
                        assert.equal((await provider.destroy(kept)).error, undefined);
                    assertTakenBack();
                },
            }));
    }
});
