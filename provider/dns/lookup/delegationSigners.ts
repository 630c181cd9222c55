import { createHash } from "node:crypto";
import type { Answer } from "dns-packet";
import { canonicalContent } from "../contents.ts";

/** DS records of an answer, in canonical presentation format. */
export function dsOf(answers: readonly Answer[]): string[] {
    return answers.flatMap((answer) =>
        answer.type === "DS"
            ? [
                  canonicalContent(
                      "DS",
                      `${answer.data.keyTag} ${answer.data.algorithm} ${answer.data.digestType} ${answer.data.digest.toString("hex")}`,
                  ),
              ]
            : [],
    );
}

/** A key as a zone serves it. */
export interface ZoneKey {
    readonly flags: number;
    readonly algorithm: number;
    readonly key: Buffer;
}

/** Keys of an answer. */
export function keysOf(answers: readonly Answer[]): ZoneKey[] {
    return answers.flatMap((answer) => (answer.type === "DNSKEY" ? [answer.data] : []));
}

const HASHES: Readonly<Record<number, string>> = { 1: "sha1", 2: "sha256", 4: "sha384" };

/** Whether one of the keys is the one that `ds` speaks of (RFC 4034, 5.2). An unknown digest type matches nothing. */
export function dsMatches(ds: string, zone: string, keys: readonly ZoneKey[]): boolean {
    const [tag, algorithm, type, digest] = ds.split(" ");
    const hash = HASHES[Number(type)];
    if (hash === undefined) return false;
    return keys.some((key) => {
        const data = keyData(key);
        return (
            key.algorithm === Number(algorithm) &&
            keyTag(data) === Number(tag) &&
            createHash(hash).update(wireName(zone)).update(data).digest("hex") === digest
        );
    });
}

/** The DS record with SHA-256 that speaks of a key, in canonical presentation format (RFC 4509). */
export function dsOfKey(key: ZoneKey, zone: string): string {
    const data = keyData(key);
    const digest = createHash("sha256").update(wireName(zone)).update(data).digest("hex");
    return `${keyTag(data)} ${key.algorithm} 2 ${digest}`;
}

function keyData({ flags, algorithm, key }: ZoneKey): Buffer {
    return Buffer.concat([Buffer.from([flags >> 8, flags & 0xff, 3, algorithm]), key]);
}

/** Key tag of a DNSKEY's data (RFC 4034, appendix B). */
function keyTag(data: Buffer): number {
    let sum = 0;
    for (const [i, octet] of data.entries()) sum += i % 2 === 0 ? octet << 8 : octet;
    return (sum + (sum >> 16)) & 0xffff;
}

function wireName(name: string): Buffer {
    const labels = name.split(".").filter((label) => label !== "");
    return Buffer.concat([
        ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]),
        Buffer.from([0]),
    ]);
}
