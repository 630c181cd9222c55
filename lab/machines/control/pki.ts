import "reflect-metadata";
import {
    createHash,
    createPrivateKey,
    randomBytes,
    webcrypto,
    X509Certificate as NodeCertificate,
} from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

type CryptoKey = webcrypto.CryptoKey;

/** A certificate chain (leaf or CA first) with the private key of its first certificate, PEM. */
export interface KeyPair {
    readonly certificate: string;
    readonly privateKey: string;
}

/** What goes into a leaf certificate. */
export interface LeafRequest {
    readonly commonName: string;
    readonly organizations?: readonly string[];
    /** DNS names and IP addresses. */
    readonly altNames?: readonly string[];
    readonly usages: readonly ("client" | "server")[];
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** k3s signs leaves for a year (https://docs.k3s.io/cli/certificate). */
const LEAF_DAYS = 365;
/** k3s' own CAs live for ten years. */
const CA_DAYS = 3650;

function pem(label: string, der: ArrayBuffer): string {
    return x509.PemConverter.encode(der, label);
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
    return await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function exportKey(key: CryptoKey): Promise<string> {
    return `${pem("PRIVATE KEY", await webcrypto.subtle.exportKey("pkcs8", key))}\n`;
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
    const now = Date.now();
    return { notBefore: new Date(now - 60_000), notAfter: new Date(now + days * 86_400_000) };
}

/** All certificates of a PEM bundle, in order. */
export function splitChain(bundle: string): string[] {
    return bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
}

/** The self-signed certificate at the end of a bundle's chain, or its last one. */
export function rootOf(bundle: string): NodeCertificate {
    const certificates = splitChain(bundle).map((c) => new NodeCertificate(c));
    const root = certificates.find((c) => c.subject === c.issuer) ?? certificates.at(-1);
    if (!root) throw new Error("the CA file holds no certificate");
    return root;
}

/**
 * SHA-256 that a k3s token carries: of the root's DER where the bundle holds a chain, of the file's bytes where it holds a
 * single certificate (k3s `pkg/clientaccess/token.go` `hashCA`).
 */
export function caHash(bundle: string): string {
    const hash = createHash("sha256");
    return (
        splitChain(bundle).length > 1 ? hash.update(rootOf(bundle).raw) : hash.update(bundle)
    ).digest("hex");
}

/** Makes a self-signed CA as k3s does for each CA file that it does not find. */
export async function selfSignedCa(commonName: string): Promise<KeyPair> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
        serialNumber: serial(),
        name: [{ CN: [commonName] }],
        ...validity(CA_DAYS),
        keys,
        signingAlgorithm: ALGORITHM,
        extensions: [
            new x509.BasicConstraintsExtension(true, undefined, true),
            new x509.KeyUsagesExtension(
                x509.KeyUsageFlags.digitalSignature |
                    x509.KeyUsageFlags.keyEncipherment |
                    x509.KeyUsageFlags.keyCertSign,
                true,
            ),
            await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
    });
    return {
        certificate: `${certificate.toString("pem")}\n`,
        privateKey: await exportKey(keys.privateKey),
    };
}

function serial(): string {
    return `00${randomBytes(15).toString("hex")}`;
}

/** Node's own parser takes every PEM form of a key (PKCS #1, SEC 1, PKCS #8), which WebCrypto does not. */
async function importKey(
    privateKey: string,
): Promise<{ key: CryptoKey; algorithm: SigningAlgorithm }> {
    const object = createPrivateKey(privateKey);
    const der = object.export({ format: "der", type: "pkcs8" });
    const curve = object.asymmetricKeyDetails?.namedCurve;
    const algorithm: SigningAlgorithm =
        object.asymmetricKeyType === "ec"
            ? {
                  name: "ECDSA",
                  namedCurve: curve === "secp384r1" ? "P-384" : "P-256",
                  hash: "SHA-256",
              }
            : { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    return {
        key: await webcrypto.subtle.importKey("pkcs8", new Uint8Array(der), algorithm, true, [
            "sign",
        ]),
        algorithm,
    };
}

interface SigningAlgorithm {
    readonly name: string;
    readonly namedCurve?: string;
    readonly hash: string;
}

/** Signs a leaf with the CA's first certificate; the result's chain is the leaf and the CA file's content. */
export async function issueLeaf(ca: KeyPair, request: LeafRequest): Promise<KeyPair> {
    const issuerPem = splitChain(ca.certificate)[0];
    if (!issuerPem) throw new Error("the CA file holds no certificate");
    const issuer = new x509.X509Certificate(issuerPem);
    const signer = await importKey(ca.privateKey);
    const keys = await newKeys();
    const eku = {
        client: x509.ExtendedKeyUsage.clientAuth,
        server: x509.ExtendedKeyUsage.serverAuth,
    };
    const names = [...new Set(request.altNames ?? [])];
    const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serial(),
        subject: [
            ...(request.organizations ?? []).map((o) => ({ O: [o] })),
            { CN: [request.commonName] },
        ],
        issuer: issuer.subjectName,
        ...validity(LEAF_DAYS),
        publicKey: keys.publicKey,
        signingKey: signer.key,
        signingAlgorithm: signer.algorithm,
        extensions: [
            new x509.KeyUsagesExtension(
                x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
                true,
            ),
            new x509.ExtendedKeyUsageExtension(request.usages.map((u) => eku[u])),
            await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
            ...(names.length > 0
                ? [
                      new x509.SubjectAlternativeNameExtension(
                          names.map((value) => ({ type: isIP(value) ? "ip" : "dns", value })),
                      ),
                  ]
                : []),
        ],
    });
    return {
        certificate: `${certificate.toString("pem")}\n${ca.certificate}`,
        privateKey: await exportKey(keys.privateKey),
    };
}
