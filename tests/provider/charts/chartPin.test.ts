/**
 * Proves on the real provider process and the lab's real registry that a chart passes by the digest that Helm's push printed and by no other,
 * in previews, updates and where nothing changed; what is said of a version that is not there and of a registry that does not answer; that a
 * challenge (Bearer, Basic) is answered, and that neither another host nor a message ever gets to see the credentials. The challenges are a
 * stand-in's before the real registry, by the distribution spec; no vendor's registry was asked.
 */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OciRegistry } from "../../../lab/registry/ociRegistry.ts";
import { claimTestLab } from "../../support/labContext.ts";
import type { TestLab } from "../../support/labContext.ts";
import { ProviderClient, secret } from "../support/client.ts";
import type { Props } from "../support/client.ts";
import { GuardedRegistry } from "../support/guardedRegistry.ts";

const TYPE = "sovereign:charts:ChartPin";
const OTHER = `sha256:${"0".repeat(64)}`;
const LOGIN = { username: "robot", token: secret("pull-token-of-a-test") };
const BASIC = `Basic ${Buffer.from("robot:pull-token-of-a-test").toString("base64")}`;
const MANIFEST = "/v2/charts/sample/manifests/1.2.3";
const TOKEN = "/token?scope=repository%3Acharts%2Fsample%3Apull&service=registry.test";

