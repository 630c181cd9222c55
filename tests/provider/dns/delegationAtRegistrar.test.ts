// Proves, with the real plugin process, the real PowerDNS and the emulated Dynadot: host records, name servers and DS are written
// in that order, validate, survive lost answers and half-done runs, and everything is put back on destroy.
// Does not prove what the live Dynadot does: the emulator is built from its documentation and from reports.
import assert from "node:assert/strict";
import { ProviderClient } from "../support/client.ts";
import { DELEGATION, delegationFixture } from "../support/delegationFixture.ts";
import { failedCall, refusal } from "../support/refusal.ts";

describe("delegations of a domain registered at Dynadot", function () {
    this.timeout(90_000);
    const fixture = delegationFixture();

    const DOMAIN = "omantel.example.";

    it("writes hosts, then name servers, then DS, validates, and puts everything back", async () => {
        const ds = await fixture.child(DOMAIN);
        const created = await fixture.provider.create(
            DELEGATION,
            fixture.program(DOMAIN, "dynadot-registrar", ds),
        );
        const written = fixture.world.dynadot.requests.requests
            .filter(({ method }) => method !== "GET")
            .map(({ operation }) => operation);
        assert.deepEqual(written, ["register_ns", "register_ns", "set_ns", "set_dnssec"]);
        assert.deepEqual(fixture.world.domain("omantel.example").nameServers, [
            "ns1.omantel.example",
            "ns2.omantel.example",
        ]);
        assert.deepEqual(created.state.previousNameServers, []);
        await fixture.validates(`ns1.${DOMAIN}`);
        assert.deepEqual(await fixture.provider.refresh(DELEGATION, created), created);
        const count = fixture.world.dynadot.requests.requests.length;
        await fixture.provider.delete(DELEGATION, created);
        assert.deepEqual(
            fixture.world.dynadot.requests.requests
                .slice(count)
                .filter(({ method, api }) => method !== "GET" || api !== "rest")
                .map(({ operation }) => operation),
            ["clear_dnssec", "set_clear_domain_setting", "delete_ns", "delete_ns"],
        );
        assert.equal(fixture.world.domain("omantel.example").mode, "parking");
        assert.deepEqual(fixture.world.domain("omantel.example").ds, []);
        assert.deepEqual(fixture.world.dynadot.account.hosts, []);
        assert.equal(await fixture.provider.refresh(DELEGATION, created), undefined);
    });

    it("is a no-op the second time, and adopts what a crash left", async () => {
        const ds = await fixture.child(DOMAIN);
        const wanted = fixture.program(DOMAIN, "dynadot-registrar", ds);
        await fixture.provider.create(DELEGATION, wanted);
        const count = fixture.world.dynadot.requests.requests.length;
        const again = await fixture.provider.create(DELEGATION, wanted);
        const more = fixture.world.dynadot.requests.requests.slice(count);
        assert.ok(more.every(({ method }) => method === "GET"));
        await fixture.provider.delete(DELEGATION, again);
        assert.equal(fixture.world.domain("omantel.example").mode, "name-servers");
        assert.match(
            fixture.provider.messages.at(-1)?.message ?? "",
            /were the same before this program/,
        );
    });

    it("finds out what became of writes whose answers were lost", async () => {
        const ds = await fixture.child(DOMAIN);
        for (const operation of ["register_ns", "set_ns", "set_dnssec"])
            fixture.world.dynadot.faults.add({ operation, action: { kind: "drop-reply" } });
        await fixture.provider.create(DELEGATION, fixture.program(DOMAIN, "dynadot-registrar", ds));
        await fixture.validates(`ns1.${DOMAIN}`);
        assert.equal(fixture.world.domain("omantel.example").ds.length, 1);
    });

    it("refuses a domain with records on Dynadot's own DNS, before it touches anything", async () => {
        const domain = "omani-dynadot.example.";
        const wanted = fixture.program(domain, "dynadot-registrar", [], { wait: false });
        assert.match(
            await refusal(fixture.provider.create(DELEGATION, wanted)),
            /^omani-dynadot\.example\. has 6 records on Dynadot's own DNS, which would be gone/,
        );
        assert.ok(fixture.world.dynadot.requests.requests.every(({ method }) => method === "GET"));
    });

    it("keeps in the state what it could not finish, and goes on from there", async () => {
        const ds = await fixture.child(DOMAIN);
        fixture.world.dynadot.setSwitches({ dnssecSupported: false });
        const wanted = fixture.program(DOMAIN, "dynadot-registrar", ds);
        const failure = await failedCall(fixture.provider.create(DELEGATION, wanted));
        assert.match(failure.message, /This domain doesn't support DNSSEC/);
        assert.deepEqual(failure.partial?.state.registeredHosts, [
            `ns1.${DOMAIN}`,
            `ns2.${DOMAIN}`,
        ]);
        fixture.world.dynadot.setSwitches({ dnssecSupported: true });
        const partial = {
            id: failure.partial.id,
            state: failure.partial.state,
            inputs: failure.partial.state,
        };
        const updated = await fixture.provider.update(DELEGATION, partial, wanted);
        await fixture.validates(`ns1.${DOMAIN}`);
        await fixture.provider.delete(DELEGATION, updated);
        assert.equal(fixture.world.domain("omantel.example").mode, "parking");
    });

    it("has one request in flight, over all processes of the machine", async () => {
        const ds = await fixture.child(DOMAIN);
        const created = await fixture.provider.create(
            DELEGATION,
            fixture.program(DOMAIN, "dynadot-registrar", ds),
        );
        const other = await ProviderClient.start(fixture.world.config());
        const clients = [fixture.provider, other, fixture.provider, other];
        const read = await Promise.all(clients.map((c) => c.refresh(DELEGATION, created)));
        await other.stop();
        assert.deepEqual(read, [created, created, created, created]);
        const refused = fixture.world.dynadot.requests.requests.filter(
            ({ status }) => status === 429,
        );
        assert.deepEqual(refused, []);
    });

    it("never says key, secret or signature, in an error or on stderr", async () => {
        fixture.world.dynadot.faults.add({ times: 1, action: { kind: "html", status: 502 } });
        const stranger = await ProviderClient.start({
            ...fixture.world.config(),
            dynadotApiKey: "a-wrong-key-for-dynadot",
        });
        const wanted = fixture.program(DOMAIN, "dynadot-registrar", [], { wait: false });
        const message = await refusal(stranger.create(DELEGATION, wanted));
        assert.match(
            message,
            /^Dynadot refused to read the name servers of omantel\.example\.: invalid api key/,
        );
        for (const text of [message, stranger.stderr])
            assert.doesNotMatch(text, /a-wrong-key-for-dynadot|lab-dynadot-secret/);
        await stranger.stop();
    });
});
