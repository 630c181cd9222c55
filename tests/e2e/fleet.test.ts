/**
 * Proves on the real engine and a lab of its own that several Sovereigns are brought up at once on one account at every service:
 * all become ready, none takes anything of another, and the registrar, which refuses a request while another is in flight, never has
 * to. Three here, for the time that it takes; `npm run bench:fleet` does the same with eight. It does not prove anything about
 * several machines.
 */
import assert from "node:assert/strict";
import { dig } from "../lab/powerdns/nameServerPair.ts";
import { provisionFleet } from "./fleetOfSovereigns.ts";
import type { FleetMember } from "./fleetOfSovereigns.ts";
import { startOperationsLab } from "./operationsLab.ts";
import type { OperationsLab } from "./operationsLab.ts";
import { WHOLE_STACK } from "./sovereignLab.ts";

const SIZE = 3;

describe("several Sovereigns at once", function () {
    this.timeout(WHOLE_STACK);
    let world: OperationsLab;
    let fleet: readonly FleetMember[];

    before(async () => {
        world = await startOperationsLab();
        fleet = await provisionFleet(world, SIZE);
    });

    after(() => world.lab.stop());

    const outputs = () =>
        fleet.map(({ fqdn, outcome }) => {
            if (outcome instanceof Error) throw new Error(fqdn, { cause: outcome });
            return outcome.outputs;
        });

    it("are all ready, each under its name", () => {
        assert.deepEqual(
            outputs().map((o) => [
                o.sovereignFqdn,
                o.catalystReleaseStatus,
                o.stalwartReleaseStatus,
            ]),
            ["s1.example", "s2.example", "s3.example"].map((fqdn) => [
                fqdn,
                "deployed",
                "deployed",
            ]),
        );
    });

    it("share no address, server or cluster", () => {
        for (const of of [
            (o: ReturnType<typeof outputs>[number]) => o.loadBalancerIp,
            (o: ReturnType<typeof outputs>[number]) => o.controlPlaneIp,
            (o: ReturnType<typeof outputs>[number]) => Object.values(o.serverIds).join(),
            (o: ReturnType<typeof outputs>[number]) => o.cluster.uid,
            (o: ReturnType<typeof outputs>[number]) => o.smtpPassword,
        ])
            assert.equal(new Set(outputs().map(of)).size, SIZE);
    });

    it("are delegated, one request at a time at the registrar", async () => {
        const { addresses } = world.lab.context;
        for (const { fqdn, dns } of outputs().map((o) => ({ fqdn: o.sovereignFqdn, dns: o.dns })))
            assert.deepEqual(
                (await dig(addresses, fqdn, "NS")).sort(),
                dns.nameServers.map((server) => `${server}.`).sort(),
            );
        const { requests } = world.lab.dynadot.requests;
        assert.ok(requests.length >= SIZE * 4, `only ${requests.length} requests`);
        // 429 is how it refuses a request while another is in flight (lab/dynadot/admission.ts), or too many in a minute.
        assert.deepEqual(
            requests.filter(({ status }) => status === 429 || status === undefined),
            [],
        );
    });
});
