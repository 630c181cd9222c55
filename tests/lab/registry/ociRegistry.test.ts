// Proves on the real registry and the real Helm: a chart directory is served under its name and version, with the digest that the
// status says; an edited chart is pushed again, a broken edit keeps the old one; Helm's own files stay in the lab. Does not
// prove anything about a private registry's credentials.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { readChartDirectory } from "../../../lab/registry/chartDirectory.ts";
import { OciRegistry } from "../../../lab/registry/ociRegistry.ts";
import { eventually } from "../../support/eventually.ts";
import { claimTestLab } from "../../support/labContext.ts";
import type { TestLab } from "../../support/labContext.ts";

const run = promisify(execFile);

interface ServedChart {
    readonly reference: string;
    readonly version: string;
    readonly digest: string;
}

describe("OciRegistry", function () {
    this.timeout(60_000);
    let lab: TestLab;
    let chart: string;
    let registry: OciRegistry;
    let address: string;

    const served = () => registry.status().details.charts as ServedChart[];
    const manifest = async () => {
        const answer = await fetch(`http://${address}/v2/charts/sample/manifests/1.2.3`);
        return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
    };
    const show = async () => {
        const { stdout } = await run(
            lab.context.binaries.helm.path,
            [
                "show",
                "values",
                `oci://${address}/charts/sample`,
                "--version",
                "1.2.3",
                "--plain-http",
            ],
            {
                env: {
                    HELM_CACHE_HOME: join(lab.context.directory, "helm-of-test"),
                    NO_PROXY: "*",
                },
            },
        );
        return stdout.trim();
    };

    before(async () => {
        lab = await claimTestLab();
        const { host, port } = lab.context.addresses.registry;
        address = `${host}:${port}`;
        chart = join(lab.context.directory, "sample");
        await mkdir(join(chart, "templates"), { recursive: true });
        await writeFile(
            join(chart, "Chart.yaml"),
            "apiVersion: v2\nname: sample\nversion: 1.2.3\n",
        );
        await writeFile(join(chart, "values.yaml"), "greeting: hello\n");
        await writeFile(
            join(chart, "templates/map.yaml"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: {{ .Values.greeting }}}\n",
        );
        registry = new OciRegistry(lab.context, { charts: [chart] });
        await registry.start();
    });

    after(async () => {
        await registry.stop();
        await lab.release();
    });

    it("serves the chart with the digest that its status says", async () => {
        const status = registry.status();
        assert.equal(status.state, "ready");
        assert.equal(status.url, `http://${address}`);
        const { status: http, body } = await manifest();
        assert.equal(http, 200);
        const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
        assert.deepEqual(served(), [
            { reference: `oci://${address}/charts/sample`, version: "1.2.3", digest },
        ]);
        assert.equal(await show(), "greeting: hello");
        assert.deepEqual(lab.messages, [
            `registry: serves oci://${address}/charts/sample:1.2.3 (${digest})`,
        ]);
    });

    it("pushes nothing while nothing changed", async () => {
        const before = served();
        await registry.pushCharts();
        assert.deepEqual(served(), before);
    });

    it("pushes an edited chart again", async () => {
        await writeFile(join(chart, "values.yaml"), "greeting: hi\n");
        await eventually("the edited chart", async () => {
            assert.equal(await show(), "greeting: hi");
        });
    });

    it("keeps what it serves while an edit is broken, and says why", async () => {
        const good = await readFile(join(chart, "Chart.yaml"), "utf8");
        const before = served();
        await writeFile(join(chart, "Chart.yaml"), "name: sample\n");
        await eventually("the refusal", () => {
            assert.match(String(registry.status().details.refused), /needs a name and a version/);
        });
        assert.deepEqual(served(), before);
        await writeFile(join(chart, "Chart.yaml"), good);
        await eventually("the end of the refusal", () => {
            assert.equal(registry.status().details.refused, undefined);
        });
    });

    it("keeps Helm's files in the lab", async () => {
        const entries = await readdir(join(lab.context.directory, "registry"));
        // Helm makes its own folder only when it has something to put there.
        const others = entries.filter((name) => name !== "helm");
        assert.deepEqual(others.sort(), ["packages", "registry.log"]);
    });

    it("serves the chart again after a restart", async () => {
        await registry.stop();
        assert.deepEqual(registry.status().processes, []);
        await assert.rejects(manifest(), TypeError);
        await registry.start();
        assert.equal((await manifest()).status, 200);
    });

    it("tells which directory holds no chart, and stays stopped", async () => {
        const second = new OciRegistry(lab.context, { charts: [join(chart, "templates")] });
        await registry.stop();
        await assert.rejects(
            second.start(),
            new Error(
                `${join(chart, "templates")} holds no Helm chart: ${join(chart, "templates/Chart.yaml")} cannot be read`,
            ),
        );
        assert.equal(second.status().state, "failed");
        assert.deepEqual(second.status().processes, []);
        await registry.start();
    });
});

describe("readChartDirectory", () => {
    it("tells contents apart that differ only in where one file ends and the next begins", async () => {
        const lab = await claimTestLab();
        try {
            const digests = [];
            for (const [name, a, b] of [
                ["one", "x", "yz"],
                ["two", "xy", "z"],
            ] as const) {
                const directory = join(lab.context.directory, name);
                await mkdir(directory);
                await writeFile(join(directory, "Chart.yaml"), "name: c\nversion: 1.0.0\n");
                await writeFile(join(directory, "a"), a);
                await writeFile(join(directory, "b"), b);
                digests.push((await readChartDirectory(directory)).contentDigest);
            }
            assert.notEqual(digests[0], digests[1]);
        } finally {
            await lab.release();
        }
    });
});
