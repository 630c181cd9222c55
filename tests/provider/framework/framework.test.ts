// Proves, through a real plugin process over gRPC: check failures by property path, defaults, detailed diffs, unknowns and
// secrets in both directions, redaction, partial failures, logging, cancellation and timeouts.
// Does not prove what any real resource does, nor that the real engine is content (the end-to-end tests do).
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { status } from "@grpc/grpc-js";
import { eventually } from "../../support/eventually.ts";
import { ProviderClient, isSecret, secret, unknown } from "../support/client.ts";
import { failedCall } from "../support/refusal.ts";

const THING = "sovereign:test:Thing";
const PLUGIN = fileURLToPath(new URL("./fixture/plugin.ts", import.meta.url));

describe("the provider framework", () => {
    let provider: ProviderClient;

    beforeEach(async () => {
        provider = await ProviderClient.start(
            { dynadotApiKey: secret("configured-credential") },
            {},
            PLUGIN,
        );
    });
    afterEach(async () => {
        await provider.stop();
    });

    it("writes nothing but its port", () => {
        assert.equal(provider.stderr, "");
    });

    describe("check", () => {
        it("fills in defaults", async () => {
            const { inputs, failures } = await provider.check(THING, { name: "abc" });
            assert.deepEqual(failures, []);
            assert.deepEqual(inputs, { name: "abc", size: 1, tags: [], behaviour: "ordinary" });
        });

        it("reports every failure at its property path", async () => {
            const { failures } = await provider.check(THING, {
                size: "big",
                tags: [{ key: "a", value: "b" }, { key: "c" }],
                nmae: "typo",
            });
            assert.deepEqual(failures, [
                { property: "name", reason: "is required, but nothing was given" },
                { property: "size", reason: "Invalid input: expected number, received string" },
                {
                    property: "tags[1].value",
                    reason: "Invalid input: expected string, received undefined",
                },
                {
                    property: "nmae",
                    reason: "there is no such property; expected one of name, size, tags, password, behaviour, note",
                },
            ]);
        });

        it("asks the resource only once the schema is satisfied", async () => {
            const { failures } = await provider.check(THING, { name: "abc", size: 13 });
            assert.deepEqual(failures, [{ property: "size", reason: "13 is not wanted" }]);
        });

        it("lets unknowns through and still checks what is known beside them", async () => {
            const good = { name: unknown, tags: [{ key: unknown, value: "b" }] };
            assert.deepEqual(await provider.check(THING, good), {
                inputs: { ...good, size: 1, behaviour: "ordinary" },
                failures: [],
            });
            const { failures } = await provider.check(THING, {
                name: "abc",
                tags: [{ key: unknown, value: 5 }],
            });
            assert.deepEqual(
                failures.map((f) => f.property),
                ["tags[0].value"],
            );
        });

        it("keeps secrets secret, also those the program forgot to mark", async () => {
            const { inputs } = await provider.check(THING, {
                name: secret("abc"),
                password: "plain",
            });
            assert.ok(isSecret(inputs.name));
            assert.ok(isSecret(inputs.password));
        });
    });

    describe("diff", () => {
        const program = { name: "abc", tags: [{ key: "a", value: "1" }] };

        it("finds nothing changed", async () => {
            const thing = await provider.create(THING, program);
            const diff = await provider.diff(THING, thing, program);
            assert.deepEqual(diff, {
                changes: false,
                detailed: {},
                replaces: [],
                deleteBeforeReplace: false,
            });
        });

        it("names the smallest changed path", async () => {
            const thing = await provider.create(THING, program);
            const diff = await provider.diff(THING, thing, {
                name: "abc",
                tags: [
                    { key: "a", value: "2" },
                    { key: "b", value: "3" },
                ],
                note: "new",
            });
            assert.deepEqual(diff.detailed, {
                "tags[0].value": "UPDATE",
                "tags[1]": "ADD",
                note: "ADD",
            });
            assert.deepEqual(diff.replaces, []);
        });

        it("replaces, deleting first, for the inputs that say so", async () => {
            const thing = await provider.create(THING, program);
            const diff = await provider.diff(THING, thing, { ...program, name: "other" });
            assert.deepEqual(diff, {
                changes: true,
                detailed: { name: "UPDATE_REPLACE" },
                replaces: ["name"],
                deleteBeforeReplace: true,
            });
        });

        it("takes an unknown for a change", async () => {
            const thing = await provider.create(THING, program);
            const diff = await provider.diff(THING, thing, { ...program, size: unknown });
            assert.deepEqual(diff.detailed, { size: "UPDATE" });
        });
    });

    describe("preview", () => {
        it("foretells what it can, and the rest is unknown", async () => {
            assert.deepEqual(await provider.previewCreate(THING, { name: "abc" }), {
                name: "abc",
                size: 1,
                tags: [],
                behaviour: "ordinary",
                greeting: unknown,
                token: secret(unknown),
                length: 3,
            });
            const { length } = await provider.previewCreate(THING, { name: unknown });
            assert.equal(length, unknown);
        });

        it("keeps outputs of an update that nothing touches", async () => {
            const thing = await provider.create(THING, { name: "abc" });
            const { greeting } = await provider.previewUpdate(THING, thing, {
                name: "abc",
                size: 2,
            });
            assert.equal(greeting, "hello abc");
        });
    });

    describe("secrets", () => {
        it("are wrapped again in the outputs: by name, by declaration, by derivation", async () => {
            const plain = await provider.create(THING, { name: "abc" });
            assert.equal(plain.state.greeting, "hello abc");
            const { state } = await provider.create(THING, {
                name: "abc",
                password: secret("hunter2hunter2"),
                note: secret("!"),
            });
            assert.deepEqual(
                Object.keys(state).filter((key) => isSecret(state[key])),
                ["password", "note", "greeting", "token"].sort(
                    (a, b) => Object.keys(state).indexOf(a) - Object.keys(state).indexOf(b),
                ),
            );
        });

        it("never appear in an error, not in a cause, not escaped for a URL", async () => {
            const error = await failedCall(
                provider.create(THING, {
                    name: "abc",
                    behaviour: "leak",
                    password: secret("p&ss wörd"),
                }),
            );
            assert.equal(error.message, "outer: refused ?key=[secret] [secret]");
        });

        it("never appear in the log", async () => {
            await provider.create(THING, {
                name: "abc",
                behaviour: "log",
                password: secret("hunter2hunter2"),
            });
            assert.deepEqual(
                provider.messages.map(({ severity, message, ephemeral }) => ({
                    severity,
                    message,
                    ephemeral,
                })),
                [
                    { severity: "warning", message: "warned about [secret]", ephemeral: false },
                    { severity: "info", message: "told", ephemeral: false },
                ],
            );
        });
    });

    it("hands the engine the state of a half-made resource", async () => {
        const error = await failedCall(
            provider.create(THING, {
                name: "abc",
                behaviour: "partial",
                password: secret("hunter2hunter2"),
            }),
        );
        assert.equal(error.partial?.id, "abc");
        assert.deepEqual(error.partial.reasons, ["half done with [secret]"]);
        assert.equal(error.partial.state.greeting, "hello abc");
        assert.ok(isSecret(error.partial.state.token));
        assert.ok(isSecret(error.partial.state.password));
    });

    it("lets what is being written come to its end when the engine cancels, and begins nothing more", async () => {
        const writing = provider.create(THING, { name: "abc", behaviour: "write" });
        await eventually("the status message", () => {
            assert.deepEqual(
                provider.messages.map(({ message }) => message),
                ["writing"],
            );
        });
        await provider.cancel();
        assert.equal((await writing).state.greeting, "hello abc");
        const { code } = await failedCall(
            provider.create(THING, { name: "abc", behaviour: "hang" }),
        );
        assert.equal(code, status.CANCELLED);
    });

    it("ends waits when the engine cancels", async () => {
        const hanging = failedCall(provider.create(THING, { name: "abc", behaviour: "hang" }));
        await eventually("the status message", () => {
            assert.deepEqual(
                provider.messages.map((m) => [m.message, m.ephemeral]),
                [["waiting for nothing", true]],
            );
        });
        await provider.cancel();
        const error = await hanging;
        assert.equal(error.code, status.CANCELLED);
        assert.equal(error.message, "the engine cancelled the operation");
    });

    it("aborts after the resource's own timeout", async () => {
        const error = await failedCall(
            provider.create(THING, { name: "abc", behaviour: "hang" }, { timeoutSeconds: 0.1 }),
        );
        assert.equal(error.code, status.DEADLINE_EXCEEDED);
    });

    it("imports, refreshes and says what is gone", async () => {
        const imported = await provider.import(THING, "abc");
        assert.deepEqual(imported?.inputs, {
            name: "abc",
            size: 5,
            tags: [],
            behaviour: "ordinary",
        });
        const diff = await provider.diff(THING, imported, { name: "abc" });
        assert.deepEqual(diff.detailed, { size: "UPDATE" });
        assert.equal(await provider.import(THING, "gone"), undefined);
    });
});
