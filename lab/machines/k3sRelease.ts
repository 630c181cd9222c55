import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { LabAddresses } from "../addresses.ts";
import { close, listen } from "../httpListener.ts";
import type { LabContext, LabPart, PartStatus } from "../parts.ts";

/** Architecture suffixes of k3s' release files. */
export type ReleaseArchitecture = "amd64" | "arm64";

const RELEASES_PATH = "/k3s-io/k3s/releases/download";
const VERSION = /^v\d+\.\d+\.\d+(-[A-Za-z0-9.]+)?\+k3s\d+$/;

/** Name of the release file (https://github.com/k3s-io/k3s/releases): `k3s`, or `k3s-arm64`. */
export function k3sReleaseFile(architecture: ReleaseArchitecture): string {
    return architecture === "amd64" ? "k3s" : "k3s-arm64";
}

/**
 * The file that stands for the k3s binary of a release: the same bytes for the same version and architecture, always. It is
 * a script that says so to whoever runs it.
 */
export function k3sReleaseContent(version: string, architecture: ReleaseArchitecture): Buffer {
    return Buffer.from(
        [
            "#!/bin/sh",
            `# Stands for k3s ${version} (${architecture}) in the lab, where a machine's Kubernetes is run from outside.`,
            `echo "k3s version ${version} (lab)"`,
            "",
        ].join("\n"),
    );
}

/** SHA-256 of {@link k3sReleaseContent}, hex; what `sha256sum-<arch>.txt` of the release says. */
export function k3sReleaseSha256(version: string, architecture: ReleaseArchitecture): string {
    return createHash("sha256").update(k3sReleaseContent(version, architecture)).digest("hex");
}

/** Value of `K3S_DOWNLOAD_URL` for a lab. */
export function k3sDownloadUrl(addresses: Pick<LabAddresses, "releases">): string {
    return `http://${addresses.releases.host}:${addresses.releases.port}${RELEASES_PATH}`;
}

/** The bytes behind a request path, or `undefined` where the release server has nothing there. */
export function releaseAt(path: string): Buffer | undefined {
    if (!path.startsWith(`${RELEASES_PATH}/`)) return undefined;
    const [version = "", file = "", ...rest] = path
        .slice(RELEASES_PATH.length + 1)
        .split("/")
        .map(decodeURIComponent);
    if (rest.length > 0 || !VERSION.test(version)) return undefined;
    for (const architecture of ["amd64", "arm64"] as const) {
        const name = k3sReleaseFile(architecture);
        if (file === name) return k3sReleaseContent(version, architecture);
        if (file === `sha256sum-${architecture}.txt`)
            return Buffer.from(`${k3sReleaseSha256(version, architecture)}  ${name}\n`);
    }
    return undefined;
}

/** Serves k3s releases on `addresses.releases`, by the paths of the project's own download pages. */
export class K3sReleases implements LabPart {
    readonly name = "k3s-releases";
    readonly #context: Pick<LabContext, "addresses">;
    #server: Server | undefined;

    constructor(context: Pick<LabContext, "addresses">) {
        this.#context = context;
    }

    async start(): Promise<void> {
        if (this.#server) return;
        const server = createServer((request, response) => {
            let content: Buffer | undefined;
            try {
                content = releaseAt(new URL(request.url ?? "/", "http://releases").pathname);
            } catch {
                content = undefined;
            }
            if (request.method !== "GET" && request.method !== "HEAD")
                response.writeHead(405).end();
            else if (!content) response.writeHead(404).end("Not Found\n");
            else
                response
                    .writeHead(200, {
                        "content-type": "application/octet-stream",
                        "content-length": content.length,
                    })
                    .end(request.method === "HEAD" ? undefined : content);
        });
        const { host, port } = this.#context.addresses.releases;
        await listen(server, port, host);
        this.#server = server;
    }

    async stop(): Promise<void> {
        const server = this.#server;
        this.#server = undefined;
        if (server) await close(server);
    }

    status(): PartStatus {
        return {
            state: this.#server ? "ready" : "stopped",
            url: k3sDownloadUrl(this.#context.addresses),
            processes: [],
            details: {},
        };
    }
}
