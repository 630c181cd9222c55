import { generateKeyPairSync } from "node:crypto";
import { z } from "zod";
import {
    BOOT_FILES,
    CA_NAMES,
    SERVICE_ACCOUNT_KEY,
} from "../../../components/cluster/bootFiles.ts";
import type { Disk } from "../boot/disk.ts";
import { selfSignedCa, type KeyPair } from "./pki.ts";

export type CaName = (typeof CA_NAMES)[number];

/** What every server of a cluster shares: k3s' bootstrap data. PEM; secret. */
export const bootstrapDataSchema = z.object({
    authorities: z.object({
        "server-ca": z.object({ certificate: z.string(), privateKey: z.string() }),
        "client-ca": z.object({ certificate: z.string(), privateKey: z.string() }),
        "request-header-ca": z.object({ certificate: z.string(), privateKey: z.string() }),
        "etcd/server-ca": z.object({ certificate: z.string(), privateKey: z.string() }),
        "etcd/peer-ca": z.object({ certificate: z.string(), privateKey: z.string() }),
    }),
    serviceAccountKey: z.string(),
    /** EncryptionConfiguration, where `secrets-encryption` is on. */
    encryptionConfig: z.string().optional(),
});

export type BootstrapData = z.infer<typeof bootstrapDataSchema>;

/** Where k3s keeps the configuration of `secrets-encryption`. */
export const ENCRYPTION_CONFIG = "/var/lib/rancher/k3s/server/cred/encryption-config.json";

const tls = (file: string) => `${BOOT_FILES.tlsDirectory}/${file}`;

async function readAuthority(disk: Disk, name: CaName): Promise<KeyPair | undefined> {
    const certificate = await disk.read(tls(`${name}.crt`));
    const privateKey = await disk.read(tls(`${name}.key`));
    return certificate && privateKey ? { certificate, privateKey } : undefined;
}

async function authority(disk: Disk, name: CaName, generated: string[]): Promise<KeyPair> {
    const found = await readAuthority(disk, name);
    if (found) return found;
    generated.push(name);
    const made = await selfSignedCa(
        `k3s-${name.replace("/", "-")}@${Math.floor(Date.now() / 1000)}`,
    );
    await disk.write(tls(`${name}.crt`), made.certificate);
    await disk.write(tls(`${name}.key`), made.privateKey, 0o600);
    return made;
}

async function serviceAccountKey(disk: Disk, generated: string[]): Promise<string> {
    const found = await disk.read(tls(SERVICE_ACCOUNT_KEY));
    if (found) return found;
    generated.push(SERVICE_ACCOUNT_KEY);
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const made = privateKey.export({ format: "pem", type: "pkcs1" }).toString();
    await disk.write(tls(SERVICE_ACCOUNT_KEY), made, 0o600);
    return made;
}

/**
 * The CA files on a disk. Each pair that is missing is made, as k3s does when a first server starts
 * (https://docs.k3s.io/cli/certificate#using-custom-ca-certificates): the cluster then works, but nobody knows its CA.
 *
 * @returns the data and the names of what had to be generated
 */
export async function loadOrGenerate(
    disk: Disk,
): Promise<{ data: BootstrapData; generated: readonly string[] }> {
    const generated: string[] = [];
    const [server, client, requestHeader, etcdServer, etcdPeer] = await Promise.all(
        CA_NAMES.map((name) => authority(disk, name, generated)),
    );
    const key = await serviceAccountKey(disk, generated);
    if (!server || !client || !requestHeader || !etcdServer || !etcdPeer)
        throw new Error("a CA could not be made");
    const encryptionConfig = await disk.read(ENCRYPTION_CONFIG);
    return {
        data: {
            authorities: {
                "server-ca": server,
                "client-ca": client,
                "request-header-ca": requestHeader,
                "etcd/server-ca": etcdServer,
                "etcd/peer-ca": etcdPeer,
            },
            serviceAccountKey: key,
            ...(encryptionConfig === undefined ? {} : { encryptionConfig }),
        },
        generated,
    };
}

/** Writes bootstrap data received from another server, as k3s does before a joining server starts. */
export async function store(disk: Disk, data: BootstrapData): Promise<void> {
    for (const name of CA_NAMES) {
        await disk.write(tls(`${name}.crt`), data.authorities[name].certificate);
        await disk.write(tls(`${name}.key`), data.authorities[name].privateKey, 0o600);
    }
    await disk.write(tls(SERVICE_ACCOUNT_KEY), data.serviceAccountKey, 0o600);
    if (data.encryptionConfig !== undefined)
        await disk.write(ENCRYPTION_CONFIG, data.encryptionConfig, 0o600);
}
