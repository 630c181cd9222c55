/**
 * Proves with the real engine that a chart that was published anew under its version stops a preview and an update of a program in which nothing
 * changed, and what depends on it with them, and that refresh and destroy do without the registry. A random id stands for the release.
 */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as random from "@pulumi/random";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { stringify } from "yaml";
import { z } from "zod";
import { pulumiEnvironment } from "../../../lab/pulumiCli.ts";
import { OciRegistry } from "../../../lab/registry/ociRegistry.ts";
import type { PushedChart } from "../../../lab/registry/helmPush.ts";
import { CLONE } from "../../../lab/toolchain/directories.ts";
import { ChartPin } from "../../../provider/resources/chartPin.ts";
import { claimTestLab, testToolchain } from "../../support/labContext.ts";
import type { TestLab } from "../../support/labContext.ts";

const deployment = z.object({ resources: z.array(z.object({ type: z.string() })).default([]) });
const OTHER = `sha256:${"0".repeat(64)}`;

describe("a chart with a digest, on the real engine", function () {
    this.timeout(300_000);
    let lab: TestLab;
    let registry: OciRegistry;
    let values: string;
    let reference: string;
    let select: (digest: string) => Promise<Stack>;

    const publish = async (greeting: string): Promise<PushedChart> => {
        await writeFile(values, `greeting: ${greeting}\n`);
        const [chart] = await registry.pushCharts();
        assert.ok(chart);
        return chart;
    };
    const resources = async (stack: Stack) => {
        const { resources: all } = deployment.parse((await stack.exportStack()).deployment);
        return all.map(({ type }) => type).filter((type) => !type.startsWith("pulumi:"));
    };

    before(async () => {
        lab = await claimTestLab();
        const { directory } = lab.context;
        const chart = join(directory, "sample");
        values = join(chart, "values.yaml");
        await mkdir(chart, { recursive: true });
        await writeFile(
            join(chart, "Chart.yaml"),
            "apiVersion: v2\nname: sample\nversion: 1.2.3\n",
        );
        registry = new OciRegistry(lab.context, { charts: [chart] });
        await registry.start();
        ({ reference } = await publish("hello"));
        await mkdir(join(directory, "backend"), { recursive: true });
        const project = join(directory, "project");
        await mkdir(project);
        await writeFile(
            join(project, "Pulumi.yaml"),
            stringify({
                name: "pinned",
                runtime: "nodejs",
                plugins: { providers: [{ name: "sovereign", path: join(CLONE, "provider") }] },
            }),
        );
        const toolchain = await testToolchain();
        const stack = { toolchain, directory, stack: "pinned", passphrase: "test" };
        const envVars = Object.fromEntries(
            Object.entries(pulumiEnvironment(stack)).map(([name, value]) => [name, value ?? ""]),
        );
        const pulumiCommand = await PulumiCommand.get({
            root: dirname(dirname(toolchain.pulumi.path)),
            skipVersionCheck: true,
        });
        select = (digest) =>
            LocalWorkspace.createOrSelectStack(
                {
                    stackName: "pinned",
                    projectName: "pinned",
                    program: () => {
                        const pin = new ChartPin("chart", {
                            chart: reference,
                            version: "1.2.3",
                            digest,
                            configKey: "platformChartVersion",
                        });
                        new random.RandomId("release", { byteLength: 4 }, { dependsOn: [pin] });
                        return Promise.resolve();
                    },
                },
                {
                    pulumiCommand,
                    pulumiHome: toolchain.pulumiHome,
                    envVars,
                    workDir: project,
                },
            );
    });

    after(async () => {
        await registry.stop();
        await lab.release();
    });

    it("is compared by every preview and update, and by nothing else", async () => {
        const { digest } = await publish("hello");
        const wrong = await select(OTHER);
        await assert.rejects(wrong.up(), /is not the one that is pinned/);
        assert.deepEqual(await resources(wrong), []);

        const stack = await select(digest);
        await stack.up();
        const both = ["random:index/randomId:RandomId", "sovereign:charts:ChartPin"];
        assert.deepEqual((await resources(stack)).sort(), both);

        const anew = await publish("hi");
        await assert.rejects(stack.preview(), new RegExp(`found ${anew.digest}`));
        await assert.rejects(stack.up(), new RegExp(`1\\.2\\.3@${anew.digest}`));

        await registry.stop();
        await stack.refresh({ expectNoChanges: true });
        await stack.destroy();
        assert.deepEqual(await resources(stack), []);
    });
});
