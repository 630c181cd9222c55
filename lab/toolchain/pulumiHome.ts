import {
    access,
    copyFile,
    link,
    mkdir,
    realpath,
    rename,
    rm,
    stat,
    symlink,
    writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ENGINE_VERSION, sdkVersion } from "./versions.ts";
import type { ProviderName } from "./versions.ts";

/** What a `PULUMI_HOME` is put together from. */
export interface PulumiHomeParts {
    readonly pulumi: string;
    /** The official language host, or undefined where ours takes its place. */
    readonly languageHost: string | undefined;
    /** Directory of each provider's plugin. */
    readonly plugins: Readonly<Record<ProviderName, string>>;
}

/** Our language host, for where the official one cannot be had. */
export const LANGUAGE_HOST = join(import.meta.dirname, "languageHost/main.ts");

/** The official language host, where it lies beside the CLI, as in the vendor's archive. */
export async function languageHostBeside(pulumi: string): Promise<string | undefined> {
    const file = join(dirname(await realpath(pulumi)), "pulumi-language-nodejs");
    return await access(file).then(
        () => file,
        () => undefined,
    );
}

/** Where the npm package `pulumi` looks for the CLI before it downloads one. */
export function engineDirectory(home: string): string {
    return join(home, "versions", ENGINE_VERSION, "bin");
}

/**
 * Puts a `PULUMI_HOME` together in which the engine finds its CLI, its language host and every plugin under the version
 * that the npm SDK asks for. Repeating it changes nothing; parts that changed are replaced in one step each.
 */
export async function assemblePulumiHome(home: string, parts: PulumiHomeParts): Promise<void> {
    const bin = engineDirectory(home);
    await mkdir(bin, { recursive: true });
    // The engine looks for the language host beside the file that it really runs, so a symbolic link would not do.
    await place(parts.pulumi, join(bin, "pulumi"));
    const host = join(bin, "pulumi-language-nodejs");
    if (parts.languageHost === undefined) await writeLanguageHost(host);
    else await place(parts.languageHost, host);
    for (const [provider, directory] of Object.entries(parts.plugins) as [ProviderName, string][]) {
        const target = join(home, "plugins", `resource-${provider}-v${sdkVersion(provider)}`);
        await mkdir(target, { recursive: true });
        const name = `pulumi-resource-${provider}`;
        await replace(join(target, name), (scratch) => symlink(join(directory, name), scratch));
    }
}

/** The same file under another name: a hard link, or a copy where the cache is on another file system. */
async function place(from: string, to: string): Promise<void> {
    const [source, target] = await Promise.all([stat(from), stat(to).catch(() => undefined)]);
    const linked = source.dev === target?.dev && source.ino === target.ino;
    const copied = source.size === target?.size && source.mtimeMs <= target.mtimeMs;
    if (linked || copied) return;
    await replace(to, async (scratch) => {
        await link(from, scratch).catch(() => copyFile(from, scratch));
    });
}

async function writeLanguageHost(file: string): Promise<void> {
    const quoted = [process.execPath, "--disable-warning=ExperimentalWarning", LANGUAGE_HOST]
        .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
        .join(" ");
    await replace(file, (scratch) =>
        writeFile(scratch, `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 }),
    );
}

/** Makes a file under a scratch name and renames it, so that a running engine never meets half of it. */
async function replace(file: string, make: (scratch: string) => Promise<void>): Promise<void> {
    const scratch = join(file, "..", `.${basename(file)}.${process.pid}`);
    await rm(scratch, { force: true });
    await make(scratch);
    await rename(scratch, file);
}
