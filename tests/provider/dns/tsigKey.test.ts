// Proves, with the real plugin process against the real PowerDNS: a TSIG key is created, changed, imported and deleted; one with
// another secret is somebody else's and stays; the secret is secret everywhere.
// Does not prove what a key may change: updatePolicy.test.ts does.
import assert from "node:assert/strict";
import { isSecret, ProviderClient, secret, type Props } from "../support/client.ts";
import { refusal } from "../support/refusal.ts";
import { zoneFixture } from "../support/zoneFixture.ts";

const TYPE = "sovereign:dns:TsigKey";
const NAME = "issuer.tenant.omani.example.";
const OURS = Buffer.alloc(32, 1).toString("base64");
const THEIRS = Buffer.alloc(32, 2).toString("base64");

const program = (more: Props = {}): Props => ({ name: NAME, secret: secret(OURS), ...more });

describe("sovereign:dns:TsigKey", function () {
    this.timeout(60_000);
    const fixture = zoneFixture();

    afterEach(async () => {
        await fixture.lab.api("DELETE", `/tsigkeys/${NAME}`).catch(() => undefined);
    });

    const live = () => fixture.lab.api("GET", `/tsigkeys/${NAME}`) as Promise<Props>;
    const foreign = (key = THEIRS) =>
        fixture.lab.api("POST", "/tsigkeys", { name: NAME, algorithm: "hmac-sha256", key });

    it("is created with its secret, which is secret in inputs and state, and needs nothing more", async () => {
        const made = await fixture.provider.create(TYPE, program());
        const { key, algorithm } = await live();
        assert.deepEqual([made.id, key, algorithm], [NAME, OURS, "hmac-sha256"]);
        assert.ok(isSecret(made.state.secret));
        assert.deepEqual(await fixture.provider.refresh(TYPE, made), made);
        assert.deepEqual((await fixture.provider.diff(TYPE, made, program())).detailed, {});
    });

    it("keeps the secret secret where the program forgot to", async () => {
        const made = await fixture.provider.create(TYPE, program({ secret: OURS }));
        assert.ok(isSecret(made.state.secret));
    });

    it("changes secret and algorithm in place", async () => {
        const made = await fixture.provider.create(TYPE, program());
        const next = program({ secret: secret(THEIRS), algorithm: "hmac-sha512" });
        const diff = await fixture.provider.diff(TYPE, made, next);
        assert.deepEqual(Object.keys(diff.detailed).sort(), ["algorithm", "secret"]);
        assert.deepEqual(diff.replaces, []);
        await fixture.provider.update(TYPE, made, next);
        const { key, algorithm } = await live();
        assert.deepEqual([key, algorithm], [THEIRS, "hmac-sha512"]);
    });

    it("is taken up after a crash, and when the answer was lost", async () => {
        await fixture.provider.create(TYPE, program());
        const other = await ProviderClient.start(fixture.lab.config());
        try {
            assert.equal((await other.create(TYPE, program())).id, NAME);
        } finally {
            await other.stop();
        }
        await fixture.lab.api("DELETE", `/tsigkeys/${NAME}`);
        const third = await ProviderClient.start(fixture.lab.config(fixture.proxy.url));
        try {
            fixture.proxy.loseAnswers("POST", 1);
            assert.equal((await third.create(TYPE, program())).id, NAME);
        } finally {
            await third.stop();
        }
        assert.equal((await live()).key, OURS);
    });

    it("refuses one with another secret, without telling either, and adopts it when told to", async () => {
        await foreign();
        const message =
            `a TSIG key ${NAME} is at PowerDNS already, with another secret than ours: somebody may use it. Nothing was changed. ` +
            `Take another name; or, if it may be taken over, import it (pulumi import sovereign:dns:TsigKey <name> ${NAME}) or set \`adopt: true\` on the resource.`;
        await fixture.provider.previewCreate(TYPE, program());
        assert.deepEqual(
            fixture.provider.messages.map((m) => m.message),
            [`this will be refused: ${message}`],
        );
        assert.equal(await refusal(fixture.provider.create(TYPE, program())), message);
        assert.equal((await live()).key, THEIRS);
        await fixture.provider.create(TYPE, program({ adopt: true }));
        assert.equal((await live()).key, OURS);
    });

    it("shows in a refresh what somebody has changed, and that it is gone", async () => {
        const made = await fixture.provider.create(TYPE, program());
        await fixture.lab.api("DELETE", `/tsigkeys/${NAME}`);
        assert.equal(await fixture.provider.refresh(TYPE, made), undefined);
        await foreign();
        const seen = await fixture.provider.refresh(TYPE, made);
        assert.ok(seen);
        assert.ok(isSecret(seen.state.secret));
        const diff = await fixture.provider.diff(TYPE, seen, program());
        assert.deepEqual(Object.keys(diff.detailed), ["secret"]);
    });

    it("is imported by its name, and deleted; one that became somebody else's stays", async () => {
        await foreign(OURS);
        const imported = await fixture.provider.import(TYPE, NAME.slice(0, -1));
        assert.ok(imported);
        assert.deepEqual((await fixture.provider.diff(TYPE, imported, program())).detailed, {});
        await fixture.provider.delete(TYPE, imported);
        await assert.rejects(live(), /404/);
        await fixture.provider.delete(TYPE, imported);
        await foreign();
        await fixture.provider.delete(TYPE, imported);
        assert.equal((await live()).key, THEIRS);
        assert.match(fixture.provider.messages.at(-1)?.message ?? "", /is left as it is/);
    });

    it("is checked offline", async () => {
        const { failures } = await fixture.provider.check(TYPE, {
            name: "a..b",
            secret: secret("c2hvcnQ="),
            algorithm: "hmac-md5",
        });
        assert.deepEqual(
            failures.map(({ property }) => property),
            ["algorithm", "secret"],
        );
        const named = await fixture.provider.check(TYPE, program({ name: "a..b" }));
        assert.deepEqual(
            named.failures.map(({ property }) => property),
            ["name"],
        );
        assert.doesNotMatch(JSON.stringify(failures), /c2hvcnQ/);
    });
});