describe("ChartPin", function () {
    this.timeout(60_000);
    let lab: TestLab;
    let registry: OciRegistry;
    let guarded: GuardedRegistry;
    let elsewhere: GuardedRegistry;
    let provider: ProviderClient;
    let directory: string;
    let address: string;
    let digest: string;

    const program = (host: string, changes: Props = {}): Props => ({
        chart: `oci://${host}/charts/sample`,
        version: "1.2.3",
        digest,
        configKey: "platformChartVersion",
        ...changes,
    });
    const failures = async (props: Props) => (await provider.check(TYPE, props)).failures;
    const write = (greeting: string) =>
        writeFile(join(directory, "values.yaml"), `greeting: ${greeting}\n`);
    const pushed = async () => (await registry.pushCharts())[0]?.digest ?? "";

    before(async () => {
        lab = await claimTestLab();
        const { host, port } = lab.context.addresses.registry;
        address = `${host}:${port}`;
        directory = join(lab.context.directory, "sample");
        await mkdir(directory, { recursive: true });
        await writeFile(
            join(directory, "Chart.yaml"),
            "apiVersion: v2\nname: sample\nversion: 1.2.3\n",
        );
        await write("hello");
        registry = new OciRegistry(lab.context, { charts: [directory] });
        await registry.start();
        digest = await pushed();
        guarded = await GuardedRegistry.start(`http://${address}`);
        elsewhere = await GuardedRegistry.start(`http://${address}`);
        provider = await ProviderClient.start();
    });

    beforeEach(() => {
        for (const each of [guarded, elsewhere]) {
            each.guard = { kind: "open" };
            each.requests.length = 0;
        }
    });

    after(async () => {
        await provider.stop();
        guarded.stop();
        elsewhere.stop();
        await registry.stop();
        await lab.release();
    });

    it("lets the chart pass that has the digest, in previews and for good, and writes nothing", async () => {
        await provider.previewCreate(TYPE, program(address));
        const made = await provider.create(TYPE, program(guarded.host));
        assert.equal(made.id, `oci://${guarded.host}/charts/sample`);
        assert.deepEqual(await provider.refresh(TYPE, made), made);
        await provider.delete(TYPE, made);
        assert.deepEqual(guarded.requests, [{ path: MANIFEST, authorization: undefined }]);
    });

    it("refuses any other, with both digests and what to do", async () => {
        assert.deepEqual(await failures(program(address, { digest: OTHER })), [
            {
                property: "digest",
                reason:
                    `the chart oci://${address}/charts/sample in version 1.2.3 is not the one that is pinned: expected ${OTHER}, found ${digest}\n` +
                    "  what to do: find out who published 1.2.3 anew, and why; nothing is installed until then\n" +
                    `  to take what is there now: pulumi config set platformChartVersion 1.2.3@${digest}`,
            },
        ]);
    });

    it("names a version that is not there", async () => {
        assert.deepEqual(await failures(program(address, { version: "1.2.4+build" })), [
            {
                property: "version",
                reason:
                    `whether the chart oci://${address}/charts/sample in version 1.2.4+build is ${digest} cannot be seen: ` +
                    `http://${address}/v2/charts/sample/manifests/1.2.4_build was answered with 404\n` +
                    "  what to do: publish that version, or give platformChartVersion one that is there",
            },
        ]);
    });

    it("refuses where it cannot see, since the pull might", async () => {
        const [failure] = await failures(program("127.0.0.1:1"));
        assert.equal(failure?.property, "version");
        assert.match(failure.reason, /http:\/\/127\.0\.0\.1:1 cannot be reached/);
        assert.match(failure.reason, /leave the digest out of platformChartVersion$/);
    });

    it("is not for what has no digest", async () => {
        const found = await failures(program(address, { chart: "./charts/x", digest: "sha256:1" }));
        assert.deepEqual(found.map(({ property }) => property).sort(), ["chart", "digest"]);
    });

    describe("at a private registry", () => {
        it("gets a token for this pull alone, at the registry that it has a login for", async () => {
            guarded.guard = { kind: "bearer", authorization: BASIC };
            assert.deepEqual(await failures(program(guarded.host, LOGIN)), []);
            assert.deepEqual(guarded.requests, [
                { path: MANIFEST, authorization: undefined },
                { path: TOKEN, authorization: BASIC },
                { path: MANIFEST, authorization: "Bearer token-of-one-pull" },
            ]);
        });

        it("shows its login where the registry asks for nothing else", async () => {
            guarded.guard = { kind: "basic", authorization: BASIC };
            assert.deepEqual(await failures(program(guarded.host, LOGIN)), []);
            assert.deepEqual(
                guarded.requests.map(({ authorization }) => authorization),
                [undefined, BASIC],
            );
        });

        it("asks as anybody without a login, as public charts want it", async () => {
            guarded.guard = { kind: "bearer" };
            assert.deepEqual(await failures(program(guarded.host)), []);
            guarded.guard = { kind: "bearer", authorization: BASIC };
            const [failure] = await failures(program(guarded.host));
            assert.match(
                failure?.reason ?? "",
                /sends for a token, answered 401\n.*imageRegistry,/,
            );
        });

        it("tells of a login that may not pull, without showing it", async () => {
            guarded.guard = { kind: "basic", authorization: "Basic of-somebody-else" };
            const [failure] = await failures(program(guarded.host, LOGIN));
            assert.match(
                failure?.reason ?? "",
                /was answered with 401\n.*imageRegistryUsername and imageRegistryToken/,
            );
            assert.ok(!JSON.stringify(failure).includes("pull-token-of-a-test"));
            assert.ok(!JSON.stringify(failure).includes(BASIC));
        });
    });

    describe("led to another host", () => {
        const shown = () => elsewhere.requests.map(({ authorization }) => authorization);

        it("does not ask for a token over http", async () => {
            guarded.guard = { kind: "bearer", realm: `http://${elsewhere.host}/token` };
            const [failure] = await failures(program(guarded.host, LOGIN));
            assert.match(failure?.reason ?? "", /which is no https URL/);
            assert.deepEqual(shown(), []);
        });

        it("follows no redirect", async () => {
            guarded.guard = { kind: "redirect", to: `http://${elsewhere.host}${MANIFEST}` };
            const [failure] = await failures(program(guarded.host, LOGIN));
            assert.match(failure?.reason ?? "", /was answered with 307/);
            assert.deepEqual(shown(), []);
        });
    });

    it("refuses a version that was published anew, though nothing changed in the program", async () => {
        const made = await provider.create(TYPE, program(address));
        const before = digest;
        await write("hi");
        digest = await pushed();
        assert.notEqual(digest, before);
        const pinned = program(address, { digest: before });
        await assert.rejects(provider.diff(TYPE, made, pinned), /is not the one that is pinned/);
        await assert.rejects(provider.update(TYPE, made, pinned), /is not the one that is pinned/);
        await provider.update(TYPE, made, program(address));
    });
});
