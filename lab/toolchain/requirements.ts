import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { execa } from "execa";
import { SetupError } from "./setupError.ts";

const GIB = 1024 ** 3;

/** `[1, 26, 4]` of `go1.26.4`, `1.26` or `v1.26.4-rc1`; missing parts are 0. */
export function versionNumbers(text: string): readonly [number, number, number] {
    const match = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text);
    return [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0), Number(match?.[3] ?? 0)];
}

/** Whether version `have` is `need` or newer. */
export function atLeast(have: string, need: string): boolean {
    const [a, b] = [versionNumbers(have), versionNumbers(need)];
    for (const i of [0, 1, 2] as const) if (a[i] !== b[i]) return a[i] > b[i];
    return true;
}

/** Enough for modules without a `go` line, and to download others. */
const OLDEST_GO = "1.21";

/** The newest of the `go` lines of some `go.mod` texts. */
export function requiredGo(modules: readonly string[]): string {
    return modules
        .map((text) => /^go (\d+\.\d+(?:\.\d+)?)$/m.exec(text)?.[1] ?? OLDEST_GO)
        .reduce((newest, version) => (atLeast(newest, version) ? newest : version), OLDEST_GO);
}

/** What `go env` says, as far as it matters here. */
export interface GoInstallation {
    /** For example `go1.26.8`. */
    readonly version: string;
    /** `local` keeps Go from fetching a newer toolchain by itself. */
    readonly toolchain: string;
}

/** The Go of this machine, or undefined where there is none. */
export async function findGo(): Promise<GoInstallation | undefined> {
    const result = await execa("go", ["env", "-json", "GOVERSION", "GOTOOLCHAIN"], {
        cwd: "/",
        reject: false,
    });
    if (result.exitCode !== 0) return undefined;
    const env = JSON.parse(result.stdout) as { GOVERSION: string; GOTOOLCHAIN: string };
    return { version: env.GOVERSION, toolchain: env.GOTOOLCHAIN };
}

/**
 * Checks that Go can build the modules.
 *
 * @throws SetupError where Go is missing, or too old and not allowed to fetch a newer one (Go 1.21 and newer do that
 * unless GOTOOLCHAIN is `local`)
 */
export function checkGo(go: GoInstallation | undefined, need: string): void {
    if (!go)
        throw new SetupError(
            `Go is not on PATH; the programs of the lab are built with it (Go ${need} or newer)`,
            "install Go from https://go.dev/dl/ or your distribution's packages, put its bin directory on PATH, and repeat the command",
        );
    if (atLeast(go.version, need)) return;
    if (atLeast(go.version, "1.21") && !go.toolchain.startsWith("local")) return;
    throw new SetupError(
        `Go ${need} or newer is needed, this is ${go.version} with GOTOOLCHAIN=${go.toolchain}`,
        `install a newer Go from https://go.dev/dl/, or let this one fetch it: go env -w GOTOOLCHAIN=auto`,
    );
}

/**
 * Checks the free space of the file system that `directory` is or will be on.
 *
 * @param gibibytes - how much the work that follows takes
 * @throws SetupError where there is less
 */
export async function checkDisk(directory: string, gibibytes: number): Promise<void> {
    const free = await freeBytes(directory);
    if (free >= gibibytes * GIB) return;
    throw new SetupError(
        `${directory} has ${(free / GIB).toFixed(1)} GiB free; building the toolchain from nothing takes ${gibibytes} GiB`,
        "free some space there (go clean -cache removes old Go builds), or set XDG_CACHE_HOME, GOCACHE and GOMODCACHE to a larger disk",
    );
}

async function freeBytes(directory: string): Promise<number> {
    try {
        const { bavail, bsize } = await statfs(directory);
        return bavail * bsize;
    } catch (error) {
        if (directory === "/") throw error;
        return await freeBytes(dirname(directory));
    }
}

/**
 * Turns what a failing build printed into what to do about it.
 *
 * @returns undefined where the output points to nothing that a person can mend
 */
export function buildRemedy(output: string): string | undefined {
    if (/no space left on device/i.test(output))
        return "free some disk space (go clean -cache removes old Go builds) and repeat the command; what is built already is kept";
    if (/signal: killed|cannot allocate memory/i.test(output))
        return "the build ran out of memory: close other programs, or build on a machine with 4 GiB or more, and repeat the command";
    if (
        /dial tcp|module lookup disabled|no such host|connection refused|i\/o timeout|TLS handshake timeout|network is unreachable|ENOTFOUND|EAI_AGAIN|Could not resolve/i.test(
            output,
        )
    )
        return "a package source could not be reached: check the network and, behind a proxy, HTTPS_PROXY or GOPROXY (go env GOPROXY), and repeat the command; what is built already is kept";
    if (/checksum mismatch|SECURITY ERROR/.test(output))
        return "a module does not have the committed checksum: do not use it; clean the module cache (go clean -modcache) and repeat the command";
    return undefined;
}
