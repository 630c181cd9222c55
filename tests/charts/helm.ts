import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import { testToolchain } from "../support/toolchain.ts";

/** What Helm did. */
export interface HelmResult {
    readonly exitCode: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** A Kubernetes object, as far as these tests look into it. */
export interface KubernetesObject {
    readonly kind: string;
    readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly [key: string]: unknown;
}

const CHARTS = join(import.meta.dirname, "..", "..", "charts");

/** Path of one of the repository's charts. */
export function chartPath(name: string): string {
    return join(CHARTS, name);
}

/** Runs the real helm. Never throws for its exit code. */
export async function helm(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
): Promise<HelmResult> {
    const { binaries } = await testToolchain();
    const result = await execa(binaries.helm.path, args, { reject: false, env: environment });
    return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
}

/** Runs `use` with a file that holds these values; JSON is YAML. */
export async function withValues<T>(
    values: unknown,
    use: (file: string) => Promise<T>,
): Promise<T> {
    const directory = await mkdtemp(join(tmpdir(), "sovereign-values-"));
    try {
        const file = join(directory, "values.json");
        await writeFile(file, JSON.stringify(values));
        return await use(file);
    } finally {
        await rm(directory, { recursive: true });
    }
}

/** `helm template` of a chart with values, its result as it is. */
export function template(chart: string, values: unknown, namespace: string): Promise<HelmResult> {
    return withValues(values, (file) =>
        helm(["template", chart, chartPath(chart), "--namespace", namespace, "--values", file]),
    );
}

/** The objects that a chart renders. Throws with Helm's words when it refuses. */
export async function render(
    chart: string,
    values: unknown,
    namespace: string,
): Promise<KubernetesObject[]> {
    const { exitCode, stdout, stderr } = await template(chart, values, namespace);
    if (exitCode !== 0) throw new Error(stderr);
    return parseAllDocuments(stdout, { strict: true })
        .map((document): unknown => {
            const [error] = document.errors;
            if (error) throw error;
            return document.toJS() as unknown;
        })
        .filter((value): value is KubernetesObject => value !== null);
}

/** The only object of a kind and name. Throws when there is none, or more than one. */
export function object(objects: readonly KubernetesObject[], kind: string, name: string) {
    const found = objects.filter((each) => each.kind === kind && each.metadata.name === name);
    const [only] = found;
    if (only === undefined || found.length > 1)
        throw new Error(`${found.length} objects ${kind}/${name}`);
    return only;
}
