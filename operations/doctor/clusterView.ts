import {
    AppsV1Api,
    BatchV1Api,
    CoreV1Api,
    CustomObjectsApi,
    type KubeConfig,
} from "@kubernetes/client-node";
import { z } from "zod";
import { MAIL_PROBE_ANNOTATION } from "../../components/cluster/mailProbe.ts";
import { NAMESPACES, NODE_LABEL, SMTP_SECRET } from "../../components/names.ts";
import { certificateSchema, type CertificateSight } from "./issuance.ts";
import { parseProbe, type ProbeResult } from "./probe.ts";
import { PodProbes } from "./podProbes.ts";

/** The mail server's StatefulSet, and its one pod. */
const MAIL_SET = "stalwart";
export const MAIL_POD = `${MAIL_SET}-0`;

/** A node, and what it publishes of the way out. */
export interface NodeSight {
    /** `cp1`, `w1`, …; empty for a node that is not the stack's. */
    readonly key: string;
    readonly result: ProbeResult | undefined;
}

/** What a pod of the mail namespace saw of the way out. */
export interface PodSight {
    /** Key of the node that it ran on. */
    readonly key: string;
    readonly result: ProbeResult;
}

/** A Secret of the mail server. */
export interface MailSecret {
    /** Contents by name. */
    readonly files: Readonly<Record<string, string>>;
    /** Whether cert-manager fills it, so that it changes without the stack. */
    readonly issued: boolean;
}

/** Annotation of Secrets that cert-manager fills (https://cert-manager.io/docs/usage/certificate/). */
const ISSUED_ANNOTATION = "cert-manager.io/certificate-name";

/** The mail server's pod. */
export interface MailPod {
    /** Key of its node. */
    readonly key: string;
    readonly annotations: Readonly<Record<string, string>>;
}

/** What the doctor reads in the cluster. Each call throws where the cluster cannot be reached. */
export interface ClusterView {
    nodes(): Promise<readonly NodeSight[]>;
    /** The latest; undefined where no such pod has come to its end, or its node is gone. */
    podProbe(): Promise<PodSight | undefined>;
    /** The submission credentials in the platform's Secret, by key; undefined without the Secret. */
    credentials(): Promise<Readonly<Record<string, string>> | undefined>;
    /** A Secret of the mail server; undefined without it. */
    mailSecret(name: string): Promise<MailSecret | undefined>;
    /** undefined without it */
    mailPod(): Promise<MailPod | undefined>;
    /** Everything that cert-manager has to issue; none without cert-manager. */
    certificates(): Promise<readonly CertificateSight[]>;
}

export interface ClusterViewOptions {
    /** Has the probe in the cluster look again before its result is read for the first time. */
    readonly probeFirst: boolean;
}

const certificateList = z.looseObject({ items: z.array(certificateSchema) });

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
export function clusterView(config: KubeConfig, { probeFirst }: ClusterViewOptions): ClusterView {
    const core = config.makeApiClient(CoreV1Api);
    const apps = config.makeApiClient(AppsV1Api);
    const custom = config.makeApiClient(CustomObjectsApi);
    const namespace = NAMESPACES.mail;
    const probes = new PodProbes(core, config.makeApiClient(BatchV1Api), namespace);
    let probed: Promise<unknown> | undefined;
    const secret = (of: string, name: string) =>
        orMissing(core.readNamespacedSecret({ namespace: of, name }));
    const keyOf = async (name: string | undefined) => {
        const node = name === undefined ? undefined : await orMissing(core.readNode({ name }));
        return node?.metadata?.labels?.[NODE_LABEL];
    };
    return {
        async nodes() {
            const { items } = await core.listNode();
            return items.map(({ metadata }) => ({
                key: metadata?.labels?.[NODE_LABEL] ?? "",
                result: parseProbe(metadata?.annotations?.[MAIL_PROBE_ANNOTATION] ?? ""),
            }));
        },
        async podProbe() {
            if (probeFirst) await (probed ??= probes.run());
            const latest = await probes.latest();
            const key = await keyOf(latest?.nodeName);
            return latest && key !== undefined ? { key, result: latest.result } : undefined;
        },
        async credentials() {
            const found = await secret(NAMESPACES.platform, SMTP_SECRET);
            return found && decoded(found.data);
        },
        async mailSecret(name) {
            const found = await secret(namespace, name);
            const { annotations = {} } = found?.metadata ?? {};
            return (
                found && { files: decoded(found.data), issued: ISSUED_ANNOTATION in annotations }
            );
        },
        async mailPod() {
            const set = await orMissing(
                apps.readNamespacedStatefulSet({ namespace, name: MAIL_SET }),
            );
            const pod =
                set && (await orMissing(core.readNamespacedPod({ namespace, name: MAIL_POD })));
            if (pod === undefined) return undefined;
            return {
                key: (await keyOf(pod.spec?.nodeName)) ?? "",
                annotations: pod.metadata?.annotations ?? {},
            };
        },
        async certificates() {
            const found: unknown = await orMissing(
                custom.listClusterCustomObject({
                    group: "cert-manager.io",
                    version: "v1",
                    plural: "certificates",
                }),
            );
            return found === undefined ? [] : certificateList.parse(found).items;
        },
    };
}
