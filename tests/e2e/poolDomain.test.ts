// Proves, with the real engine, the real plugin, the real PowerDNS and the emulated Dynadot: two stacks that create, change and destroy
// delegations in the same two pool domains at the same time never lose each other's records nor anybody else's, ask Dynadot
// one request at a time, and a third stack is refused a name that is in use, in the preview with a warning and in the update before
// anything is written. Does not prove anything about stacks on different machines, which Dynadot alone keeps apart.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DnsWorld } from "../provider/support/dnsWorld.ts";
import type { PoolDomainPlan } from "./poolDomainProgram.ts";
import { poolDomainStack, type PoolDomainStack } from "./poolDomainStacks.ts";
import { succeeds } from "./sovereignLab.ts";

const POOL = "omani.example.";
const DYNADOT_POOL = "omani-dynadot.example.";

describe("several stacks in one pool domain", function () {
    this.timeout(240_000);
    this.bail(true);
    let world: DnsWorld;
    let stacks: Readonly<Record<"north" | "south", PoolDomainStack>>;
    let initially: { readonly hosted: unknown; readonly zone: unknown };

    const plan = (label: string, addresses: readonly string[], owner = label): PoolDomainPlan => ({
        owner: `pulumi:${owner}/dev`,
        addresses,
        children: {
            [label]: { domain: `${label}.${POOL}`, parent: POOL, via: "powerdns" },
            [`${label}-dynadot`]: {
                domain: `${label}.${DYNADOT_POOL}`,
                parent: DYNADOT_POOL,
                via: "dynadot-zone",
            },
        },
    });
    const hosted = () => structuredClone(world.domain("omani-dynadot.example").hosted);
    /** The pool's record sets at PowerDNS without its SOA, whose serial moves. */
    const zone = async () =>
        (await world.powerDns.zone(POOL))?.rrsets
            .filter(({ type }) => type !== "SOA")
            .map(({ name, type, ttl, records }) => ({ name, type, ttl, records }))
            .sort((a, b) => `${a.name} ${a.type}`.localeCompare(`${b.name} ${b.type}`));
    const both = (...args: string[]) =>
        Promise.all(Object.values(stacks).map(({ cli }) => succeeds(cli, ...args)));

    before(async () => {
        world = await DnsWorld.start();
        stacks = {
            north: await poolDomainStack(world, "north"),
            south: await poolDomainStack(world, "south"),
        };
        initially = { hosted: hosted(), zone: await zone() };
    });
    after(() => world.stop());

    /** Every name of both stacks leads to these addresses, in both pools. */
    async function assertDelegated(addresses: readonly string[]): Promise<void> {
        const { sub } = hosted();
        for (const label of ["north", "south"]) {
            const child = `${label}.${POOL}`;
            assert.deepEqual(await world.powerDns.contents(POOL, child, "NS"), [
                ...addresses.map((_, i) => `ns${i + 1}.${child}`),
            ]);
            const ds = (await world.powerDns.contents(POOL, child, "DS")) ?? [];
            assert.equal(ds.length, 1);
            for (const [i, address] of addresses.entries()) {
                const glue = await world.powerDns.contents(POOL, `ns${i + 1}.${child}`, "A");
                assert.deepEqual(glue, [address]);
            }
            const own = sub.filter(({ subhost }) =>
                new RegExp(`(^|\\.|_owner-)${label}$`).test(subhost),
            );
            assert.equal(own.length, 1 + 2 * addresses.length);
        }
    }

    it("are created at the same time, each with all of its records", async () => {
        const addresses = [...world.servers];
        await stacks.north.declare(plan("north", addresses));
        await stacks.south.declare(plan("south", addresses));
        await both("up", "--yes", "--skip-preview");
        await assertDelegated(addresses);
    });

    it("refuse a name in use, and say whose it is", async () => {
        const third = await poolDomainStack(world, "third");
        await third.declare({
            ...plan("north", [...world.servers], "third"),
            children: {
                taken: {
                    domain: `north.${DYNADOT_POOL}`,
                    parent: DYNADOT_POOL,
                    via: "dynadot-zone",
                },
            },
        });
        const held = hosted();
        const { stdout, stderr } = await third.cli.run(["preview"]);
        assert.match(
            stdout + stderr,
            /this will be refused: the name north\.omani-dynadot\.example\.\s+is in use: its mark\s+at Dynadot says pulumi:north\/dev/,
        );
        assert.deepEqual(hosted(), held);

        const before = { zone: await zone(), zones: await world.powerDns.powerDns.listZones() };
        const up = await third.cli.run(["up", "--yes", "--skip-preview"]);
        assert.notEqual(up.exitCode, 0);
        assert.match(up.stdout + up.stderr, /the name north\.omani-dynadot\.example\.\s+is in use/);
        assert.doesNotMatch(up.stdout + up.stderr, /taken-zone/);
        const after = { zone: await zone(), zones: await world.powerDns.powerDns.listZones() };
        assert.deepEqual([hosted(), after], [held, before]);
    });

    it("change at the same time", async () => {
        const [first] = world.servers;
        await stacks.north.declare(plan("north", [first]));
        await stacks.south.declare(plan("south", [first]));
        await both("up", "--yes", "--skip-preview");
        await assertDelegated([first]);
        await both("preview", "--expect-no-changes");
    });

    it("go at the same time, and leave the pools as they were", async () => {
        await both("destroy", "--yes", "--skip-preview");
        assert.deepEqual({ hosted: hosted(), zone: await zone() }, initially);
    });

    it("asked Dynadot for one thing at a time, and never wrote a zone as a whole", () => {
        const { requests } = world.dynadot.requests;
        assert.deepEqual(
            requests.filter(
                ({ refused, replacedAll }) => refused !== undefined || replacedAll === true,
            ),
            [],
        );
    });

    it("never kept a key of Dynadot in a state", async () => {
        const { directory, credentials } = world.powerDns.lab.context;
        for (const name of ["north", "south"]) {
            const file = join(directory, name, "pulumi/backend/.pulumi/stacks", name, "dev.json");
            const state = await readFile(file, "utf8");
            for (const secret of [credentials.dynadotApiKey, credentials.dynadotApiSecret])
                assert.ok(!state.includes(secret));
        }
    });
});
