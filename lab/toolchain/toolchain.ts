import { readFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join } from "node:path";
import type { Binary, LabBinaries } from "../parts.ts";
import { acquire, findExisting } from "./acquire.ts";
import type { Acquired, Sources } from "./acquire.ts";
import { Cache } from "./cache.ts";
import { LAB_ROOT, cacheDirectory } from "./directories.ts";
import { obtainDnsPrograms } from "./dnsPrograms.ts";
import {
    LANGUAGE_HOST,
    assemblePulumiHome,
    engineDirectory,
    languageHostBeside,
} from "./pulumiHome.ts";
import { moduleDirectory } from "./recipe.ts";
import { checkDisk, checkGo, findGo, requiredGo } from "./requirements.ts";
import { allSources } from "./sources.ts";
import { runSteps } from "./steps.ts";
import type { Display, Step } from "./steps.ts";
import type { DnsPrograms } from "./systemPackages.ts";
import { ENGINE_VERSION, PROVIDERS } from "./versions.ts";
import type { ProviderName } from "./versions.ts";

/** Every program that the lab, the tests and the commands use. */
export interface Toolchain {
    readonly binaries: LabBinaries;
    /** The CLI inside {@link Toolchain.pulumiHome}. */
    readonly pulumi: Binary;
    readonly plugins: Readonly<Record<ProviderName, Binary>>;
    /** The Node language host: the official one, or ours (origin `built`) where that cannot be had. */
    readonly languageHost: Binary;
    /** Value for `PULUMI_HOME`. */
    readonly pulumiHome: string;
    /** Directories to put first on PATH: node, pulumi, kubectl, helm, dig and delv. */
    readonly path: readonly string[];
}

export interface ToolchainOptions {
    /** @default "auto" */
    readonly display?: Display;
    /** Ends the builds. */
    readonly signal?: AbortSignal;
}

/** GiB that building everything from nothing takes: modules, Go's build cache and the results. */
const DISK_NEEDED = 11;

/** GiB of memory that a build beside another needs. */
const MEMORY_PER_BUILD = 3;

type SourceName = keyof ReturnType<typeof allSources>;

/**
 * Every program of the toolchain, from the first place that has it: the cache, the machine, the vendor's installer, a build
 * from the committed Go modules. What is missing is made side by side, with progress on standard error.
 *
 * @throws SetupError where the machine lacks something, with what to do
 */
export async function ensureToolchain(options: ToolchainOptions = {}): Promise<Toolchain> {
    const cache = new Cache(cacheDirectory());
    const acquired = new Map<SourceName, Promise<Acquired>>();
    const engine = async () => {
        const found = await acquired.get("engine");
        return program(found, "pulumi").path;
    };
    const sources = allSources(engine);
    const names = Object.keys(sources) as SourceName[];
    const missing: SourceName[] = [];
    for (const name of names) {
        const found = await findExisting(cache, sources[name]);
        if (found) acquired.set(name, Promise.resolve(found));
        else missing.push(name);
    }
    if (missing.length > 0) await checkRequirements(missing.map((name) => sources[name]));
    let dns: DnsPrograms | undefined;
    const steps: Step[] = missing.map((name) =>
        stepFor(cache, name, sources[name], acquired, options),
    );
    const dnsStep = await obtainDnsPrograms(cache, (found) => (dns = found));
    if (dnsStep) steps.unshift(dnsStep);
    await runSteps(steps, concurrency(), options.display);
    if (!dns) throw new Error("the DNS programs were not found after they were installed");
    const all = Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await acquired.get(name)] as const)),
    ) as Record<SourceName, Acquired>;
    return await compose(all, dns);
}

/** How many builds run side by side: both cores of a small machine, but no more than its memory holds. */
function concurrency(): number {
    const byMemory = Math.floor(totalmem() / 1024 ** 3 / MEMORY_PER_BUILD);
    return Math.max(1, Math.min(byMemory, 2 * availableParallelism(), 6));
}

