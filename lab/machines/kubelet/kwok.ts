import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { labPort, podAddress } from "../../addresses.ts";
import type { Disk } from "../boot/disk.ts";
import { KUBELET_PORT } from "../control/peers.ts";

const STAGES = join(import.meta.dirname, "stages");
const CONFIG = "/var/lib/sovereign-lab/kwok.yaml";
const POD_LOG = "/var/lib/sovereign-lab/pod.log";

/** Seconds; kubelet's `nodeLeaseDurationSeconds`. kwok renews after a quarter of it, as kubelet does. */
const LEASE_SECONDS = 40;

/** Condition by which the node agent allows kwok to start a Pod's containers; the stage files name it too. */
export const MAY_START = "lab.sovereign/MayStart";

/** Ports of pods that stand-ins listen at; port forwarding leads there. */
const POD_PORTS = [25, 465, 587, 8080] as const;

/** Where kubelet's port forwarding leads: to the pods' address of the host. */
function portForwards(hostAddress: string, portOffset: number): string {
    const address = podAddress(hostAddress);
    const forwards = POD_PORTS.map((port) => ({
        ports: [port],
        target: { address, port: labPort(port, portOffset) },
    }));
    return stringify({
        apiVersion: "kwok.x-k8s.io/v1alpha1",
        kind: "ClusterPortForward",
        metadata: { name: "pods" },
        spec: { forwards },
    });
}

/** Writes kwok's configuration to the disk and gives the arguments for the machine's own node alone. */
export async function kwokArguments(
    disk: Disk,
    options: {
        readonly nodeName: string;
        readonly nodeIp: string;
        readonly hostAddress: string;
        /** As in `LabAddresses`. */
        readonly portOffset: number;
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
    await disk.write(
        CONFIG,
        [...stages, logs, portForwards(options.hostAddress, options.portOffset)].join("---\n"),
    );
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
