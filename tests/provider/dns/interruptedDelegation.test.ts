// Proves, with the real plugin process, the real PowerDNS and the emulated Dynadot: a delegation that is interrupted while the registrar
// is being written to, by the engine or by its own time limit, leaves nothing there that the state does not know of, so that a destroy
// takes it away. Does not prove it of a plugin that is killed: the next `up` finds what that one wrote (faults/registrarFaults.test.ts).
import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import { ProviderClient } from "../support/client.ts";
import { DELEGATION, delegationFixture } from "../support/delegationFixture.ts";
import { failedCall } from "../support/refusal.ts";

describe("an interrupted delegation", function () {
    this.timeout(90_000);
    const fixture = delegationFixture();
    const DOMAIN = "omantel.example.";

    /** The registrar makes the next host at once, and is slow to say so. */
    function slowRegistration(milliseconds: number): void {
        const { faults } = fixture.world.dynadot;
        faults.add({ operation: "register_ns", action: { kind: "delay", milliseconds } });
    }

    async function hostsAt(registrar: number): Promise<void> {
        await eventually(
            "a host at the registrar",
            () => {
                assert.equal(fixture.world.dynadot.account.hosts.length, registrar);
            },
            { timeout: 20_000 },
        );
    }

    it("is finished first when the engine cancels, and recorded whole", async () => {
        const ds = await fixture.child(DOMAIN);
        slowRegistration(1_000);
        const creating = fixture.provider.create(
            DELEGATION,
            fixture.program(DOMAIN, "dynadot-registrar", ds),
        );
        await hostsAt(1);
        await fixture.provider.cancel();
        const created = await creating;
        assert.deepEqual(created.state.registeredHosts, [`ns1.${DOMAIN}`, `ns2.${DOMAIN}`]);
        await fixture.validates(`ns1.${DOMAIN}`);
        const next = await ProviderClient.start(fixture.world.config());
        try {
            await next.delete(DELEGATION, created);
        } finally {
            await next.stop();
        }
        assert.deepEqual(fixture.world.dynadot.account.hosts, []);
    });

    it("is recorded with what it may have made when its time is up", async () => {
        const ds = await fixture.child(DOMAIN);
        const program = fixture.program(DOMAIN, "dynadot-registrar", ds);
        slowRegistration(6_000);
        const failing = failedCall(
            fixture.provider.create(DELEGATION, program, { timeoutSeconds: 3 }),
        );
        await hostsAt(1);
        const { partial } = await failing;
        assert.ok(partial);
        assert.deepEqual(partial.state.registeredHosts, [`ns1.${DOMAIN}`]);
        const { id, state } = partial;
        await fixture.provider.delete(DELEGATION, { id, inputs: program, state });
        assert.deepEqual(fixture.world.dynadot.account.hosts, []);
        assert.equal(fixture.world.domain("omantel.example").mode, "parking");
    });
});
