import { createHash, generateKeyPairSync } from "node:crypto";
import type { runtime } from "@pulumi/pulumi";
import bcrypt from "bcryptjs";
import type { Outputs } from "./plan.ts";
import { unwrapSecrets } from "./plan.ts";
import { providerOutputs } from "./providerOutputs.ts";

/** The envelope that the SDK puts around a secret. */
function secret(value: unknown) {
    return {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        value,
    };
}

function rsaKeys() {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    return {
        privateKeyPem: privateKey.export({ type: "pkcs1", format: "pem" }),
        privateKeyPemPkcs8: privateKey.export({ type: "pkcs8", format: "pem" }),
        publicKeyPem: publicKey.export({ type: "spki", format: "pem" }),
    };
}

function ecKeys() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return {
        privateKeyPem: privateKey.export({ type: "sec1", format: "pem" }),
        privateKeyPemPkcs8: privateKey.export({ type: "pkcs8", format: "pem" }),
        publicKeyPem: publicKey.export({ type: "spki", format: "pem" }),
    };
}

function ed25519Keys() {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const privateKeyPem = privateKey.export({ type: "pkcs8", format: "pem" });
    return {
        privateKeyPem,
        privateKeyPemPkcs8: privateKeyPem,
        publicKeyPem: publicKey.export({ type: "spki", format: "pem" }),
    };
}

/** RSA keys take long to make; one per name is enough for all plans of a run. */
const made = new Map<string, Record<string, unknown>>();

function keysOf(args: runtime.MockResourceArgs): Record<string, unknown> {
    const { algorithm } = args.inputs as { algorithm: string };
    const known = made.get(args.name);
    if (known) return known;
    const make = { RSA: rsaKeys, ED25519: ed25519Keys }[algorithm] ?? ecKeys;
    const { privateKeyPem, privateKeyPemPkcs8, publicKeyPem } = make();
    const keys = {
        privateKeyPem: secret(privateKeyPem),
        privateKeyPemPkcs8: secret(privateKeyPemPkcs8),
        publicKeyPem,
    };
    made.set(args.name, keys);
    return keys;
}

/** Cheapest work factor of bcrypt; nobody guesses these passwords. */
const WORK_FACTOR = 4;

/** The password that the mocked provider makes for a resource. */
export function mockPassword(name: string, length: number): string {
    return createHash("sha512").update(name).digest("hex").slice(0, length);
}

function password(args: runtime.MockResourceArgs): Record<string, unknown> {
    const inputs = unwrapSecrets(args.inputs) as { length: number };
    const result = mockPassword(args.name, inputs.length);
    const bcryptHash = bcrypt.hashSync(result, WORK_FACTOR).replace(/^\$2b\$/, "$2a$");
    return { result: secret(result), bcryptHash: secret(bcryptHash) };
}

/** Computed outputs of every resource of a whole Sovereign, by type token, for `plan()`. Keys and certificates are real. */
export function sovereignOutputs(): Record<string, Outputs> {
    return {
        ...providerOutputs(),
        "tls:index/privateKey:PrivateKey": keysOf,
        "random:index/randomPassword:RandomPassword": password,
        "sovereign:dns:Zone": { ds: ["12345 13 2 0123abcd"], dnskeys: ["257 3 13 key"] },
        "sovereign:dns:Delegation": { previousNameServers: [] },
        "kubernetes:helm.sh/v3:Release": { status: { status: "deployed" } },
    };
}
