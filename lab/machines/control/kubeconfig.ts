import { stringify } from "yaml";
import type { KeyPair } from "./pki.ts";

/** How something on a machine reaches an API server. */
export interface ApiAccess {
    /** For example `https://127.64.128.1:6443`. */
    readonly server: string;
    /** PEM bundle that the server's certificate is checked against. */
    readonly ca: string;
    readonly client: KeyPair;
}

/**
 * Name that the serving certificate is checked for. Inside the lab a machine's own address stands for its loopback and
 * private addresses, which the certificate carries and which cannot be dialled.
 */
export const API_SERVER_NAME = "kubernetes.default.svc";

/** A kubeconfig file with one cluster, one user and one context, all named `default`. */
export function formatKubeconfig(access: ApiAccess): string {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    return stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "default",
        clusters: [
            {
                name: "default",
                cluster: {
                    server: access.server,
                    "tls-server-name": API_SERVER_NAME,
                    "certificate-authority-data": base64(access.ca),
                },
            },
        ],
        users: [
            {
                name: "default",
                user: {
                    "client-certificate-data": base64(access.client.certificate),
                    "client-key-data": base64(access.client.privateKey),
                },
            },
        ],
        contexts: [{ name: "default", context: { cluster: "default", user: "default" } }],
    });
}
