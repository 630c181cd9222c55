// Proves, with the real plugin process, the real PowerDNS and the emulated Dynadot: a name in a pool is refused before anything is written
// for it, in the preview with a warning, where it belongs to somebody else or would hide what does; one that is free, or ours
// already, passes; nothing is written in any case.
// Does not prove who wins when two take a name at once: the delegation does, and its tests.
import assert from "node:assert/strict";
import { DELEGATION, delegationFixture, OWNER } from "../support/delegationFixture.ts";
import { refusal } from "../support/refusal.ts";
import type { Props } from "../support/client.ts";

const POOL_NAME = "sovereign:dns:PoolName";
const POOL = "omani.example.";
const HOSTED = "omani-dynadot.example";

describe("sovereign:dns:PoolName", function () {
    this.timeout(60_000);
    const fixture = delegationFixture();

    const program = (via: "powerdns" | "dynadot-zone", more: Props = {}): Props => {
        const parent = via === "powerdns" ? POOL : `${HOSTED}.`;
        const domain = `tenant.${parent}`;
        return {
            domain,
            via,
            parent,
            nameServers: [{ name: `ns1.${domain}`, addresses: ["192.0.2.1"] }],
            owner: OWNER,
            ...more,
        };
    };
    const others = { owner: "pulumi:other/dev", wait: false };
    const writes = () =>
        fixture.world.dynadot.requests.requests.filter(({ method }) => method !== "GET");
    const serial = async () => (await fixture.world.powerDns.zone(POOL))?.serial;

    for (const via of ["powerdns", "dynadot-zone"] as const) {
        it(`lets a free name pass and writes nothing (${via})`, async () => {
            const before = await serial();
            await fixture.provider.previewCreate(POOL_NAME, program(via));
            assert.deepEqual(fixture.provider.messages, []);
            const made = await fixture.provider.create(POOL_NAME, program(via));
            assert.deepEqual(await fixture.provider.refresh(POOL_NAME, made), made);
            assert.equal(
                (await fixture.provider.diff(POOL_NAME, made, program(via))).changes,
                false,
            );
            await fixture.provider.delete(POOL_NAME, made);
            assert.deepEqual([await serial(), writes()], [before, []]);
        });

        it(`lets a name pass that is ours already, with or without a change (${via})`, async () => {
            const wanted = program(via);
            await fixture.provider.create(DELEGATION, { ...wanted, wait: false });
            await fixture.provider.create(POOL_NAME, wanted);
            const { domain } = wanted;
            const nameServers = [{ name: `ns2.${String(domain)}`, addresses: ["192.0.2.2"] }];
            await fixture.provider.create(POOL_NAME, { ...wanted, nameServers });
        });

        it(`refuses a name of somebody else, and says whose it is (${via})`, async () => {
            await fixture.provider.create(DELEGATION, program(via, others));
            assert.match(
                await refusal(fixture.provider.create(POOL_NAME, program(via))),
                /pulumi:other\/dev/,
            );
            await fixture.provider.previewCreate(POOL_NAME, program(via));
            const [warning] = fixture.provider.messages;
            assert.match(warning?.message ?? "", /^this will be refused: .*pulumi:other\/dev/);
            assert.equal(warning?.severity, "warning");
        });

        it(`refuses a name outside the pool offline (${via})`, async () => {
            const { failures } = await fixture.provider.check(
                POOL_NAME,
                program(via, { domain: "tenant.elsewhere.test" }),
            );
            assert.deepEqual(
                failures.map(({ property }) => property),
                ["domain"],
            );
        });
    }

    it("refuses to hide records of somebody else at PowerDNS", async () => {
        const record = (name: string) => ({
            name,
            type: "A",
            changetype: "REPLACE" as const,
            ttl: 60,
            records: [{ content: "192.0.2.7", disabled: false }],
        });
        await fixture.world.powerDns.patch(POOL, record(`shop.tenant.${POOL}`));
        const message =
            /omani\.example\. has records at or below tenant\.omani\.example\. that nobody could see any more: shop\.tenant\.omani\.example\. A "192\.0\.2\.7"/;
        assert.match(
            await refusal(fixture.provider.create(POOL_NAME, program("powerdns"))),
            message,
        );
        const delegation = { ...program("powerdns"), wait: false };
        assert.match(await refusal(fixture.provider.create(DELEGATION, delegation)), message);
    });

    it("refuses a pool that PowerDNS does not have", async () => {
        const wanted = program("powerdns", { domain: "a.b.test.", parent: "b.test." });
        assert.match(
            await refusal(
                fixture.provider.create(POOL_NAME, {
                    ...wanted,
                    nameServers: [{ name: "ns.elsewhere.test." }],
                }),
            ),
            /^PowerDNS has no zone b\.test\./,
        );
    });

    it("cannot be imported, since nothing stands for it", async () => {
        assert.match(
            await refusal(fixture.provider.import(POOL_NAME, `tenant.${POOL}`)),
            /nothing to import; declare it/,
        );
    });
});
