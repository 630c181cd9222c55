import { execFile } from "node:child_process";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import type { LabAddresses } from "../../../lab/addresses.ts";
import { testToolchain } from "../../support/toolchain.ts";

const run = promisify(execFile);

async function ask(
    program: "dig" | "delv",
    addresses: LabAddresses,
    server: string,
    args: readonly string[],
): Promise<string> {
    const { path, binaries } = await testToolchain();
    const { stdout, stderr } = await run(
        program,
        [`@${server}`, "-p", String(addresses.dnsPort), ...args],
        {
            env: {
                PATH: [...path, process.env.PATH ?? ""].join(delimiter),
                ...(binaries.libraryPath === "" ? {} : { LD_LIBRARY_PATH: binaries.libraryPath }),
            },
        },
    );
    return stdout + stderr;
}

/** Asks one of the lab's name servers with dig(1); returns the lines of the short answer, sorted. */
export async function dig(
    addresses: LabAddresses,
    name: string,
    type: string,
    server = addresses.nameServers[0],
): Promise<string[]> {
    const answer = await ask("dig", addresses, server, [
        "+norecurse",
        "+short",
        "+tries=1",
        "+time=5",
        name,
        type,
    ]);
    return answer.split("\n").filter(Boolean).sort();
}

/** The whole of dig's answer: header, authority and additional section. */
export async function digAll(addresses: LabAddresses, name: string, type: string): Promise<string> {
    return ask("dig", addresses, addresses.nameServers[0], ["+norecurse", "+dnssec", name, type]);
}

/** Validates an answer with delv(1) from the top-level zone's key down; returns what delv prints. */
export async function delv(
    addresses: LabAddresses,
    trustAnchorFile: string,
    name: string,
    type: string,
): Promise<string> {
    return ask("delv", addresses, addresses.nameServers[0], [
        "-a",
        trustAnchorFile,
        "+root=example.",
        name,
        type,
    ]);
}
