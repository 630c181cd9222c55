import type { KubernetesObject } from "@kubernetes/client-node";
import type { K3sSettings } from "../control/k3sConfig.ts";
import { workload } from "./workloads.ts";

/** Image of k3s' local path provisioner. */
export const LOCAL_PATH_IMAGE = "rancher/local-path-provisioner";
/** `provisioner` of the StorageClass `local-path`. */
export const LOCAL_PATH_PROVISIONER = "rancher.io/local-path";

const CRITICAL_TOLERATIONS = [
    { key: "CriticalAddonsOnly", operator: "Exists" },
    { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
];

function coreDns(settings: K3sSettings): KubernetesObject[] {
    const labels = { "k8s-app": "kube-dns" };
    const corefile = [
        ".:53 {",
        "    errors",
        "    health",
        "    ready",
        `    kubernetes ${settings.clusterDomain} in-addr.arpa ip6.arpa {`,
        "      pods insecure",
        "      fallthrough in-addr.arpa ip6.arpa",
        "    }",
        "    hosts /etc/coredns/NodeHosts {",
        "      ttl 60",
        "      reload 15s",
        "      fallthrough",
        "    }",
        "    prometheus :9153",
        "    cache 30",
        "    loop",
        "    reload",
        "    loadbalance",
        "    import /etc/coredns/custom/*.override",
        "    forward . /etc/resolv.conf",
        "}",
        "import /etc/coredns/custom/*.server",
        "",
    ].join("\n");
    const meta = { namespace: "kube-system", name: "coredns" };
    return [
        { apiVersion: "v1", kind: "ServiceAccount", metadata: meta },
        {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: meta,
            data: { Corefile: corefile, NodeHosts: "" },
        } as KubernetesObject,
        workload({
            kind: "Deployment",
            ...meta,
            labels,
            podSpec: {
                serviceAccountName: "coredns",
                priorityClassName: "system-cluster-critical",
                tolerations: CRITICAL_TOLERATIONS,
                containers: [
                    {
                        name: "coredns",
                        image: "rancher/mirrored-coredns-coredns",
                        args: ["-conf", "/etc/coredns/Corefile"],
                        ports: [{ name: "dns", containerPort: 53, protocol: "UDP" }],
                        volumeMounts: [
                            { name: "config-volume", mountPath: "/etc/coredns", readOnly: true },
                            {
                                name: "custom-config-volume",
                                mountPath: "/etc/coredns/custom",
                                readOnly: true,
                            },
                        ],
                    },
                ],
                volumes: [
                    { name: "config-volume", configMap: { name: "coredns" } },
                    {
                        name: "custom-config-volume",
                        configMap: { name: "coredns-custom", optional: true },
                    },
                ],
            },
        }),
        {
            apiVersion: "v1",
            kind: "Service",
            metadata: { namespace: "kube-system", name: "kube-dns", labels },
            spec: {
                selector: labels,
                clusterIP: settings.clusterDns,
                ports: [
                    { name: "dns", port: 53, protocol: "UDP" },
                    { name: "dns-tcp", port: 53, protocol: "TCP" },
                    { name: "metrics", port: 9153, protocol: "TCP" },
                ],
            },
        } as KubernetesObject,
    ];
}

function localStorage(): KubernetesObject[] {
    const meta = { namespace: "kube-system", name: "local-path-provisioner" };
    return [
        {
            apiVersion: "v1",
            kind: "ServiceAccount",
            metadata: { ...meta, name: "local-path-provisioner-service-account" },
        },
        workload({
            kind: "Deployment",
            ...meta,
            labels: { app: "local-path-provisioner" },
            podSpec: {
                serviceAccountName: "local-path-provisioner-service-account",
                tolerations: CRITICAL_TOLERATIONS,
                containers: [{ name: "local-path-provisioner", image: LOCAL_PATH_IMAGE }],
            },
        }),
        {
            apiVersion: "storage.k8s.io/v1",
            kind: "StorageClass",
            metadata: {
                name: "local-path",
                annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
            },
            provisioner: LOCAL_PATH_PROVISIONER,
            volumeBindingMode: "WaitForFirstConsumer",
            reclaimPolicy: "Delete",
        } as KubernetesObject,
    ];
}

/**
 * k3s' packaged components that a Sovereign could rely on, without those that `disable` names
 * (https://docs.k3s.io/installation/packaged-components). Traefik and metrics-server have no part in the lab.
 */
export function packagedComponents(settings: K3sSettings): KubernetesObject[] {
    return [
        ...(settings.packaged("coredns") ? coreDns(settings) : []),
        ...(settings.packaged("local-storage") ? localStorage() : []),
    ];
}
