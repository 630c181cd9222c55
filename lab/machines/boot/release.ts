import { createHash } from "node:crypto";
import type { BootstrapEnvironment } from "../../../components/cluster/bootFiles.ts";
import { k3sReleaseFile } from "../k3sRelease.ts";
import type { Disk } from "./disk.ts";

/** Where the bootstrap script installs k3s. */
export const K3S_BINARY = "/usr/local/bin/k3s";

/** The boot cannot go on; a restart of the machine tries again. */
export class BootError extends Error {
    override readonly name = "BootError";
}

/** URL of the release file for an architecture: `+` is encoded, as GitHub wants it. */
export function releaseUrl(environment: BootstrapEnvironment, architecture: "x86" | "arm"): string {
    const file = k3sReleaseFile(architecture === "x86" ? "amd64" : "arm64");
    return `${environment.k3sDownloadUrl}/${encodeURIComponent(environment.k3sVersion)}/${file}`;
}

/**
 * Downloads the k3s release file and checks its SHA-256, then installs it on the disk.
 *
 * @throws BootError naming the URL and what was wrong, as the console of a real machine would show it
 */
export async function installK3s(
    environment: BootstrapEnvironment,
    architecture: "x86" | "arm",
    disk: Disk,
    signal: AbortSignal,
): Promise<void> {
    const key = architecture === "x86" ? "amd64" : "arm64";
    const expected = environment.k3sSha256[key];
    if (!expected) throw new BootError(`no SHA-256 of the k3s release for ${key} in bootstrap.env`);
    const url = releaseUrl(environment, architecture);
    let body: Buffer;
    try {
        const response = await fetch(url, { signal });
        if (!response.ok) throw new BootError(`${url}: HTTP ${response.status}`);
        body = Buffer.from(await response.arrayBuffer());
    } catch (error) {
        if (error instanceof BootError || signal.aborted) throw error;
        throw new BootError(`${url}: ${reason(error)}`, { cause: error });
    }
    const found = createHash("sha256").update(body).digest("hex");
    if (found !== expected.toLowerCase())
        throw new BootError(`${url}: SHA-256 is ${found}, expected ${expected}`);
    await disk.write(K3S_BINARY, body, 0o755);
}

function reason(error: unknown): string {
    if (!(error instanceof Error)) return String(error);
    return error.cause instanceof Error ? error.cause.message : error.message;
}
