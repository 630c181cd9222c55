import "reflect-metadata";
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto);

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

const DAY = 86_400_000;

/** What `@pulumi/tls` is told about a certificate, as far as the program uses it. */
export interface CertificateRequest {
    readonly commonName: string;
    readonly organization?: string;
    readonly ca: boolean;
    /** Hours until it ends; negative for one that has expired. */
    readonly hours: number;
}

/** A fresh P-256 key, PEM as `tls.PrivateKey` writes it. */
export function privateKeyPem(): string {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return privateKey.export({ type: "sec1", format: "pem" }) as string;
}

/** A certificate for `keyPem`, signed by `issuer`, or by itself where there is none. */
export async function issue(
    request: CertificateRequest,
    keyPem: string,
    issuer?: { readonly certificatePem: string; readonly keyPem: string },
): Promise<string> {
    const key = await importKey(keyPem);
    const signer = issuer ? await importKey(issuer.keyPem) : key;
    const subject = [
        `CN=${request.commonName}`,
        ...(request.organization ? [`O=${request.organization}`] : []),
    ].join(", ");
    const certificate = await x509.X509CertificateGenerator.create({
        subject,
        issuer: issuer ? new x509.X509Certificate(issuer.certificatePem).subject : subject,
        notBefore: new Date(Date.now() - DAY),
        notAfter: new Date(Date.now() + request.hours * 3_600_000),
        publicKey: key.publicKey,
        signingKey: signer.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
            new x509.BasicConstraintsExtension(request.ca, undefined, true),
            await x509.SubjectKeyIdentifierExtension.create(key.publicKey),
            await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
        ],
    });
    return `${certificate.toString("pem")}\n`;
}

async function importKey(pem: string): Promise<webcrypto.CryptoKeyPair> {
    const key = createPrivateKey(pem);
    const load = (jwk: JsonWebKey, usage: "sign" | "verify"): Promise<webcrypto.CryptoKey> =>
        webcrypto.subtle.importKey("jwk", jwk, ALGORITHM, true, [usage]);
    return {
        privateKey: await load(key.export({ format: "jwk" }), "sign"),
        publicKey: await load(createPublicKey(key).export({ format: "jwk" }), "verify"),
    };
}
