import type { CloudConfig, ClusterConfig, NodeConfig } from "../../config/model.ts";

/** Servers of a fixture with the addresses that the config gives them. */
export function fixtureNodes(
    controlPlanes: number,
    workers: number,
    generations: Readonly<Record<string, number>> = {},
): NodeConfig[] {
    const make = (role: NodeConfig["role"], prefix: string, count: number, offset: number) =>
        Array.from({ length: count }, (_, i): NodeConfig => {
            const key = `${prefix}${i + 1}`;
            return {
                key,
                role,
                index: i + 1,
                generation: generations[key] ?? 1,
                privateIp: `10.0.1.${offset + i}`,
            };
        });
    return [...make("control-plane", "cp", controlPlanes, 2), ...make("worker", "w", workers, 10)];
}

/** A cloud as a small Sovereign has it. */
export function fixtureCloud(changes: Partial<CloudConfig> = {}): CloudConfig {
    return {
        locations: ["fsn1", "nbg1"],
        controlPlaneTypes: ["cx43", "cpx42"],
        workerTypes: ["cx33"],
        image: "ubuntu-24.04",
        networkCidr: "10.0.0.0/16",
        nodesCidr: "10.0.1.0/24",
        loadBalancerCidr: "10.0.2.0/24",
        loadBalancerType: "lb11",
        loadBalancerIp: "10.0.2.2",
        ipv6: true,
        sshPublicKeys: [
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleEx admin",
        ],
        sshAllowedCidrs: ["198.51.100.0/24"],
        apiExposure: "load-balancer",
        apiAllowedCidrs: [],
        protect: true,
        ...changes,
    };
}

/** A cluster of `nodes`; the checksums are of nothing, no test downloads by them. */
export function fixtureCluster(
    nodes: readonly NodeConfig[],
    changes: Partial<ClusterConfig> = {},
): ClusterConfig {
    return {
        epoch: 1,
        nodes,
        k3sVersion: "v1.36.1+k3s1",
        k3sSha256: { amd64: "a".repeat(64), arm64: "b".repeat(64) },
        k3sDownloadUrl: "https://releases.test/k3s",
        ciliumVersion: "1.19.6",
        ciliumChartRepository: "https://helm.cilium.io",
        adminCertificateGeneration: 1,
        adminCertificateValidityHours: 2160,
        podCidr: "10.42.0.0/16",
        serviceCidr: "10.43.0.0/16",
        mailProbeTargets: ["gmail-smtp-in.l.google.com:25"],
        ...changes,
    };
}
