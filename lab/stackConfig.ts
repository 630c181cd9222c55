import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseDocument } from "yaml";
import type { Document } from "yaml";
import { labPort } from "./addresses.ts";

/** Project part of a config key. */
const PROJECT = "sovereign";

export interface LabStackConfigOptions {
    /** Lab that the stack is for. */
    readonly instance: number;
    /** As in `LabAddresses`. */
    readonly portOffset: number;
    /** Values to set, by key without the project. */
    readonly overrides?: Readonly<Record<string, unknown>>;
}

/**
 * The config of a stack for another lab than number 0, from that of the `dev` stack: its addresses are moved, and nothing else. The
 * encrypted values stay as they are, under the same passphrase.
 *
 * @param text - text of `Pulumi.dev.yaml`
 */
export function labStackConfig(text: string, options: LabStackConfigOptions): string {
    const { instance, portOffset, overrides = {} } = options;
    const moved = text.replaceAll(/\b127\.64\./g, `127.${64 + instance}.`);
    const document = parseDocument(moved);
    if (portOffset !== 0) moveDns(document, labPort(53, portOffset));
    for (const [key, value] of Object.entries(overrides))
        document.setIn(["config", `${PROJECT}:${key}`], value);
    return document.toString();
}

/** Name servers are asked at another port where this user may not bind 53. */
function moveDns(document: Document, port: number): void {
    document.setIn(["config", `${PROJECT}:dnsPort`], port);
    const resolver = document.getIn(["config", `${PROJECT}:resolver`]);
    if (typeof resolver === "string")
        document.setIn(["config", `${PROJECT}:resolver`], resolver.replace(/:53$/, `:${port}`));
}

/** Writes {@link labStackConfig} of the file `from` to `to`. */
export async function writeLabStackConfig(
    from: string,
    to: string,
    options: LabStackConfigOptions,
): Promise<void> {
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, labStackConfig(await readFile(from, "utf8"), options));
}
