import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { BOOT_FILES } from "../../../components/cluster/bootFiles.ts";
import { MAIL_PROBE_ANNOTATION, parseMailProbe } from "../../../components/cluster/mailProbe.ts";
import { MAIL_PROBE_TIMER } from "../../../components/cluster/userData.ts";
import type { EgressProbe } from "../../parts.ts";
import { describe, MERGE } from "../kubelet/client.ts";
import { pause } from "./bootstrap.ts";
import type { Disk } from "./disk.ts";

/** Where k3s keeps the kubelet's credentials. */
const KUBELET_KUBECONFIG = "/var/lib/rancher/k3s/agent/kubelet.kubeconfig";

const UNIT_SECONDS = { s: 1, min: 60, h: 3600 } as const;

/** Whether the commands enable the timer, and its unit is on the disk. */
export async function enablesMailProbe(commands: readonly string[], disk: Disk): Promise<boolean> {
    return (
        commands.some((command) => command.includes(MAIL_PROBE_TIMER)) &&
        (await disk.exists(`/etc/systemd/system/${MAIL_PROBE_TIMER}`))
    );
}

/** Milliseconds between two runs, as the timer on the disk says. */
async function interval(disk: Disk): Promise<number> {
    const timer = (await disk.read(`/etc/systemd/system/${MAIL_PROBE_TIMER}`)) ?? "";
    const [, count, unit] = /^OnUnitActiveSec=(\d+)(s|min|h)$/m.exec(timer) ?? [];
    if (count === undefined) throw new Error(`${MAIL_PROBE_TIMER}: OnUnitActiveSec is missing`);
    return Number(count) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS] * 1000;
}

/** What the probe's script does, once: looks, and annotates the machine's own Node with the kubelet's credentials. */
export async function runMailProbe(
    disk: Disk,
    probe: EgressProbe,
    localAddress: string | null,
): Promise<void> {
    for (const file of [BOOT_FILES.mailProbe, BOOT_FILES.egressProbe])
        if (!(await disk.exists(file))) throw new Error(`${file}: No such file or directory`);
    const text = await disk.read(BOOT_FILES.mailProbeEnvironment);
    if (text === undefined)
        throw new Error(`${BOOT_FILES.mailProbeEnvironment}: No such file or directory`);
    const { ehlo, node: name, targets } = parseMailProbe(text);
    const seen = await probe({ ehlo, targets, ...(localAddress !== null && { localAddress }) });
    const config = new KubeConfig();
    config.loadFromFile(disk.path(KUBELET_KUBECONFIG));
    await config
        .makeApiClient(CoreV1Api)
        .patchNode(
            { name, body: { metadata: { annotations: { [MAIL_PROBE_ANNOTATION]: seen } } } },
            MERGE,
        );
}

export interface MailProbeOptions {
    readonly disk: Disk;
    readonly probe: EgressProbe;
    /** The machine's public address. */
    readonly localAddress: string | null;
    /** Aborted when the machine loses power. */
    readonly signal: AbortSignal;
    readonly print: (line: string) => void;
}

/** Plays the timer and its unit, which systemd starts again when it fails, until the machine loses power. */
export async function playMailProbe(options: MailProbeOptions): Promise<void> {
    const { disk, probe, localAddress, signal, print } = options;
    const rest = await interval(disk);
    let last = "";
    for (;;) {
        try {
            await runMailProbe(disk, probe, localAddress);
            last = "";
            await pause(signal, rest);
        } catch (error) {
            if (signal.aborted) return;
            const message = `sovereign-mail-probe: ${describe(error)}`;
            if (message !== last) print(message);
            last = message;
            await pause(signal).catch(() => undefined);
        }
    }
}
