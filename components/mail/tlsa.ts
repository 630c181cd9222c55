import { createHash, createPublicKey } from "node:crypto";

/**
 * TLSA content that pins a public key whoever certified it: DANE-EE, SubjectPublicKeyInfo, SHA-256 (RFC 7671 5.1, RFC 7672 3.1).
 *
 * @param publicKeyPem - SubjectPublicKeyInfo in PEM
 */
export function tlsaValue(publicKeyPem: string): string {
    const der = createPublicKey(publicKeyPem).export({ type: "spki", format: "der" });
    return `3 1 1 ${createHash("sha256").update(der).digest("hex")}`;
}
