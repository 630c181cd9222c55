// Proves, with the real plugin process over gRPC and an emulator of each registrar: name servers are read before they are
// written, written once, kept and put back; a refusal for too many requests and a lost reply are got over in real time
// (tests/provider/dns/faults has every fault at every request, and readings that differ); no credential appears in an error, a message, the
// state or on stderr.
// Does not prove what the live registrars do: the emulators are built from their documentation.
import assert from "node:assert/strict";
import { ProviderClient, secret, type Props } from "../../support/client.ts";
import { DELEGATION, OWNER } from "../../support/delegationFixture.ts";
import { DnsWorld } from "../../support/dnsWorld.ts";
import { refusal } from "../../support/refusal.ts";
import { DYNADOT_TARGET, EMULATED_TARGETS, type RunningRegistrar } from "./targets.ts";

const SERVERS = ["ns1.operator.test", "ns2.operator.test"];
const OTHERS = ["ns3.operator.test", "ns4.operator.test"];

for (const target of [DYNADOT_TARGET, ...EMULATED_TARGETS])
    describe(`delegations at ${target.name}`, function () {
        this.timeout(120_000);
        let world: DnsWorld;
        let registrar: RunningRegistrar;
        let provider: ProviderClient;

        before(async () => {
            world = await DnsWorld.start();
            provider = await ProviderClient.start({ ...world.config(), ...target.config(world) });
        });
        beforeEach(async () => {
            registrar = await target.start(world);
        });
        afterEach(() => registrar.stop());
        after(async () => {
            await provider.stop();
            await world.stop();
        });

        const program = (names: readonly string[] = SERVERS, more: Props = {}): Props => ({
            domain: target.domain,
            via: target.via,
            nameServers: names.map((name) => ({ name })),
            owner: OWNER,
            wait: false,
            ...more,
        });
        const sets = () => registrar.writes().filter((name) => name === target.setOperation).length;
        const state = async () => JSON.stringify(await provider.create(DELEGATION, program()));

        it("sets name servers once, changes them, and puts the old ones back", async () => {
            const created = await provider.create(DELEGATION, program());
            assert.deepEqual([...registrar.nameServers()].sort(), SERVERS);
            assert.deepEqual(created.state.previousNameServers, target.initially);
            assert.equal(sets(), 1);
            assert.deepEqual(await provider.refresh(DELEGATION, created), created);

            const changed = await provider.update(DELEGATION, created, program(OTHERS));
            assert.deepEqual([...registrar.nameServers()].sort(), OTHERS);
            assert.deepEqual(changed.state.previousNameServers, target.initially);
            assert.equal(sets(), 2);

            await provider.delete(DELEGATION, changed);
            assert.deepEqual([...registrar.nameServers()].sort(), [...target.restored].sort());
        });

        it("writes nothing when there is nothing to change", async () => {
            await provider.create(DELEGATION, program());
            const before = registrar.writes().length;
            const again = await provider.create(DELEGATION, program([...SERVERS].reverse()));
            assert.equal(registrar.writes().length, before);
            await provider.delete(DELEGATION, again);
            assert.deepEqual([...registrar.nameServers()].sort(), SERVERS);
        });

        it("changes nothing in a preview", async () => {
            await provider.previewCreate(DELEGATION, program());
            assert.deepEqual(registrar.writes(), []);
        });

        it("gets over too many requests and a reply that is lost, and writes once", async () => {
            registrar.fault(undefined, target.tooMany);
            registrar.fault(target.setOperation, { kind: "drop-reply" });
            const created = await provider.create(DELEGATION, program());
            assert.deepEqual([...registrar.nameServers()].sort(), SERVERS);
            assert.deepEqual(created.state.previousNameServers, target.initially);
            assert.equal(sets(), 1);
        });

        it("refuses a domain that is not of the account", async () => {
            const wanted = program(SERVERS, { domain: "stranger.example" });
            assert.match(await refusal(provider.create(DELEGATION, wanted)), target.foreignDomain);
            assert.deepEqual(registrar.writes(), []);
        });

        for (const key of target.secretKeys)
            it(`says that ${key} is wrong, and never what it is`, async () => {
                const wrong = `a-wrong-${key}`;
                const config = { ...world.config(), ...target.config(world), [key]: secret(wrong) };
                const stranger = await ProviderClient.start(config);
                const message = await refusal(stranger.create(DELEGATION, program()));
                for (const text of [message, stranger.stderr, JSON.stringify(stranger.messages)])
                    assert.doesNotMatch(
                        text,
                        new RegExp(`${wrong}|lab-[a-z]+-(?:key|secret|token)`),
                    );
                assert.match(message, /refused/);
                if (key === target.secretKeys[0]) assert.match(message, target.unknownCredential);
                await stranger.stop();
            });

        it("keeps credentials out of the state and the log", async () => {
            registrar.fault(target.setOperation, { kind: "drop-reply" });
            for (const text of [await state(), JSON.stringify(provider.messages), provider.stderr])
                assert.doesNotMatch(
                    text,
                    /lab-(?!instance)[a-z]+-(?:key|secret|token|consumer|application)/,
                );
        });

        it("leaves a retained delegation", async () => {
            const created = await provider.create(DELEGATION, program(SERVERS, { retain: true }));
            await provider.delete(DELEGATION, created);
            assert.deepEqual([...registrar.nameServers()].sort(), SERVERS);
        });

        it("imports what is there and leaves it on destroy", async () => {
            await provider.create(DELEGATION, program());
            const imported = await provider.import(DELEGATION, `${target.via}/${target.domain}`);
            assert.deepEqual(
                imported?.state.previousNameServers,
                SERVERS.map((name) => `${name}.`),
            );
        });
    });