async function checkRequirements(missing: readonly Sources[]): Promise<void> {
    const modules = missing.flatMap(({ recipe }) =>
        recipe.module === undefined ? [] : [join(moduleDirectory(recipe.module), "go.mod")],
    );
    const texts = await Promise.all(modules.map((file) => readFile(file, "utf8")));
    checkGo(await findGo(), requiredGo(texts));
    if (modules.length > 1) await checkDisk(cacheDirectory(), DISK_NEEDED);
}

function stepFor(
    cache: Cache,
    name: SourceName,
    sources: Sources,
    acquired: Map<SourceName, Promise<Acquired>>,
    { signal }: ToolchainOptions,
): Step {
    let settle: (value: Promise<Acquired>) => void;
    const promise = new Promise<Acquired>((resolve) => {
        settle = resolve;
    });
    // A failure is reported by the step itself; others only wait for the value.
    promise.catch(() => undefined);
    acquired.set(name, promise);
    return {
        title: sources.recipe.title,
        purpose: sources.recipe.purpose,
        run: async (report) => {
            settle(acquire(cache, sources, report, signal));
            const { programs } = await promise;
            return Object.values(programs)[0]?.origin ?? "built";
        },
    };
}

function program(found: Acquired | undefined, name: string): Binary {
    const binary = found?.programs[name];
    if (!binary) throw new Error(`the toolchain has no ${name}`);
    return binary;
}

async function compose(all: Record<SourceName, Acquired>, dns: DnsPrograms): Promise<Toolchain> {
    const plugins = Object.fromEntries(
        PROVIDERS.map((name) => [
            name,
            program(
                name === "kubernetes" ? all.kubernetesPlugin : all.bridgedPlugins,
                `pulumi-resource-${name}`,
            ),
        ]),
    ) as Record<ProviderName, Binary>;
    const pulumi = program(all.engine, "pulumi");
    const pulumiHome = join(LAB_ROOT, "pulumi-home");
    const languageHost = await languageHostBeside(pulumi.path);
    await assemblePulumiHome(pulumiHome, {
        pulumi: pulumi.path,
        languageHost,
        plugins: Object.fromEntries(
            PROVIDERS.map((name) => [name, dirname(plugins[name].path)]),
        ) as Record<ProviderName, string>,
    });
    const kubernetes = (name: string) => program(all.kubernetes, name);
    return {
        binaries: {
            etcd: kubernetes("etcd"),
            kubeApiserver: kubernetes("kube-apiserver"),
            kubeControllerManager: kubernetes("kube-controller-manager"),
            kubeScheduler: kubernetes("kube-scheduler"),
            kwok: kubernetes("kwok"),
            kubectl: kubernetes("kubectl"),
            helm: kubernetes("helm"),
            ociRegistry: program(all.registry, "oci-registry"),
            certManager: program(all.certManager, "certmanager"),
            pebble: program(all.pebble, "pebble"),
            pdnsServer: { path: dns.pdnsServer, version: dns.version, origin: "system" },
            kwokStages: join(all.kwokStages.directory ?? "", "stage"),
            certManagerChart: join(all.certManager.directory ?? "", "chart"),
            fluxDefinitions: join(all.flux.directory ?? "", "definitions"),
            gatewayApiDefinitions: join(all.gatewayApi.directory ?? "", "standard"),
            pdnsModules: dns.modules,
            pdnsSqliteSchema: dns.sqliteSchema,
            libraryPath: dns.libraryPath,
        },
        pulumi: { ...pulumi, path: join(engineDirectory(pulumiHome), "pulumi") },
        plugins,
        languageHost:
            languageHost === undefined
                ? { path: LANGUAGE_HOST, version: ENGINE_VERSION, origin: "built" }
                : { ...pulumi, path: languageHost },
        pulumiHome,
        path: [
            dirname(process.execPath),
            engineDirectory(pulumiHome),
            dirname(kubernetes("kubectl").path),
            dirname(kubernetes("helm").path),
            dns.tools,
        ],
    };
}
