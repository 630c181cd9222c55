// Proves, with the real plugin process over gRPC and an emulator of each registrar: name servers are read before they are
// written, written once, verified by reading back, kept and put back; faults end in the wanted state or in a clear error; no
// credential appears in an error, a message, the state or on stderr.
// Does not prove what the live registrars do: the emulators are built from their documentation.
import assert from "node:assert/strict";
import type { FaultAction } from "../../../../lab/dynadot/faults.ts";
import { ProviderClient, secret, type Props } from "../../support/client.ts";
import { DELEGATION, OWNER } from "../../support/delegationFixture.ts";
import { DnsWorld } from "../../support/dnsWorld.ts";
import { failedCall, refusal } from "../../support/refusal.ts";
import { DYNADOT_TARGET, EMULATED_TARGETS, type RunningRegistrar } from "./targets.ts";

const SERVERS = ["ns1.operator.test", "ns2.operator.test"];
const OTHERS = ["ns3.operator.test", "ns4.operator.test"];

for (const target of [DYNADOT_TARGET, ...EMULATED_TARGETS])
    describe(`delegations at ${target.name}`, function () {
        this.timeout(120_000);
        let world: DnsWorld;
        let registrar: RunningRegistrar;
        let provider: ProviderClient;

        const open = async () => {
            world = await DnsWorld.start();
            provider = await ProviderClient.start({ ...world.config(), ...target.config(world) });
        };
        const close = async () => {
            await provider.stop();
            await world.stop();
        };
        (target.keepsWorld ? before : beforeEach)(open);
        beforeEach(async () => {
            registrar = await target.start(world);
        });
        afterEach(() => registrar.stop());
        (target.keepsWorld ? after : afterEach)(close);

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

        it("leaves name servers alone that somebody else has set since", async () => {
            const created = await provider.create(DELEGATION, program());
            const other = await provider.update(DELEGATION, created, program(OTHERS));
            await provider.delete(DELEGATION, created);
            assert.deepEqual([...registrar.nameServers()].sort(), OTHERS);
            assert.match(provider.messages.at(-1)?.message ?? "", /which are not this program's/);
            const message = await refusal(
                provider.update(
                    DELEGATION,
                    {
                        ...created,
                        state: { ...created.state, previousNameServers: ["ns.before.test."] },
                    },
                    program(["ns5.operator.test", "ns6.operator.test"]),
                ),
            );
            assert.match(
                message,
                /were changed by somebody else: they now are ns3\.operator\.test\./,
            );
            await provider.delete(DELEGATION, other);
        });

        const recovered: readonly (readonly [string, string | undefined, FaultAction])[] = [
            ["too many requests", target.setOperation, target.tooMany],
            ["too many requests while reading", undefined, target.tooMany],
            ["a connection that drops before", target.setOperation, { kind: "drop-request" }],
            ["a reply that is lost", target.setOperation, { kind: "drop-reply" }],
            ["half a reply", target.setOperation, { kind: "half-reply" }],
            ["half a body", target.setOperation, { kind: "truncated-body" }],
            ["a proxy's page", target.setOperation, { kind: "html", status: 502 }],
            ["a proxy's page while reading", undefined, { kind: "html", status: 502 }],
        ];
        for (const [name, operation, action] of recovered)
            it(`gets over ${name}`, async () => {
                registrar.fault(operation, action);
                const created = await provider.create(DELEGATION, program());
                assert.deepEqual([...registrar.nameServers()].sort(), SERVERS);
                assert.deepEqual(created.state.previousNameServers, target.initially);
                const done = new Set(["drop-reply", "half-reply"]);
                if (done.has(action.kind)) assert.equal(sets(), 1);
            });

        it("is loud where reading back shows something else", async () => {
            registrar.ignoreWrites();
            const failure = await failedCall(provider.create(DELEGATION, program()));
            assert.match(failure.message, /but reading it back (?:shows|does not show)/);
            assert.deepEqual(failure.partial?.state.previousNameServers, target.initially);
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
