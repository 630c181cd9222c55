import type { Cache } from "./cache.ts";
import { SetupError } from "./setupError.ts";
import type { Step } from "./steps.ts";
import { PACKAGES, findDnsPrograms, installPackages, unpackPackages } from "./systemPackages.ts";
import type { DnsPrograms } from "./systemPackages.ts";

const NAME = "system-packages";

/** Packages are unpacked once per set of names; the versions are those of the system's release. */
const KEY = PACKAGES.join("_");

/**
 * PowerDNS, dig and delv: installed ones, or those unpacked earlier. Where there are none, the step that provides them.
 *
 * @param found - gets the programs, now or by the step
 */
export async function obtainDnsPrograms(
    cache: Cache,
    found: (programs: DnsPrograms) => void,
): Promise<Step | undefined> {
    const unpacked = await cache.find(NAME, KEY);
    const existing =
        (await findDnsPrograms("/")) ?? (unpacked && (await findDnsPrograms(unpacked.directory)));
    if (existing) {
        found(existing);
        return undefined;
    }
    return {
        title: "PowerDNS, dig and delv",
        purpose: "the authoritative DNS server of the lab",
        run: async (report) => {
            const root = process.getuid?.() === 0;
            report(root ? "apt-get install" : "unpacking the system's packages, without root");
            const directory = root ? await install() : await unpack(cache);
            const programs = await findDnsPrograms(directory);
            if (!programs)
                throw new SetupError(
                    `${PACKAGES.join(", ")} do not bring PowerDNS 4.7 or newer with SQLite, dig and delv`,
                    "use Debian 12, Ubuntu 24.04 or newer, or install PowerDNS 4.7 from https://repo.powerdns.com/",
                );
            found(programs);
            return root ? "installed" : `unpacked into ${directory}`;
        },
    };
}

async function install(): Promise<string> {
    await installPackages();
    return "/";
}

async function unpack(cache: Cache): Promise<string> {
    const entry = await cache.obtain(NAME, KEY, async (directory) => {
        await unpackPackages(directory);
        return { origin: "system", version: PACKAGES.join(", ") };
    });
    return entry.directory;
}
