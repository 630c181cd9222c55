import { AppsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { NAMESPACES, SMTP_SECRET } from "../../components/names.ts";
import { parseProbe, PROBE_CONFIG_MAP, type ProbeResult } from "./probe.ts";

/** What the doctor reads in the cluster. Each call throws where the cluster cannot be reached. */
export interface ClusterView {
    /** Published results of probes; none where nothing has been published. */
    probes(): Promise<readonly ProbeResult[]>;
    /** The submission credentials in the platform's Secret, by key; undefined without the Secret. */
    credentials(): Promise<Readonly<Record<string, string>> | undefined>;
    /** Contents of a Secret of the mail server, by file; undefined without it. */
    mailSecret(name: string): Promise<Readonly<Record<string, string>> | undefined>;
    /** Annotations of the mail server's running pod; undefined without it. */
    mailPodAnnotations(): Promise<Readonly<Record<string, string>> | undefined>;
}

function isMissing(error: unknown): boolean {
    return typeof error === "object" && error !== null && "code" in error && error.code === 404;
}

async function orMissing<T>(read: Promise<T>): Promise<T | undefined> {
    return read.catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
    });
}

function decoded(data: Readonly<Record<string, string>> | undefined): Record<string, string> {
    return Object.fromEntries(
        Object.entries(data ?? {}).map(([key, value]) => [
            key,
            Buffer.from(value, "base64").toString(),
        ]),
    );
}

/** The cluster behind a kubeconfig. */
export function clusterView(kubeconfig: string): ClusterView {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    const core = config.makeApiClient(CoreV1Api);
    const apps = config.makeApiClient(AppsV1Api);
    const secret = async (namespace: string, name: string) => {
        const found = await orMissing(core.readNamespacedSecret({ namespace, name }));
        return found && decoded(found.data);
    };
    const namespace = NAMESPACES.mail;
    return {
        async probes() {
            const found = await orMissing(
                core.readNamespacedConfigMap({ namespace, name: PROBE_CONFIG_MAP }),
            );
            return Object.values(found?.data ?? {}).flatMap((text) => parseProbe(text) ?? []);
        },
        credentials: () => secret(NAMESPACES.platform, SMTP_SECRET),
        mailSecret: (name) => secret(namespace, name),
        async mailPodAnnotations() {
            const set = await orMissing(
                apps.readNamespacedStatefulSet({ namespace, name: "stalwart" }),
            );
            const pod =
                set && (await orMissing(core.readNamespacedPod({ namespace, name: "stalwart-0" })));
            return pod?.metadata?.annotations;
        },
    };
}
