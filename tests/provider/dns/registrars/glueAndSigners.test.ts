// Proves, with the real plugin process, the real PowerDNS and emulated registrars: glue and DS records go where the API takes
// them, in the order that keeps the domain valid; what it does not take is refused with what to enter by hand, and not asked
// for where a person said so; DS records of another zone stand in the way.
// Does not prove what the live registrars do: the emulators are built from their documentation.
import assert from "node:assert/strict";
import { REGISTRAR_CREDENTIALS } from "../../../../lab/registrars/credentials.ts";
import { EmulatedRegistrar } from "../../../../lab/registrars/emulatedRegistrar.ts";
import { GODADDY_NAME_SERVERS, GoDaddyApi } from "../../../../lab/registrars/godaddyApi.ts";
import { NAMECHEAP_NAME_SERVERS, NamecheapApi } from "../../../../lab/registrars/namecheapApi.ts";
import { OVH_NAME_SERVERS, OvhApi } from "../../../../lab/registrars/ovhApi.ts";
import { RegisteredDomains } from "../../../../lab/registrars/registeredDomains.ts";
import { ProviderClient, secret } from "../../support/client.ts";
import { DELEGATION, delegationFixture, OWNER } from "../../support/delegationFixture.ts";
import { failedCall, refusal } from "../../support/refusal.ts";

const DOMAIN = "customer.example.";
const BARE = "customer.example";

