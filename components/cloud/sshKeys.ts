import { createHash } from "node:crypto";

/**
 * Short name of a public key, eight hex digits of the SHA-256 over its key material: it stays the same when the comment or
 * the order of keys changes.
 */
export function sshKeyId(publicKey: string): string {
    const material = publicKey.trim().split(/\s+/).slice(0, 2).join(" ");
    return createHash("sha256").update(material).digest("hex").slice(0, 8);
}

/** The keys by their short names, without repetitions. */
export function sshKeysById(publicKeys: readonly string[]): Map<string, string> {
    return new Map(publicKeys.map((key) => [sshKeyId(key), key.trim()]));
}
