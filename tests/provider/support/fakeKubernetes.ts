import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { stringify } from "yaml";

/** A stand-in for a Kubernetes API on loopback. */
export interface FakeKubernetes {
    /** Leads to it. */
    readonly kubeconfig: string;
    stop(): void;
}

/** Starts one that answers as it is told. */
export async function startFakeKubernetes(answer: RequestListener): Promise<FakeKubernetes> {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
        kubeconfig: stringify({
            clusters: [
                {
                    name: "c",
                    cluster: {
                        server: `http://127.0.0.1:${port}`,
                        "insecure-skip-tls-verify": true,
                    },
                },
            ],
            users: [{ name: "u", user: {} }],
            contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
            "current-context": "x",
        }),
        stop: () => {
            server.closeAllConnections();
            server.close();
        },
    };
}
