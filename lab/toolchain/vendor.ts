import { readdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { execa } from "execa";
import { ENGINE_VERSION, sdkVersion } from "./versions.ts";
import type { ProviderName } from "./versions.ts";

/** Where the vendor's installer downloads from. */
const SOURCE = "https://get.pulumi.com/install.sh";

/** Milliseconds that the vendor's site has to answer; many machines reach package registries only. */
const PROBE_TIMEOUT = 4000;

/** Milliseconds for one download. */
const DOWNLOAD_TIMEOUT = 180_000;

let probe: Promise<boolean> | undefined;

/** Whether the vendor's downloads can be reached from here. Asked once per process. */
export function vendorReachable(): Promise<boolean> {
    probe ??= fetch(SOURCE, { method: "HEAD", signal: AbortSignal.timeout(PROBE_TIMEOUT) }).then(
        (response) => response.ok,
        () => false,
    );
    return probe;
}

/** Environment in which the vendor's tools touch `home` alone. */
function environment(home: string): Record<string, string> {
    return { PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
}

/**
 * Lets the npm package `pulumi`, the official CLI's wrapper, download the CLI with its language hosts into `output`.
 *
 * @throws when the download fails; the caller goes on to the next source
 */
export async function downloadEngine(output: string): Promise<void> {
    const wrapper = createRequire(import.meta.url).resolve("pulumi/run.js");
    const home = join(output, ".home");
    await execa(process.execPath, [wrapper, "version"], {
        env: environment(home),
        timeout: DOWNLOAD_TIMEOUT,
    });
    await moveInto(join(home, "versions", ENGINE_VERSION, "bin"), output);
    await rm(home, { recursive: true });
}

/**
 * Lets the engine download a provider's plugin into `output`.
 *
 * @param pulumi - path of the CLI
 * @throws when the download fails; the caller goes on to the next source
 */
export async function downloadPlugin(
    pulumi: string,
    provider: ProviderName,
    output: string,
): Promise<void> {
    const version = sdkVersion(provider);
    const home = join(output, ".home");
    await execa(pulumi, ["plugin", "install", "resource", provider, version], {
        env: environment(home),
        timeout: DOWNLOAD_TIMEOUT,
    });
    await moveInto(join(home, "plugins", `resource-${provider}-v${version}`), output);
    await rm(home, { recursive: true });
}

async function moveInto(from: string, to: string): Promise<void> {
    for (const name of await readdir(from)) await rename(join(from, name), join(to, name));
}
