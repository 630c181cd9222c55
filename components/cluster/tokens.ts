import { X509Certificate } from "node:crypto";

/**
 * What pins the cluster's root inside a k3s token: SHA-256 over the DER of the root certificate, hex. That is how k3s
 * hashes a CA bundle of more than one certificate (https://docs.k3s.io/cli/token#secure). Throws where the PEM is none.
 */
export function rootHash(rootPem: string): string {
    return new X509Certificate(rootPem).fingerprint256.replaceAll(":", "").toLowerCase();
}

/** Token that joins control planes; it is as good as the CA keys. */
export function serverToken(rootPem: string, password: string): string {
    return `K10${rootHash(rootPem)}::server:${password}`;
}

/** Token that joins workers, and nothing else. */
export function agentToken(rootPem: string, password: string): string {
    return `K10${rootHash(rootPem)}::node:${password}`;
}
