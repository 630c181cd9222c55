import { randomBytes } from "node:crypto";
import { BOOT_FILES } from "../../../components/cluster/bootFiles.ts";
import type { Disk } from "../boot/disk.ts";
import { EtcdError, type EtcdMember, type EtcdMembers } from "./etcdMembers.ts";
import { ETCD_CLIENT_PORT, ETCD_PEER_PORT } from "./peers.ts";

/** k3s' data directory of the embedded etcd. */
export const ETCD_DIRECTORY = "/var/lib/rancher/k3s/server/db/etcd";
const NAME_FILE = "/var/lib/rancher/k3s/server/db/etcd-name";

/** The member name of a server: node name and a random suffix, kept on the disk (k3s `pkg/etcd/etcd.go` `setName`). */
export async function memberName(disk: Disk, nodeName: string): Promise<string> {
    const found = await disk.read(NAME_FILE);
    if (found) return found;
    const name = `${nodeName}-${randomBytes(4).toString("hex")}`;
    await disk.write(NAME_FILE, name, 0o600);
    return name;
}

/** Whether this disk already holds a member's data, so that neither init nor join is due. */
export async function hasEtcdData(disk: Disk): Promise<boolean> {
    return await disk.exists(`${ETCD_DIRECTORY}/member/snap/db`);
}

export function peerUrl(hostAddress: string): string {
    return `https://${hostAddress}:${ETCD_PEER_PORT}`;
}

/** What a joining member does about the members there are. */
export interface JoinPlan {
    /** Whether it has to be added first. */
    readonly add: boolean;
    /** Value of `--initial-cluster`. */
    readonly initialCluster: string;
}

/**
 * Plans a join as k3s does (`pkg/etcd/etcd.go` `join`).
 *
 * @throws EtcdError where a member of the same node name at another address is still in the cluster: its Node has to be
 *   deleted first, which removes the member
 */
export function planJoin(
    members: readonly EtcdMember[],
    self: { readonly name: string; readonly nodeName: string; readonly peerUrl: string },
): JoinPlan {
    const known = members.some(
        (m) => m.peerURLs.includes(self.peerUrl) && (m.name === "" || m.name === self.name),
    );
    const duplicate = members.find(
        (m) => m.name !== self.name && m.name.slice(0, m.name.lastIndexOf("-")) === self.nodeName,
    );
    if (duplicate)
        throw new EtcdError("duplicate node name found, please use a unique name for this node");
    const others = members
        .filter((m) => !m.peerURLs.includes(self.peerUrl))
        .map((m) => `${m.name}=${m.peerURLs[0] ?? ""}`);
    return { add: !known, initialCluster: [...others, `${self.name}=${self.peerUrl}`].join(",") };
}

/**
 * k3s' own timing (`pkg/etcd/etcd.go`). A member without others keeps etcd's: it elects itself, which takes up to one election
 * timeout at each start.
 */
const K3S_TIMING = ["--heartbeat-interval=500", "--election-timeout=5000"];

/** Arguments of a member. `initialCluster` is ignored by etcd once its data directory exists. */
export function etcdArguments(
    disk: Disk,
    options: {
        readonly name: string;
        readonly hostAddress: string;
        readonly initialCluster: string;
        readonly state: "new" | "existing";
        /** The only member there will ever be. */
        readonly alone: boolean;
        /** `etcd-arg` of config.yaml. */
        readonly extra: readonly string[];
    },
): string[] {
    const client = `https://${options.hostAddress}:${ETCD_CLIENT_PORT}`;
    const peer = peerUrl(options.hostAddress);
    const tls = (file: string) => disk.path(`${BOOT_FILES.tlsDirectory}/etcd/${file}`);
    return [
        `--name=${options.name}`,
        `--data-dir=${disk.path(ETCD_DIRECTORY)}`,
        `--listen-client-urls=${client}`,
        `--advertise-client-urls=${client}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=${options.initialCluster}`,
        `--initial-cluster-state=${options.state}`,
        "--client-cert-auth=true",
        `--trusted-ca-file=${tls("server-ca.crt")}`,
        `--cert-file=${tls("server-client.crt")}`,
        `--key-file=${tls("server-client.key")}`,
        "--peer-client-cert-auth=true",
        `--peer-trusted-ca-file=${tls("peer-ca.crt")}`,
        `--peer-cert-file=${tls("peer-server-client.crt")}`,
        `--peer-key-file=${tls("peer-server-client.key")}`,
        ...(options.alone ? [] : K3S_TIMING),
        "--unsafe-no-fsync",
        "--log-level=warn",
        ...options.extra.map((argument) => `--${argument}`),
    ];
}

/** Removes the member of a deleted node, where it is still there. Its last member a cluster keeps. */
export async function removeMember(etcd: EtcdMembers, name: string): Promise<boolean> {
    const members = await etcd.list();
    const member = members.find((m) => m.name === name);
    if (!member || members.length === 1) return false;
    await etcd.remove(member.ID);
    return true;
}
