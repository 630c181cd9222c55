import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ChartDirectory } from "./chartDirectory.ts";

const run = promisify(execFile);

/** A chart that a registry serves. */
export interface PushedChart {
    /** Reference without the version, as `helm install` takes it: `oci://…/charts/<name>`. */
    readonly reference: string;
    readonly version: string;
    /** Digest of its manifest in the registry: `sha256:…`. */
    readonly digest: string;
    /** {@link ChartDirectory.contentDigest} of what was pushed. */
    readonly contentDigest: string;
}

/** Packages charts and pushes them with Helm, which keeps its own files below one directory and ignores the user's. */
export class HelmPush {
    readonly #helm: string;
    readonly #directory: string;
    readonly #repository: string;

    /**
     * @param helm - path of the binary
     * @param directory - for packages, and Helm's cache, configuration and data
     * @param repository - where charts go, for example `oci://127.64.0.9:5005/charts`; plain HTTP
     */
    constructor(helm: string, directory: string, repository: string) {
        this.#helm = helm;
        this.#directory = directory;
        this.#repository = repository;
    }

    /** Throws with what Helm said when the chart is refused. */
    async push(chart: ChartDirectory): Promise<PushedChart> {
        const packages = join(this.#directory, "packages");
        await rm(packages, { recursive: true, force: true });
        await mkdir(packages, { recursive: true });
        await this.#run(["package", chart.directory, "--destination", packages]);
        const archive = join(packages, `${chart.name}-${chart.version}.tgz`);
        const said = await this.#run(["push", archive, this.#repository, "--plain-http"]);
        const digest = /^Digest: (sha256:[0-9a-f]{64})$/m.exec(said)?.[1];
        if (digest === undefined)
            throw new Error(`helm push of ${chart.name} gave no digest, but said: ${said}`);
        return {
            reference: `${this.#repository}/${chart.name}`,
            version: chart.version,
            digest,
            contentDigest: chart.contentDigest,
        };
    }

    async #run(args: readonly string[]): Promise<string> {
        const home = (name: string) => join(this.#directory, "helm", name);
        try {
            const { stdout, stderr } = await run(this.#helm, [...args], {
                env: {
                    PATH: process.env.PATH ?? "",
                    HELM_CACHE_HOME: home("cache"),
                    HELM_CONFIG_HOME: home("config"),
                    HELM_DATA_HOME: home("data"),
                    NO_PROXY: "*",
                },
            });
            return stdout + stderr;
        } catch (error) {
            const said = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
            throw new Error(`helm ${args.join(" ")} failed: ${said.trim() || String(error)}`, {
                cause: error,
            });
        }
    }
}
