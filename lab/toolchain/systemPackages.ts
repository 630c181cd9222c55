import { access, chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { buildRemedy } from "./requirements.ts";
import { SetupError } from "./setupError.ts";

/** Debian's names (also Ubuntu's) of what the lab takes from the system: PowerDNS, and dig and delv to look at it. */
export const PACKAGES = ["pdns-server", "pdns-backend-sqlite3", "bind9-dnsutils"] as const;

/** Directory of shared libraries on Debian for x64. */
const LIBRARIES = "usr/lib/x86_64-linux-gnu";

/** PowerDNS and the DNS tools, wherever they were put. */
export interface DnsPrograms {
    readonly pdnsServer: string;
    readonly version: string;
    readonly modules: string;
    readonly sqliteSchema: string;
    /** `LD_LIBRARY_PATH` for them; empty where they are installed. */
    readonly libraryPath: string;
    /** Directory with `dig` and `delv`. */
    readonly tools: string;
}

async function exists(path: string): Promise<boolean> {
    return await access(path).then(
        () => true,
        () => false,
    );
}

/**
 * The programs below `root` (`/` for installed ones, or where packages were unpacked), or undefined where one is missing or
 * PowerDNS is older than 4.7.
 */
export async function findDnsPrograms(root: string): Promise<DnsPrograms | undefined> {
    const unpacked = root !== "/";
    const places = {
        pdnsServer: join(root, "usr/sbin/pdns_server"),
        modules: join(root, LIBRARIES, "pdns"),
        sqliteSchema: join(root, "usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"),
        tools: unpacked ? join(root, "tools") : "/usr/bin",
    };
    const needed = [
        places.pdnsServer,
        join(places.modules, "libgsqlite3backend.so"),
        places.sqliteSchema,
        join(places.tools, "dig"),
        join(places.tools, "delv"),
    ];
    if (!(await Promise.all(needed.map(exists))).every(Boolean)) return undefined;
    const libraryPath = unpacked ? libraryPathOf(root) : "";
    const { stdout, stderr } = await execa(places.pdnsServer, ["--version"], {
        reject: false,
        env: unpacked ? { LD_LIBRARY_PATH: libraryPath } : {},
    });
    const version = /Server (\d+\.\d+\.\d+)/.exec(`${stdout}\n${stderr}`)?.[1];
    if (version === undefined || Number.parseFloat(version) < 4.7) return undefined;
    return { ...places, version, libraryPath };
}

/** `LD_LIBRARY_PATH` for programs of packages that were unpacked into `root`. */
export function libraryPathOf(root: string): string {
    return [join(root, LIBRARIES), join(root, "lib/x86_64-linux-gnu"), join(root, "usr/lib")].join(
        ":",
    );
}

const OTHER_DISTRIBUTION =
    "install PowerDNS 4.7 or newer with its SQLite backend, dig and delv by your distribution's package tool so that /usr/sbin/pdns_server and /usr/bin/dig exist, or use Debian or Ubuntu";

async function apt(args: readonly string[]): Promise<string> {
    try {
        const { stdout } = await execa("apt-get", args, {
            env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
            all: true,
        });
        return stdout;
    } catch (error) {
        const output = error instanceof Error && "all" in error ? String(error.all) : "";
        if (error instanceof Error && "code" in error && error.code === "ENOENT")
            throw new SetupError("this system has no apt-get", OTHER_DISTRIBUTION, {
                cause: error,
            });
        const tail = output.trimEnd().split("\n").slice(-6).join("\n    ");
        throw new SetupError(
            `apt-get could not provide ${PACKAGES.join(", ")}:\n    ${tail}`,
            buildRemedy(output) ?? `mend it, then try: apt-get install ${PACKAGES.join(" ")}`,
            { cause: error },
        );
    }
}

/** Installs the packages. Needs root. The package's own server is switched off again: the lab starts one of its own. */
export async function installPackages(): Promise<void> {
    await apt(["update", "-q"]);
    await apt(["install", "-y", "-q", "--no-install-recommends", ...PACKAGES]);
    if (await exists("/run/systemd/system"))
        await execa("systemctl", ["disable", "--now", "pdns.service"], { reject: false });
}

/**
 * Unpacks the packages and the libraries that this system lacks into `root`, without root's rights and without installing
 * anything. The package lists are fetched into a directory of our own, since the system's may be empty or old.
 */
export async function unpackPackages(
    root: string,
    packages: readonly string[] = PACKAGES,
): Promise<void> {
    const state = join(root, ".apt");
    for (const name of ["lists/partial", "cache/archives/partial", "debs"])
        await mkdir(join(state, name), { recursive: true });
    const own = [
        `Dir::State::Lists=${join(state, "lists")}`,
        `Dir::Cache=${join(state, "cache")}`,
        "Debug::NoLocking=true",
        "APT::Sandbox::User=",
    ].flatMap((option) => ["-o", option]);
    await apt(["update", "-q", ...own]);
    const plan = await apt([
        "install",
        "--simulate",
        "--no-install-recommends",
        "--reinstall",
        ...own,
        ...packages,
    ]);
    const wanted = [...plan.matchAll(/^Inst (\S+)/gm)].flatMap((match) => match[1] ?? []);
    const debs = join(state, "debs");
    await execa("apt-get", ["download", "-q", ...own, ...wanted], { cwd: debs });
    for (const deb of await readdir(debs))
        await execa("dpkg-deb", ["--extract", join(debs, deb), root]);
    await writeTools(root);
    await execa("rm", ["-rf", state]);
}

/** Wrappers by which `dig` and `delv` find the libraries unpacked beside them. */
async function writeTools(root: string): Promise<void> {
    const directory = join(root, "tools");
    await mkdir(directory);
    for (const name of ["dig", "delv"]) {
        const file = join(directory, name);
        const script = [
            "#!/bin/sh",
            'root=$(cd "$(dirname "$0")/.." && pwd)',
            `LD_LIBRARY_PATH="$root/${LIBRARIES}:$root/lib/x86_64-linux-gnu:$root/usr/lib" exec "$root/usr/bin/${name}" "$@"`,
        ];
        await writeFile(file, `${script.join("\n")}\n`);
        await chmod(file, 0o755);
    }
}
