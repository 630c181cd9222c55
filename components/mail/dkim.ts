import { createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { DkimSelectorConfig } from "../../config/model.ts";

/** Smallest RSA key that receivers should accept without a remark (RFC 8301 3.2). */
const MIN_RSA_BITS = 2048;

/** Length of an Ed25519 public key (RFC 8032 5.1.5), which DKIM publishes bare (RFC 8463 4). */
const ED25519_BYTES = 32;

/** Name of a selector's record. */
export function dkimName(selector: string, fqdn: string): string {
    return `${selector}._domainkey.${fqdn}`;
}

/**
 * Value of the record of a public key in PEM (SubjectPublicKeyInfo): RSA as that structure in DER, Ed25519 as its bare 32 bytes
 * (RFC 6376 3.6.1, RFC 8463 4). Throws a RangeError on a key of another kind, and on RSA below 2048 bits.
 */
export function dkimValue(
    algorithm: DkimSelectorConfig["algorithm"],
    publicKeyPem: string,
): string {
    const key = createPublicKey(publicKeyPem);
    return algorithm === "rsa2048"
        ? `v=DKIM1; k=rsa; h=sha256; p=${rsaKey(key)}`
        : `v=DKIM1; k=ed25519; h=sha256; p=${ed25519Key(key)}`;
}

/** Value of the record of a revoked selector: an empty key (RFC 6376 3.6.1). */
export function revokedDkimValue(algorithm: DkimSelectorConfig["algorithm"]): string {
    return `v=DKIM1; k=${algorithm === "rsa2048" ? "rsa" : "ed25519"}; p=`;
}

function rsaKey(key: KeyObject): string {
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (key.asymmetricKeyType !== "rsa" || bits < MIN_RSA_BITS)
        throw new RangeError(`not an RSA key of ${MIN_RSA_BITS} bits or more`);
    return key.export({ type: "spki", format: "der" }).toString("base64");
}

function ed25519Key(key: KeyObject): string {
    if (key.asymmetricKeyType !== "ed25519") throw new RangeError("not an Ed25519 key");
    const bare = key.export({ type: "spki", format: "der" }).subarray(-ED25519_BYTES);
    return bare.toString("base64");
}
