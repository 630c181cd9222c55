import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A resource plugin that an installed package asks for. */
export interface RequiredPackage {
    readonly name: string;
    /** With a leading `v`. */
    readonly version: string;
    /** Where to download it, if not from the usual place. */
    readonly server?: string;
}

interface Manifest {
    readonly name: string;
    readonly version: string;
    readonly pulumi?: {
        readonly resource?: boolean;
        readonly name?: string;
        readonly version?: string;
        readonly server?: string;
    };
}

/**
 * The plugins that the packages installed for `directory` ask for: those with `pulumi.resource` in their manifest
 * (https://www.pulumi.com/docs/iac/packages-and-automation/pulumi-packages/authoring/), in the `node_modules` folders that
 * Node would look in. The nearest copy of a package wins.
 */
export async function requiredPackages(directory: string): Promise<RequiredPackage[]> {
    const found = new Map<string, RequiredPackage>();
    for (const folder of nodeModulesFolders(directory)) {
        for (const name of await installedPackages(folder)) {
            const required = requirement(await manifest(join(folder, name)));
            if (required && !found.has(required.name)) found.set(required.name, required);
        }
    }
    return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** Name and version of every package installed for `directory`, nearest copy first wins. */
export async function installedDependencies(
    directory: string,
): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const folder of nodeModulesFolders(directory)) {
        for (const name of await installedPackages(folder)) {
            const installed = await manifest(join(folder, name));
            if (installed && !found.has(installed.name))
                found.set(installed.name, installed.version);
        }
    }
    return found;
}

/** `node_modules` folders from `directory` up to the root, nearest first. */
function nodeModulesFolders(directory: string): string[] {
    const folders: string[] = [];
    for (let current = directory; ; current = dirname(current)) {
        const folder = join(current, "node_modules");
        if (existsSync(folder)) folders.push(folder);
        if (current === dirname(current)) return folders;
    }
}

async function installedPackages(folder: string): Promise<string[]> {
    const names: string[] = [];
    for (const name of await readdir(folder)) {
        if (name.startsWith(".")) continue;
        if (name.startsWith("@"))
            names.push(...(await readdir(join(folder, name))).map((inner) => join(name, inner)));
        else names.push(name);
    }
    return names;
}

async function manifest(directory: string): Promise<Manifest | undefined> {
    try {
        return JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as Manifest;
    } catch {
        // A folder without a readable manifest is no package.
        return undefined;
    }
}

function requirement(found: Manifest | undefined): RequiredPackage | undefined {
    if (found?.pulumi?.resource !== true) return undefined;
    const { name, version, server } = found.pulumi;
    return {
        name: name ?? found.name.replace(/^@[^/]+\//, ""),
        version: `v${(version ?? found.version).replace(/^v/, "")}`,
        ...(server === undefined ? {} : { server }),
    };
}
