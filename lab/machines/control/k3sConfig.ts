import { parse } from "yaml";
import { BOOT_FILES } from "../../../components/cluster/bootFiles.ts";
import type { Disk } from "../boot/disk.ts";
import { isK3sFlag } from "./k3sFlags.ts";

/** Config of a node's k3s: the values of each flag, in order. */
export type K3sFlags = ReadonlyMap<string, readonly string[]>;

/** What config.yaml and config.yaml.d come to. */
export interface K3sConfig {
    readonly flags: K3sFlags;
    /** What k3s would log and go on. */
    readonly warnings: readonly string[];
}

/** k3s would end with this message. */
export class K3sConfigError extends Error {
    override readonly name = "K3sConfigError";
}

function values(key: string, value: unknown): string[] {
    if (value === null || value === undefined) return [""];
    if (Array.isArray(value)) return value.flatMap((v: unknown) => values(key, v));
    if (typeof value === "string") return [value];
    if (typeof value === "number" || typeof value === "boolean") return [String(value)];
    throw new K3sConfigError(`config.yaml: ${key} is neither a value nor a list`);
}

/**
 * Merges config files as k3s does: later files win, `key+` appends (https://docs.k3s.io/installation/configuration). A flag
 * that k3s does not know ends an agent ("flag provided but not defined"); `k3s server` logs a warning and leaves it out
 * (`pkg/configfilearg/parser.go`, `stripInvalidFlags`, whose list of valid flags holds the server's alone).
 *
 * @param files - contents in the order they are read
 * @throws K3sConfigError
 */
export function parseK3sConfig(role: "server" | "agent", files: readonly string[]): K3sConfig {
    const flags = new Map<string, readonly string[]>();
    for (const file of files) {
        let document: unknown;
        try {
            document = parse(file) ?? {};
        } catch (error) {
            throw new K3sConfigError(`config.yaml: ${String(error)}`, { cause: error });
        }
        if (typeof document !== "object" || document === null || Array.isArray(document))
            throw new K3sConfigError("config.yaml does not hold keys and values");
        for (const [key, value] of Object.entries(document)) {
            const append = key.endsWith("+");
            const flag = append ? key.slice(0, -1) : key;
            flags.set(flag, [...(append ? (flags.get(flag) ?? []) : []), ...values(flag, value)]);
        }
    }
    const warnings: string[] = [];
    for (const flag of [...flags.keys()]) {
        if (isK3sFlag(role, flag)) continue;
        if (role === "agent") throw new K3sConfigError(`flag provided but not defined: -${flag}`);
        warnings.push(`Unknown flag --${flag} found in config.yaml, skipping`);
        flags.delete(flag);
    }
    return { flags, warnings };
}

/** Reads config.yaml and config.yaml.d of a disk. */
export async function readK3sConfig(role: "server" | "agent", disk: Disk): Promise<K3sConfig> {
    const folder = `${BOOT_FILES.k3sConfig}.d`;
    const files = [BOOT_FILES.k3sConfig, ...(await disk.list(folder))].filter(
        (file) => file === BOOT_FILES.k3sConfig || /\.ya?ml$/.test(file),
    );
    const contents = await Promise.all(files.map((file) => disk.read(file)));
    return parseK3sConfig(
        role,
        contents.filter((content) => content !== undefined),
    );
}

/** Reads single values and lists out of {@link K3sFlags}, with k3s' defaults. */
export class K3sSettings {
    readonly #flags: K3sFlags;

    constructor(flags: K3sFlags) {
        this.#flags = flags;
    }

    text(flag: string): string | undefined {
        const value = this.#flags.get(flag)?.at(-1);
        return value === "" ? undefined : value;
    }

    /** Lists may be given as YAML lists or with commas. */
    list(flag: string): string[] {
        return (this.#flags.get(flag) ?? []).flatMap((v) => v.split(",")).filter((v) => v !== "");
    }

    /** `name=value` arguments, one per entry; never split at commas. */
    args(flag: string): string[] {
        return [...(this.#flags.get(flag) ?? [])];
    }

    enabled(flag: string): boolean {
        const value = this.#flags.get(flag)?.at(-1);
        return value !== undefined && value !== "false";
    }

    get clusterCidr(): string {
        return this.text("cluster-cidr") ?? "10.42.0.0/16";
    }

    get serviceCidr(): string {
        return this.text("service-cidr") ?? "10.43.0.0/16";
    }

    get clusterDomain(): string {
        return this.text("cluster-domain") ?? "cluster.local";
    }

    get flannelBackend(): string {
        return this.text("flannel-backend") ?? "vxlan";
    }

    /** The n-th address of the service range, 1 for `kubernetes`, 10 for DNS unless `cluster-dns` is given. */
    serviceAddress(n: number): string {
        const [network = "10.43.0.0"] = this.serviceCidr.split("/");
        const bytes = network.split(".").map(Number);
        const sum = bytes.reduce((total, byte) => total * 256 + byte, 0) + n;
        return [24, 16, 8, 0].map((shift) => Math.floor(sum / 2 ** shift) % 256).join(".");
    }

    get clusterDns(): string {
        return this.text("cluster-dns") ?? this.serviceAddress(10);
    }

    /** Whether a packaged component is deployed (`disable`, https://docs.k3s.io/installation/packaged-components). */
    packaged(component: string): boolean {
        return !this.list("disable").includes(component);
    }
}
