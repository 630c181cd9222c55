import "reflect-metadata";
import { generateKeyPairSync, webcrypto } from "node:crypto";
import { dirname } from "node:path";
import type { V1Pod } from "@kubernetes/client-node";
import { X509CertificateGenerator } from "@peculiar/x509";
import { hashSync } from "bcryptjs";
import { stalwartPlanFiles } from "../../../components/mail/stalwartPlan.ts";
import type { StalwartSpec } from "../../../components/mail/stalwartSpec.ts";
import type { PodView } from "../../../lab/parts.ts";

/** Password of `noreply` in these tests. */
export const PASSWORD = "N0reply-of-the-tests";

/** A spec for `sov.test` behind a load balancer, with one key. */
export function mailSpec(): StalwartSpec {
    return {
        fqdn: "sov.test",
        mailHost: "mail.sov.test",
        ehlo: "mail.sov.test",
        mxHost: "mx.sov.test",
        dkim: [{ selector: "r202611", algorithm: "rsa2048", keyFile: "/dkim/r202611.pem" }],
        passwordHash: hashSync(PASSWORD, 4),
        certificateFile: "/tls/tls.crt",
        keyFile: "/tls/tls.key",
        podCidr: "10.42.0.0/16",
        nodeCidr: "10.0.1.0/24",
        proxyTrustedNetworks: ["10.0.0.254/32"],
        mtaSts: "enforce",
    };
}

/** A self-signed certificate and its key as PEM. */
export async function certificate(
    name: string,
    notAfter = new Date(Date.now() + 86_400_000),
): Promise<{ certificate: string; key: string }> {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const made = await X509CertificateGenerator.createSelfSigned({
        name: `CN=${name}`,
        notBefore: new Date(Math.min(notAfter.getTime(), Date.now()) - 2 * 86_400_000),
        notAfter,
        signingAlgorithm: algorithm,
        keys,
        extensions: [],
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
    return {
        certificate: made.toString("pem"),
        key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString("base64")}\n-----END PRIVATE KEY-----\n`,
    };
}

/** Everything that the pod of a spec mounts, by path. */
export async function mountedFiles(spec: StalwartSpec): Promise<Map<string, string>> {
    const tls = await certificate(spec.mailHost);
    const { privateKey } = generateKeyPairSync("rsa", {
        modulusLength: 2048,
        privateKeyEncoding: { type: "pkcs1", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
    });
    return new Map([
        ...Object.entries(stalwartPlanFiles(spec)).map(([name, text]): [string, string] => [
            `/plan/${name}`,
            text,
        ]),
        ["/tls/tls.crt", tls.certificate],
        ["/tls/tls.key", tls.key],
        ["/dkim/r202611.pem", privateKey],
    ]);
}

const IMAGE = `docker.io/stalwartlabs/stalwart:v0.16.24@sha256:${"0".repeat(64)}`;

/** A pod shaped like the chart's. */
export function mailPod(): V1Pod {
    return {
        metadata: { name: "stalwart-0", namespace: "stalwart-sovereign" },
        spec: {
            securityContext: {
                sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
            },
            initContainers: [
                {
                    name: "apply",
                    image: IMAGE,
                    command: ["bash", "/etc/stalwart/apply.sh", "/plan"],
                },
            ],
            containers: [
                {
                    name: "stalwart",
                    image: IMAGE,
                    command: ["bash", "/etc/stalwart/serve.sh", "/tls/tls.crt"],
                    ports: [
                        { containerPort: 25, hostPort: 25 },
                        { containerPort: 587 },
                        { containerPort: 465 },
                        { containerPort: 8080 },
                    ],
                },
            ],
        },
    };
}

/** A view of a pod on a host of a lab, with these files mounted. */
export function podView(
    hostAddress: string,
    files: ReadonlyMap<string, string>,
    pod: V1Pod = mailPod(),
): PodView {
    return {
        namespace: "stalwart-sovereign",
        name: "stalwart-0",
        nodeName: "cp1",
        hostAddress,
        pod,
        readFile: (_container, path) => {
            const text = files.get(path);
            return Promise.resolve(text === undefined ? undefined : Buffer.from(text));
        },
        listFiles: (_container, path) =>
            Promise.resolve(
                [...files.keys()]
                    .filter((file) => dirname(file) === path)
                    .map((file) => file.slice(path.length + 1))
                    .sort(),
            ),
    };
}
