import { stringify } from "yaml";

export interface KubeconfigArgs {
    /** Name of cluster, user and context. */
    readonly name: string;
    /** IPv4 address of the API. An address, never a name: names come into being only later. */
    readonly address: string;
    readonly port: number;
    /** PEM certificates that the server's is checked against. */
    readonly caPem: string;
    readonly certificatePem: string;
    readonly privateKeyPem: string;
}

/** A kubeconfig with a client certificate, as YAML. It holds a private key. */
export function kubeconfig(args: KubeconfigArgs): string {
    return stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [
            {
                name: args.name,
                cluster: {
                    server: `https://${args.address}:${args.port}`,
                    "certificate-authority-data": base64(args.caPem),
                },
            },
        ],
        users: [
            {
                name: args.name,
                user: {
                    "client-certificate-data": base64(args.certificatePem),
                    "client-key-data": base64(args.privateKeyPem),
                },
            },
        ],
        contexts: [{ name: args.name, context: { cluster: args.name, user: args.name } }],
        "current-context": args.name,
    });
}

function base64(text: string): string {
    return Buffer.from(text).toString("base64");
}
