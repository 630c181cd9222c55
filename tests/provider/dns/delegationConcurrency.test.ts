// Proves, with several real plugin processes, the real PowerDNS and the emulated Dynadot: delegations of different children of one pool
// domain that are created, changed and removed at the same time never lose each other's records; one name goes to one of two
// owners; a key of Dynadot has one request in flight over all processes.
// Does not prove anything about processes on different machines.
import assert from "node:assert/strict";
import { ProviderClient, type Props, type Resource } from "../support/client.ts";
import { DELEGATION } from "../support/delegationFixture.ts";
import { DnsWorld } from "../support/dnsWorld.ts";

const PROCESSES = 4;

describe("delegations of several processes in one pool domain", function () {
    this.timeout(120_000);
    let world: DnsWorld;
    let processes: ProviderClient[];
    before(async () => {
        world = await DnsWorld.start();
        processes = await Promise.all(
            Array.from({ length: PROCESSES }, () => ProviderClient.start(world.config())),
        );
    });
    after(async () => {
        await Promise.all(processes.map((process) => process.stop()));
        await world.stop();
    });

    const program = (
        process: number,
        via: "powerdns" | "dynadot-zone",
        pool: string,
        address: string,
        more: Props = {},
    ): Props => ({
        domain: `child${process}.${pool}`,
        via,
        parent: pool,
        nameServers: ["ns1", "ns2"].map((label) => ({
            name: `${label}.child${process}.${pool}`,
            addresses: [address],
        })),
        ds: via === "powerdns" ? [`${process + 1} 13 2 ${"ab".repeat(32)}`] : [],
        owner: `pulumi:stack${process}/dev`,
        wait: false,
        ...more,
    });
    const atOnce = <T>(act: (process: ProviderClient, index: number) => Promise<T>) =>
        Promise.all(processes.map(act));
    const at = <T>(list: readonly T[], index: number): T => {
        const found = list[index];
        assert.ok(found !== undefined);
        return found;
    };

    it("keep all of NS, glue and DS in a zone at PowerDNS", async () => {
        const pool = "omani.example.";
        const zone = async () =>
            (await world.powerDns.zone(pool))?.rrsets.filter(({ type }) => type !== "SOA");
        const before = await zone();
        const check = async (address: string) => {
            for (const index of processes.keys()) {
                const child = `child${index}.${pool}`;
                const contents = (name: string, type: string) =>
                    world.powerDns.contents(pool, name, type);
                assert.deepEqual(await contents(child, "NS"), [`ns1.${child}`, `ns2.${child}`]);
                assert.equal((await contents(child, "DS"))?.length, 1);
                assert.deepEqual(await contents(`ns1.${child}`, "A"), [address]);
                assert.deepEqual(await contents(`ns2.${child}`, "A"), [address]);
            }
        };
        const of = (index: number, address: string) => program(index, "powerdns", pool, address);
        const created = await atOnce((process, index) =>
            process.create(DELEGATION, of(index, "192.0.2.1")),
        );
        await check("192.0.2.1");
        const changed = await atOnce((process, index) =>
            process.update(DELEGATION, at(created, index), of(index, "192.0.2.2")),
        );
        await check("192.0.2.2");
        await atOnce((process, index) => process.delete(DELEGATION, at(changed, index)));
        assert.deepEqual(await zone(), before);
    });

    it("keep all of mark, NS and glue in a zone that Dynadot hosts, one request at a time", async () => {
        const pool = "omani-dynadot.example.";
        const hosted = () => structuredClone(world.domain("omani-dynadot.example").hosted);
        const before = hosted();
        const check = (address: string) => {
            const { main, sub, ttl } = hosted();
            assert.deepEqual({ main, ttl }, { main: before.main, ttl: before.ttl });
            assert.deepEqual(sub.slice(0, before.sub.length), before.sub);
            assert.equal(sub.length, before.sub.length + 5 * PROCESSES);
            for (const index of processes.keys())
                for (const label of ["ns1", "ns2"])
                    assert.deepEqual(
                        sub.filter(({ subhost }) => subhost === `${label}.child${index}`),
                        [{ subhost: `${label}.child${index}`, type: "a", value: address }],
                    );
        };
        const of = (index: number, address: string) =>
            program(index, "dynadot-zone", pool, address);
        const created: Resource[] = await atOnce((process, index) =>
            process.create(DELEGATION, of(index, "192.0.2.1")),
        );
        check("192.0.2.1");
        const changed = await atOnce((process, index) =>
            process.update(DELEGATION, at(created, index), of(index, "192.0.2.2")),
        );
        check("192.0.2.2");
        await atOnce((process, index) => process.delete(DELEGATION, at(changed, index)));
        assert.deepEqual(hosted(), before);
        const refused = world.dynadot.requests.requests.filter((r) => r.refused !== undefined);
        assert.deepEqual(refused, []);
    });

    for (const [via, pool] of [
        ["powerdns", "omani.example."],
        ["dynadot-zone", "omani-dynadot.example."],
    ] as const)
        it(`give one name to one of two owners (${via})`, async () => {
            const wanted = (owner: string) =>
                program(9, via, pool, "192.0.2.9", { owner: `pulumi:${owner}/dev` });
            const contenders = [
                { process: at(processes, 0), owner: "first" },
                { process: at(processes, 1), owner: "second" },
            ];
            const results = await Promise.allSettled(
                contenders.map(({ process, owner }) => process.create(DELEGATION, wanted(owner))),
            );
            const winners = contenders.filter((_, i) => at(results, i).status === "fulfilled");
            assert.equal(winners.length, 1, JSON.stringify(results));
            const [{ process, owner }] = winners as [(typeof contenders)[number]];
            const lost = results.find((result) => result.status === "rejected");
            assert.match(String(lost?.reason), new RegExp(`pulumi:${owner}/dev`));
            const imported = await process.import(DELEGATION, `${via}/${pool}/child9.${pool}`);
            assert.equal(imported?.inputs.owner, `pulumi:${owner}/dev`);
            await process.delete(DELEGATION, imported);
        });
});
