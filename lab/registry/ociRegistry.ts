import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import PQueue from "p-queue";
import { PartProcess } from "../partProcess.ts";
import { assertFree } from "../freeAddress.ts";
import type { LabContext, LabPart, PartStatus } from "../parts.ts";
import { readChartDirectory } from "./chartDirectory.ts";
import { writeDefinitionsChart } from "./definitionsChart.ts";
import type { DefinitionsChart } from "./definitionsChart.ts";
import { HelmPush } from "./helmPush.ts";
import type { PushedChart } from "./helmPush.ts";

export interface OciRegistryOptions {
    /** Directories of the Helm charts that it serves as `oci://<address>/charts/<name>:<version>`. */
    readonly charts: readonly string[];
    /** Charts of definitions alone, made when it starts. @default [] */
    readonly definitions?: readonly DefinitionsChart[];
}

/** Milliseconds without a further change after which an edited chart is pushed again. */
const QUIET = 250;

/**
 * A real OCI registry on loopback, in memory, serving Helm charts packaged from their directories. A chart that is edited
 * while the lab runs is pushed again under its version.
 */
export class OciRegistry implements LabPart {
    readonly name = "registry";
    readonly #context: LabContext;
    readonly #options: OciRegistryOptions;
    readonly #directory: string;
    readonly #host: string;
    readonly #helm: HelmPush;
    readonly #pushes = new PQueue({ concurrency: 1 });
    readonly #charts = new Map<string, PushedChart>();
    #directories: readonly string[] = [];
    #watchers: FSWatcher[] = [];
    #quiet: NodeJS.Timeout | undefined;
    readonly #process: PartProcess;
    #refused: string | undefined;

    constructor(context: LabContext, options: OciRegistryOptions) {
        this.#context = context;
        this.#options = options;
        this.#directory = join(context.directory, this.name);
        this.#process = new PartProcess({
            name: "oci-registry",
            binary: context.binaries.ociRegistry,
            log: join(this.#directory, "registry.log"),
        });
        const { host, port } = context.addresses.registry;
        this.#host = `${host}:${port}`;
        this.#helm = new HelmPush(
            context.binaries.helm.path,
            this.#directory,
            `oci://${this.#host}/charts`,
        );
    }

    async start(): Promise<void> {
        await this.#process.bringUp(
            async () => {
                await this.#startServer();
                this.#directories = await this.#chartDirectories();
                await this.pushCharts();
                this.#watch();
            },
            () => this.stop(),
        );
    }

    async stop(): Promise<void> {
        clearTimeout(this.#quiet);
        for (const watcher of this.#watchers) watcher.close();
        this.#watchers = [];
        await this.#pushes.onIdle();
        await this.#process.stop();
        this.#charts.clear();
    }

    status(): PartStatus {
        return {
            ...this.#process.status(),
            url: `http://${this.#host}`,
            details: {
                charts: [...this.#charts.values()].map(({ reference, version, digest }) => ({
                    reference,
                    version,
                    digest,
                })),
                ...(this.#refused === undefined ? {} : { refused: this.#refused }),
            },
        };
    }

    /** Pushes the charts whose content differs from what is served, and returns all that is served. */
    async pushCharts(): Promise<readonly PushedChart[]> {
        await this.#pushes.add(async () => {
            for (const directory of this.#directories) {
                const chart = await readChartDirectory(directory);
                if (this.#charts.get(directory)?.contentDigest === chart.contentDigest) continue;
                const pushed = await this.#helm.push(chart);
                this.#charts.set(directory, pushed);
                this.#context.log(
                    this.name,
                    `serves ${pushed.reference}:${pushed.version} (${pushed.digest})`,
                );
            }
            this.#refused = undefined;
        });
        return [...this.#charts.values()];
    }

    async #chartDirectories(): Promise<string[]> {
        const made = (this.#options.definitions ?? []).map((chart) =>
            writeDefinitionsChart(join(this.#directory, "definitions"), chart),
        );
        return [...this.#options.charts, ...(await Promise.all(made))];
    }

    async #startServer(): Promise<void> {
        const { host, port } = this.#context.addresses.registry;
        await assertFree(host, port, "the OCI registry");
        await mkdir(this.#directory, { recursive: true });
        const child = await this.#process.start({
            args: [this.#host],
        });
        await child.ready(async () => {
            const answer = await fetch(`http://${this.#host}/v2/`, {
                signal: AbortSignal.timeout(2000),
            });
            if (!answer.ok) throw new Error(`GET /v2/ was answered with ${answer.status}`);
        });
    }

    #watch(): void {
        for (const directory of this.#options.charts)
            this.#watchers.push(
                watch(directory, { recursive: true, persistent: false }, () => {
                    clearTimeout(this.#quiet);
                    this.#quiet = setTimeout(() => void this.#pushEdited(), QUIET);
                }),
            );
    }

    async #pushEdited(): Promise<void> {
        try {
            await this.pushCharts();
        } catch (error) {
            // Half-edited files are normal here: what was served stays, and the status says why.
            this.#refused = error instanceof Error ? error.message : String(error);
            this.#context.log(this.name, `keeps the chart as it was: ${this.#refused}`);
        }
    }
}