describe("glue and DS records at registrars", function () {
    this.timeout(120_000);
    const fixture = delegationFixture();
    const running: { stop(): Promise<void> }[] = [];

    afterEach(async () => {
        for (const part of running.splice(0).reverse()) await part.stop();
    });

    const domains = (own: readonly string[]) =>
        new RegisteredDomains([BARE], own, fixture.world.powerDns.powerDns.registry);
    const listening = async (api: OvhApi | NamecheapApi | GoDaddyApi, held: RegisteredDomains) => {
        const host = `${fixture.world.powerDns.lab.context.addresses.prefix}.0.20`;
        const emulator = new EmulatedRegistrar(api, held, { host, port: 8080 });
        await emulator.start();
        running.push(emulator);
        const provider = await ProviderClient.start({
            ...fixture.world.config(),
            ovhUrl: `http://${host}:8080/1.0`,
            ovhApplicationKey: secret(REGISTRAR_CREDENTIALS.ovhApplicationKey),
            ovhApplicationSecret: secret(REGISTRAR_CREDENTIALS.ovhApplicationSecret),
            ovhConsumerKey: secret(REGISTRAR_CREDENTIALS.ovhConsumerKey),
            namecheapUrl: `http://${host}:8080/xml.response`,
            namecheapApiUser: REGISTRAR_CREDENTIALS.namecheapApiUser,
            namecheapApiKey: secret(REGISTRAR_CREDENTIALS.namecheapApiKey),
            namecheapClientIp: REGISTRAR_CREDENTIALS.namecheapClientIp,
            godaddyUrl: `http://${host}:8080`,
            godaddyApiKey: secret(REGISTRAR_CREDENTIALS.godaddyApiKey),
            godaddyApiSecret: secret(REGISTRAR_CREDENTIALS.godaddyApiSecret),
        });
        running.push(provider);
        const written = () =>
            emulator.requests.map(({ operation }) => operation).filter((o) => !/get/i.test(o));
        return { emulator, provider, written };
    };

    it("writes glue, name servers and keys at OVHcloud, which validates, and takes them back", async () => {
        const held = domains(OVH_NAME_SERVERS);
        const { provider, written } = await listening(new OvhApi(held), held);
        const ds = await fixture.child(DOMAIN);
        const wanted = fixture.program(DOMAIN, "ovh-registrar", ds);
        const created = await provider.create(DELEGATION, wanted);
        assert.deepEqual(written(), [
            "post /domain/glueRecord",
            "post /domain/glueRecord",
            "put /domain",
            "post /domain/nameServers/update",
            "post /domain/dsRecord",
        ]);
        await fixture.validates(`ns1.${DOMAIN}`);
        assert.deepEqual(await provider.refresh(DELEGATION, created), created);
        await provider.delete(DELEGATION, created);
        assert.deepEqual(written().slice(5), [
            "post /domain/dsRecord",
            "put /domain",
            "delete /domain/glueRecord",
            "delete /domain/glueRecord",
        ]);
        const domain = held.find(BARE);
        assert.deepEqual([domain?.own, domain?.hosts, domain?.keys], [true, {}, []]);
    });

    it("keeps in the state what a failed task left at OVHcloud, and goes on from there", async () => {
        const held = domains(OVH_NAME_SERVERS);
        const api = new OvhApi(held);
        const { provider } = await listening(api, held);
        const ds = await fixture.child(DOMAIN);
        const wanted = fixture.program(DOMAIN, "ovh-registrar", ds);
        api.taskStatus = "error";
        const failure = await failedCall(provider.create(DELEGATION, wanted));
        assert.match(failure.message, /its task 1 ended with error: the registry refused/);
        api.taskStatus = "done";
        const { id = "", state = {} } = failure.partial ?? {};
        const updated = await provider.update(DELEGATION, { id, state, inputs: state }, wanted);
        await fixture.validates(`ns1.${DOMAIN}`);
        await provider.delete(DELEGATION, updated);
        assert.equal(held.find(BARE)?.own, true);
    });

    it("refuses glue that the registry behind OVHcloud cannot hold", async () => {
        const held = domains(OVH_NAME_SERVERS);
        const api = new OvhApi(held);
        api.abilities = { ...api.abilities, hostSupported: false };
        const { provider, written } = await listening(api, held);
        const wanted = fixture.program(DOMAIN, "ovh-registrar", [], { wait: false });
        assert.match(
            await refusal(provider.create(DELEGATION, wanted)),
            /^the registry of customer\.example\. has no host records of their own, and ns1\.customer\.example\. lies in customer\.example\. itself\. Either use name servers outside of it, or say byHand: \["glue"\] and first enter by hand in OVHcloud's control panel: the host ns1/,
        );
        assert.deepEqual(written(), []);
    });

    it("registers one IPv4 address per host at Namecheap, moves it, and deletes the host again", async () => {
        const held = domains(NAMECHEAP_NAME_SERVERS);
        const { provider } = await listening(new NamecheapApi(), held);
        const wanted = fixture.program(DOMAIN, "namecheap-registrar", [], { wait: false });
        const created = await provider.create(DELEGATION, wanted);
        const [first, second] = fixture.world.servers;
        assert.deepEqual(held.find(BARE)?.hosts, {
            "ns1.customer.example": [first],
            "ns2.customer.example": [second],
        });
        const moved = await provider.update(DELEGATION, created, {
            ...wanted,
            nameServers: [
                { name: `ns1.${DOMAIN}`, addresses: [second] },
                { name: `ns2.${DOMAIN}`, addresses: [second] },
            ],
        });
        assert.deepEqual(held.find(BARE)?.hosts["ns1.customer.example"], [second]);
        await provider.delete(DELEGATION, moved);
        assert.deepEqual([held.find(BARE)?.own, held.find(BARE)?.hosts], [true, {}]);
    });

    it("leaves a host alone that somebody else registered with another address", async () => {
        const held = domains(NAMECHEAP_NAME_SERVERS);
        await held.change(BARE, () => ({ hosts: { "ns1.customer.example": ["192.0.2.99"] } }));
        const { provider, written } = await listening(new NamecheapApi(), held);
        const wanted = fixture.program(DOMAIN, "namecheap-registrar", [], { wait: false });
        assert.match(
            await refusal(provider.create(DELEGATION, wanted)),
            /^the host ns1\.customer\.example\. is registered at Namecheap with 192\.0\.2\.99, not with 127\./,
        );
        assert.deepEqual(
            written().filter((command) => !/getList|getInfo/.test(command)),
            [],
        );
    });

    it("refuses in the check what GoDaddy's and Namecheap's APIs do not take, and says what to enter", async () => {
        const ds = `1 13 2 ${"ab".repeat(32)}`;
        const atGoDaddy = await fixture.provider.check(DELEGATION, {
            domain: BARE,
            via: "godaddy-registrar",
            nameServers: [{ name: "ns1.customer.example", addresses: ["192.0.2.1"] }],
            ds: [ds],
            owner: OWNER,
        });
        assert.deepEqual(atGoDaddy.failures, [
            {
                property: "nameServers[0].addresses",
                reason: "GoDaddy's API has no host records, and ns1.customer.example. lies in customer.example. itself. Either use name servers outside of it, or say byHand: [\"glue\"] and first enter by hand in GoDaddy's control panel: the host ns1.customer.example. with 192.0.2.1",
            },
            {
                property: "ds",
                reason: `GoDaddy's API takes no DS records. Either leave customer.example. unsigned, or say byHand: ["ds"] and enter by hand in GoDaddy's control panel, once the name servers are set: DS ${ds}`,
            },
        ]);
        const atNamecheap = await fixture.provider.check(DELEGATION, {
            domain: BARE,
            via: "namecheap-registrar",
            nameServers: [
                { name: "ns1.customer.example", addresses: ["192.0.2.1"] },
                { name: "ns2.customer.example", addresses: ["192.0.2.2", "2001:db8::2"] },
            ],
            owner: OWNER,
        });
        assert.deepEqual(
            atNamecheap.failures.map(({ property }) => property),
            ["nameServers[1].addresses"],
        );
    });

    it("tells what to enter by hand, accepts it once it is there, and does not leave it behind a changed delegation", async () => {
        const held = domains(GODADDY_NAME_SERVERS);
        const { provider } = await listening(new GoDaddyApi(), held);
        const ds = await fixture.child(DOMAIN);
        const wanted = fixture.program(DOMAIN, "godaddy-registrar", ds, { byHand: ["ds", "glue"] });
        const created = await provider.create(DELEGATION, wanted);
        const [first, second] = fixture.world.servers;
        assert.match(
            provider.messages.at(-1)?.message ?? "",
            new RegExp(
                `GoDaddy's API is not asked for this; enter it by hand in GoDaddy's control panel: the host ns1\\.customer\\.example\\. with ${first}; the host ns2\\.customer\\.example\\. with ${second}; DS ${ds[0] ?? ""}`,
            ),
        );
        await publish(`${DOMAIN} DS`, ds);
        assert.match(
            await refusal(provider.delete(DELEGATION, created)),
            /publishes DS .*, and GoDaddy's API cannot withdraw it.*Nothing was changed/,
        );
        assert.deepEqual(held.find(BARE)?.nameServers, [
            "ns1.customer.example",
            "ns2.customer.example",
        ]);
    });

    it("refuses to change name servers under a DS of another zone's key", async () => {
        const held = domains(GODADDY_NAME_SERVERS);
        await held.change(BARE, () => ({
            nameServers: ["ns1.before.test", "ns2.before.test"],
            own: false,
        }));
        await publish(`${DOMAIN} DS`, [`1 13 2 ${"ab".repeat(32)}`]);
        const { provider } = await listening(new GoDaddyApi(), held);
        const wanted = {
            domain: DOMAIN,
            via: "godaddy-registrar",
            nameServers: [{ name: "ns1.operator.test", addresses: [fixture.world.servers[0]] }],
            owner: OWNER,
            wait: false,
        };
        assert.match(
            await refusal(provider.create(DELEGATION, wanted)),
            /^the parent of customer\.example\. publishes DS 1 13 2 abab.*, which speaks of no key of the new zone.*Turn DNSSEC off in GoDaddy's control panel/,
        );
        assert.deepEqual(held.find(BARE)?.nameServers, ["ns1.before.test", "ns2.before.test"]);
    });

    /** Writes into the top-level zone as the registry does for what a person enters. */
    async function publish(set: string, contents: readonly string[]): Promise<void> {
        const [name = "", type = ""] = set.split(" ");
        await fixture.world.powerDns.patch("example.", {
            name,
            type,
            changetype: "REPLACE",
            ttl: 60,
            records: contents.map((content) => ({ content })),
        });
    }
});
