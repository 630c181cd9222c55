import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LabContext } from "../../lab/parts.ts";
import { cacheDirectory } from "../../lab/toolchain/directories.ts";
import { libraryPathOf, unpackPackages } from "../../lab/toolchain/systemPackages.ts";
import { eventually } from "./eventually.ts";

const run = promisify(execFile);

/** A validating resolver in front of a lab's name servers, as a mail provider would run one. */
export interface ValidatingResolver {
    /** Its address, for `dig`. */
    readonly address: string;
    readonly port: number;
    stop(): Promise<void>;
}

interface UnboundProgram {
    readonly path: string;
    readonly libraryPath: string;
}

/**
 * Starts unbound(8) with a lab's trust anchor (RFC 4033): what it answers with AD is validated from the top-level zone's key down.
 *
 * @param trustAnchor - DNSKEY of the zone, `<flags> 3 <algorithm> <key>`
 */
export async function startUnbound(
    { addresses, directory }: Pick<LabContext, "addresses" | "directory">,
    zone: string,
    trustAnchor: string,
): Promise<ValidatingResolver> {
    const program = await unboundProgram();
    const files = join(directory, "unbound");
    await mkdir(files, { recursive: true });
    const address = `${addresses.prefix}.0.253`;
    const configuration = join(files, "unbound.conf");
    const [first, second] = addresses.nameServers;
    await writeFile(
        configuration,
        `server:
    interface: ${address}
    port: ${addresses.dnsPort}
    access-control: 127.0.0.0/8 allow
    chroot: ""
    username: ""
    pidfile: ""
    directory: "${files}"
    use-syslog: no
    logfile: ""
    do-daemonize: no
    do-ip6: no
    do-not-query-localhost: no
    num-threads: 1
    cache-max-ttl: 0
    cache-max-negative-ttl: 0
    module-config: "validator iterator"
    trust-anchor: "${zone} DNSKEY ${trustAnchor}"
stub-zone:
    name: "${zone}"
    stub-addr: ${first}@${addresses.dnsPort}
    stub-addr: ${second}@${addresses.dnsPort}
remote-control:
    control-enable: no
`,
    );
    const child = spawn(program.path, ["-d", "-c", configuration], {
        stdio: ["ignore", "ignore", "pipe"],
        env: {
            PATH: process.env.PATH,
            ...(program.libraryPath === "" ? {} : { LD_LIBRARY_PATH: program.libraryPath }),
        },
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const resolver = {
        address,
        port: addresses.dnsPort,
        async stop() {
            if (child.exitCode !== null || child.signalCode !== null) return;
            const ended = once(child, "exit");
            child.kill("SIGTERM");
            await ended;
        },
    };
    try {
        await eventually("unbound", () => {
            if (child.exitCode !== null) throw new Error(`unbound ended: ${said}`);
            if (!said.includes("start of service")) throw new Error(`unbound says: ${said}`);
        });
    } catch (error) {
        await resolver.stop();
        throw error;
    }
    return resolver;
}

/** The installed unbound, else one unpacked from the system's package without being installed. */
async function unboundProgram(): Promise<UnboundProgram> {
    const installed = "/usr/sbin/unbound";
    if (await exists(installed)) return { path: installed, libraryPath: "" };
    const root = join(cacheDirectory(), "unbound");
    const path = join(root, installed);
    if (!(await exists(path))) await unpackPackages(root, ["unbound"]);
    const libraryPath = libraryPathOf(root);
    await run(path, ["-V"], { env: { LD_LIBRARY_PATH: libraryPath } });
    return { path, libraryPath };
}

async function exists(path: string): Promise<boolean> {
    return access(path).then(
        () => true,
        () => false,
    );
}
