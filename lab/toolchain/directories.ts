import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The clone that this file belongs to. */
export const CLONE = resolve(import.meta.dirname, "../..");

/** Everything that the lab writes inside the clone. */
export const LAB_ROOT = join(CLONE, ".lab");

/** Committed Go modules, one folder per recipe. */
export const GO_MODULES = join(import.meta.dirname, "go");

/** The cache that all clones of this user share (XDG Base Directory Specification). */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
    const base = environment.XDG_CACHE_HOME;
    return join(base?.startsWith("/") === true ? base : join(homedir(), ".cache"), "sovereign");
}
