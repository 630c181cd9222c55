import { availableParallelism, cpus } from "node:os";
import PQueue from "p-queue";
import type { CommandOptions } from "../lab/commands/session.ts";
import { table } from "../lab/commands/table.ts";
import { CountingProxy } from "../tests/provider/support/countingProxy.ts";
import { ProviderClient, type Resource } from "../tests/provider/support/client.ts";
import { PowerDnsLab } from "../tests/provider/support/powerDnsLab.ts";
import { median } from "./measure.ts";

const ZONE = "bench.example.";
const TYPE = "sovereign:dns:RecordSet";

/** How many record sets are written, how often that is measured, and how many the engine has in hand at a time. */
const SIZES = [1, 25, 200];
const RUNS = 5;
const PARALLEL = 64;

/** One writing of all record sets. */
interface Sample {
    /** Milliseconds until all are answered. */
    readonly wall: number;
    readonly patches: number;
    /** By how much the zone's serial rose. */
    readonly serial: number;
    /** Record sets that the server refused to write. */
    readonly failed: number;
}

/** Writes `size` record sets; resolves to how many of them failed. */
type Way = (size: number) => Promise<number>;

/**
 * `npm run bench:dns`: record sets written by the provider plugin, which batches them, beside one PATCH for each of them as providers
 * without batching send it. On the real PowerDNS with SQLite. Figures are for reading; nothing asserts them.
 */
export async function benchDns(options: CommandOptions): Promise<number> {
    const lab = await PowerDnsLab.start();
    const proxy = await CountingProxy.start(lab.url);
    const provider = await ProviderClient.start(lab.config(proxy.url));
    let made: Resource[] = [];
    const ways: readonly (readonly [string, Way])[] = [
        [
            "sovereign:dns:RecordSet, created",
            async (size) => {
                const created = names(size).map((name) => provider.create(TYPE, recordSet(name)));
                made = await Promise.all(created);
                return 0;
            },
        ],
        [
            "sovereign:dns:RecordSet, nothing to do",
            async (size) => {
                const updates = made
                    .slice(0, size)
                    .map((existing) => provider.update(TYPE, existing, existing.inputs));
                await Promise.all(updates);
                return 0;
            },
        ],
        ["one PATCH each, 64 at a time", (size) => onePatchEach(proxy.url, lab, size, PARALLEL)],
        ["one PATCH each, one at a time", (size) => onePatchEach(proxy.url, lab, size, 1)],
    ];
    try {
        const rows: string[][] = [];
        for (const size of SIZES) {
            const samples = ways.map((): Sample[] => []);
            for (let run = 0; run < RUNS; run++) {
                options.signal.throwIfAborted();
                for (const [i, [, way]] of ways.entries()) {
                    // What has nothing to do finds what was made before it.
                    if (i !== 1) await freshZone(lab);
                    samples[i]?.push(await measured(lab, proxy, () => way(size)));
                }
            }
            for (const [i, [name]] of ways.entries()) rows.push(row(name, size, samples[i] ?? []));
        }
        const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.versions.node}`;
        process.stdout.write(
            `${machine}; medians of ${RUNS} runs\n` +
                `${table(["what", "record sets", "ms", "PATCHes", "serial", "failed"], rows)}\n`,
        );
    } finally {
        await provider.stop();
        await proxy.stop();
        await lab.stop();
    }
    return 0;
}

function names(size: number): string[] {
    return Array.from({ length: size }, (_, i) => `host${i}.${ZONE}`);
}

function recordSet(name: string) {
    return { zone: ZONE, name, type: "A", ttl: 300, records: ["192.0.2.1"], owner: "bench" };
}

async function freshZone(lab: PowerDnsLab): Promise<void> {
    if ((await lab.zone(ZONE)) !== undefined) await lab.api("DELETE", `/zones/${ZONE}`);
    await lab.foreignZone(ZONE, { soa_edit_api: "INCREASE", dnssec: true, api_rectify: true });
}

async function onePatchEach(
    url: string,
    lab: PowerDnsLab,
    size: number,
    concurrency: number,
): Promise<number> {
    const queue = new PQueue({ concurrency });
    const { powerdnsApiKey } = lab.lab.context.credentials;
    const write = async (name: string): Promise<boolean> => {
        const { type, ttl, records } = recordSet(name);
        const contents = records.map((content) => ({ content, disabled: false }));
        const change = { name, type, ttl, changetype: "REPLACE", records: contents };
        const { ok } = await fetch(`${url}/servers/localhost/zones/${ZONE}`, {
            method: "PATCH",
            headers: { "X-API-Key": powerdnsApiKey, "Content-Type": "application/json" },
            body: JSON.stringify({ rrsets: [change] }),
        });
        return ok;
    };
    const written = await Promise.all(names(size).map((name) => queue.add(() => write(name))));
    return written.filter((ok) => !ok).length;
}

async function measured(
    lab: PowerDnsLab,
    proxy: CountingProxy,
    act: () => Promise<number>,
): Promise<Sample> {
    const before = (await lab.zone(ZONE))?.serial ?? 0;
    proxy.requests.length = 0;
    const begun = performance.now();
    const failed = await act();
    const wall = performance.now() - begun;
    const patches = proxy.requests.filter(({ method }) => method === "PATCH").length;
    const serial = ((await lab.zone(ZONE))?.serial ?? 0) - before;
    return { wall, patches, serial, failed };
}

function row(name: string, size: number, samples: readonly Sample[]): string[] {
    const of = (value: (sample: Sample) => number) =>
        String(Math.round(median(samples.map(value))));
    return [
        name,
        String(size),
        of(({ wall }) => wall),
        of(({ patches }) => patches),
        of(({ serial }) => serial),
        of(({ failed }) => failed),
    ];
}
