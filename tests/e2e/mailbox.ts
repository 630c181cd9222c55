import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { NAMESPACES, SMTP_SECRET } from "../../components/names.ts";
import { podAddress } from "../../lab/addresses.ts";
import type { ReceivedMessage } from "../../lab/mail/mailbox/receivedMail.ts";
import type { TestLab } from "../support/toolchain.ts";
import { secretData } from "./clusterAndConsole.ts";

/** How pods of the platform submit mail: at the mail server's own address, with the credentials of the Secret. */
export interface Submission {
    readonly address: string;
    readonly smtpHost: string;
    readonly user: string;
    readonly password: string;
}

/** Reads the Secret, and finds the address that the submission Service leads to. */
export async function submissionOf(kubeconfig: string): Promise<Submission> {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    const core = config.makeApiClient(CoreV1Api);
    const secret = await secretData(core, NAMESPACES.platform, SMTP_SECRET);
    const { items } = await core.listNamespacedPod({ namespace: NAMESPACES.mail });
    const nodeName = items.find(({ metadata }) => metadata?.name === "stalwart-0")?.spec?.nodeName;
    const node = await core.readNode({ name: nodeName ?? "" });
    const host = node.status?.addresses?.find(({ type }) => type === "InternalDNS")?.address;
    return {
        address: podAddress(host ?? ""),
        smtpHost: secret["smtp-host"] ?? "",
        user: secret["smtp-user"] ?? "",
        password: secret["smtp-pass"] ?? "",
    };
}

/** What the lab's mailbox provider received for an address, or for all, oldest first. */
export async function received({ context }: TestLab, address?: string): Promise<ReceivedMessage[]> {
    const { host, port } = context.addresses.mailbox;
    const query = address === undefined ? "" : `?to=${address}`;
    const response = await fetch(`http://${host}:${port}/messages${query}`);
    return (await response.json()) as ReceivedMessage[];
}
