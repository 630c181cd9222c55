import { execFile } from "node:child_process";
import { chmod, chown, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PartProcess } from "../partProcess.ts";
import { assertFree } from "../freeAddress.ts";
import type {
    HostedZones,
    LabContext,
    LabPart,
    PartStatus,
    Registry,
    ReverseDns,
} from "../parts.ts";
import { powerDnsConfiguration } from "./configuration.ts";
import { PowerDnsApi } from "./powerDnsApi.ts";
import type { ZoneSummary } from "./powerDnsApi.ts";
import { dnsServerPrivileges } from "./privileges.ts";
import { REGISTRAR_ACCOUNT, RegistrarZones } from "./registrarZones.ts";
import { ReverseZones } from "./reverseZones.ts";
import { seedWorld } from "./seed.ts";
import { TopLevelRegistry } from "./topLevelRegistry.ts";
import { TOP_LEVEL_ZONE, worldZones } from "./world.ts";
import type { WorldZone } from "./world.ts";

const run = promisify(execFile);

/** What lies in PowerDNS beyond the world that the lab starts with. */
export interface BeyondWorld {
    /** Zones, with trailing dot. */
    readonly zones: readonly string[];
    /** Record sets in the world's own zones, as `<name> <type>`. */
    readonly recordSets: readonly string[];
}

/**
 * The real PowerDNS authoritative server with an SQLite database, and in it the zones around a Sovereign. Answers DNS at both
 * of the lab's name server addresses. The database stays in the part's folder, so that a lab that starts again finds its
 * zones as they were.
 */
export class PowerDns implements LabPart {
    readonly name = "powerdns";
    /** Writes PTR records of the emulated cloud's addresses. */
    readonly reverseDns: ReverseDns;
    /** Publishes delegations into the top-level zone. */
    readonly registry: Registry;
    /** Serves zones of domains on the registrar's own DNS. */
    readonly hostedZones: HostedZones;
    readonly #context: LabContext;
    readonly #directory: string;
    readonly #api: PowerDnsApi;
    readonly #world: readonly WorldZone[];
    readonly #process: PartProcess;
    #version: string | undefined;
    #trustAnchor: string | undefined;

