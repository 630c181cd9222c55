import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Disk } from "../boot/disk.ts";
import { KUBELET_PORT } from "../control/peers.ts";

const STAGES = join(import.meta.dirname, "stages");
const CONFIG = "/var/lib/sovereign-lab/kwok.yaml";
const POD_LOG = "/var/lib/sovereign-lab/pod.log";

/** Seconds; kubelet's `nodeLeaseDurationSeconds`. kwok renews after a quarter of it, as kubelet does. */
const LEASE_SECONDS = 40;

/** Condition by which the node agent allows kwok to start a Pod's containers; the stage files name it too. */
export const MAY_START = "lab.sovereign/MayStart";

/** Writes kwok's configuration to the disk and gives the arguments for the machine's own node alone. */
export async function kwokArguments(
    disk: Disk,
    options: {
        readonly nodeName: string;
        readonly nodeIp: string;
        readonly hostAddress: string;
        readonly podCidr: string;
        /** Guest paths. */
        readonly kubeconfig: string;
        readonly servingCertificate: string;
        readonly servingKey: string;
    },
): Promise<string[]> {
    const files = (await readdir(STAGES)).sort();
    const stages = await Promise.all(files.map((file) => readFile(join(STAGES, file), "utf8")));
    await disk.write(POD_LOG, "2026-01-01T00:00:00.000000000Z stdout F a container of the lab\n");
    const logs = stringify({
        apiVersion: "kwok.x-k8s.io/v1alpha1",
        kind: "ClusterLogs",
        metadata: { name: "logs" },
        spec: { logs: [{ logsFile: disk.path(POD_LOG), follow: false }] },
    });
    await disk.write(CONFIG, [...stages, logs].join("---\n"));
    return [
        `--kubeconfig=${disk.path(options.kubeconfig)}`,
        `--config=${disk.path(CONFIG)}`,
        `--manage-single-node=${options.nodeName}`,
        `--node-lease-duration-seconds=${LEASE_SECONDS}`,
        `--node-ip=${options.nodeIp}`,
        `--node-name=${options.nodeName}`,
        `--node-port=${KUBELET_PORT}`,
        `--server-address=${options.hostAddress}:${KUBELET_PORT}`,
        `--cidr=${options.podCidr}`,
        `--tls-cert-file=${disk.path(options.servingCertificate)}`,
        `--tls-private-key-file=${disk.path(options.servingKey)}`,
    ];
}