    constructor(context: LabContext) {
        this.#context = context;
        this.#directory = join(context.directory, this.name);
        this.#process = new PartProcess({
            name: "pdns_server",
            binary: context.binaries.pdnsServer,
            log: join(this.#directory, "pdns.log"),
        });
        this.#api = new PowerDnsApi(
            context.addresses.powerdnsApi,
            context.credentials.powerdnsApiKey,
        );
        this.#world = worldZones(context.addresses);
        this.hostedZones = new RegistrarZones(this.#api);
        const names = this.#world.map((zone) => zone.name);
        this.reverseDns = new ReverseZones(
            this.#api,
            names.filter((zone) => zone.endsWith(".arpa.")),
        );
        this.registry = new TopLevelRegistry(
            this.#api,
            TOP_LEVEL_ZONE,
            names.filter((zone) => zone.endsWith(`.${TOP_LEVEL_ZONE}`)),
        );
    }

    async start(): Promise<void> {
        await this.#process.bringUp(
            async () => {
                await this.#startServer();
                await seedWorld(this.#api, this.#world);
                await this.#writeTrustAnchor();
            },
            () => this.stop(),
        );
    }

    async stop(): Promise<void> {
        await this.#process.stop();
    }

    status(): PartStatus {
        const { powerdnsApi, nameServers, dnsPort } = this.#context.addresses;
        return {
            ...this.#process.status(this.#version),
            url: `http://${powerdnsApi.host}:${powerdnsApi.port}`,
            details: {
                nameServers: nameServers.map((address) => `${address}:${dnsPort}`),
                zones: this.#world.map((zone) => zone.name),
                trustAnchor: { zone: TOP_LEVEL_ZONE, dnskey: this.#trustAnchor },
                trustAnchorFile: this.trustAnchorFile,
            },
        };
    }

    /** File for `delv -a`, with the top-level zone's key in BIND's format; ask with `+root=example`. */
    get trustAnchorFile(): string {
        return join(this.#directory, "trust-anchor.conf");
    }

    /** DNSKEY of the top-level zone (`<flags> 3 <algorithm> <key>`): what everything in the lab validates from. */
    get trustAnchor(): string {
        if (this.#trustAnchor === undefined)
            throw new Error("the trust anchor is known once PowerDNS has started");
        return this.#trustAnchor;
    }

    /** Every zone that the server holds. */
    async listZones(): Promise<ZoneSummary[]> {
        return this.#api.zones();
    }

    /**
     * What somebody put there since: zones, PTR records and delegations. Zones on the registrar's own DNS are the registrar's, and do
     * not count. Empty when a Sovereign left nothing behind.
     */
    async listBeyondWorld(): Promise<BeyondWorld> {
        const world = new Set(this.#world.map((zone) => zone.name));
        const zones = await this.listZones();
        const hosted = zones.filter((zone) => zone.account === REGISTRAR_ACCOUNT);
        const beyond = zones.filter((zone) => !world.has(zone.name) && !hosted.includes(zone));
        const recordSets: string[] = [];
        for (const zone of this.#world) {
            const known = new Set([
                ...this.#worldRecordSets(zone),
                ...hosted.map(({ name }) => `${name} NS`),
            ]);
            for (const { name, type } of (await this.#api.recordSets(zone.name)) ?? [])
                if (!known.has(`${name} ${type}`)) recordSets.push(`${name} ${type}`);
        }
        return { zones: beyond.map((zone) => zone.name).sort(), recordSets: recordSets.sort() };
    }

    #worldRecordSets(zone: WorldZone): string[] {
        const delegated = this.#world.filter((child) => child.parent === zone.name);
        return [
            `${zone.name} SOA`,
            `${zone.name} NS`,
            ...zone.records.map(({ name, type }) => `${name} ${type}`),
            ...delegated.flatMap(({ name }) => [`${name} NS`, `${name} DS`]),
        ];
    }

    async #startServer(): Promise<void> {
        const { addresses, binaries, credentials } = this.#context;
        const database = join(this.#directory, "pdns.sqlite3");
        await assertFree(addresses.powerdnsApi.host, addresses.powerdnsApi.port, "PowerDNS' API");
        for (const address of addresses.nameServers)
            await assertFree(address, addresses.dnsPort, "PowerDNS");
        await mkdir(this.#directory, { recursive: true, mode: 0o755 });
        await this.#createDatabase(database);
        await writeFile(
            join(this.#directory, "pdns.conf"),
            powerDnsConfiguration({
                modules: binaries.pdnsModules,
                database,
                nameServers: addresses.nameServers,
                dnsPort: addresses.dnsPort,
                api: addresses.powerdnsApi,
                apiKey: credentials.powerdnsApiKey,
            }),
            { mode: 0o600 },
        );
        const privileges = await dnsServerPrivileges([
            join(this.#directory, "pdns.conf"),
            binaries.pdnsServer.path,
            join(binaries.pdnsModules, "libgsqlite3backend.so"),
        ]);
        await this.#giveFilesTo(privileges.owner);
        const child = await this.#process.start({
            args: [`--config-dir=${this.#directory}`],
            privileges: privileges.options,
            workingDirectory: this.#directory,
            environment:
                binaries.libraryPath === "" ? {} : { LD_LIBRARY_PATH: binaries.libraryPath },
        });
        await child.ready(async () => {
            this.#version = await this.#api.version();
        });
        this.#context.log(this.name, `pdns_server ${this.#version ?? ""} answers`);
    }

    async #createDatabase(file: string): Promise<void> {
        if (await exists(file)) return;
        this.#context.log(this.name, "creates the database");
        const program = join(import.meta.dirname, "createDatabase.ts");
        await run(process.execPath, [
            "--no-warnings",
            program,
            this.#context.binaries.pdnsSqliteSchema,
            file,
        ]);
    }

    async #giveFilesTo(owner: number | undefined): Promise<void> {
        const user = owner ?? process.getuid?.();
        const group = owner ?? process.getgid?.();
        if (user === undefined || group === undefined) return;
        const files = ["pdns.conf", "pdns.sqlite3", "pdns.sqlite3-shm", "pdns.sqlite3-wal"];
        for (const name of [".", ...files]) {
            const path = join(this.#directory, name);
            if (await exists(path)) await chown(path, user, group);
        }
        // Keys of the zones lie in it.
        await chmod(join(this.#directory, "pdns.sqlite3"), 0o600);
    }

    async #writeTrustAnchor(): Promise<void> {
        const keys = await this.#api.keys(TOP_LEVEL_ZONE);
        const dnskey = keys.find((key) => key.active && key.published)?.dnskey;
        if (dnskey === undefined) throw new Error(`zone ${TOP_LEVEL_ZONE} has no active key`);
        this.#trustAnchor = dnskey;
        const [flags, protocol, algorithm, key] = dnskey.split(" ");
        await writeFile(
            this.trustAnchorFile,
            `trust-anchors { ${TOP_LEVEL_ZONE} static-key ${flags} ${protocol} ${algorithm} "${key}"; };\n`,
        );
    }
}

async function exists(path: string): Promise<boolean> {
    return stat(path).then(
        () => true,
        () => false,
    );
}
