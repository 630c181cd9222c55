import type { V1NodeCondition, V1NodeStatus } from "@kubernetes/client-node";
import type { Machine } from "../../parts.ts";
import { KUBELET_PORT } from "../control/peers.ts";
import { capacityOf } from "./serverTypes.ts";

/** What a node's status is made of. */
export interface NodeFacts {
    readonly machine: Machine;
    readonly nodeName: string;
    readonly nodeIp: string;
    readonly externalIps: readonly string[];
    readonly k3sVersion: string;
}

/** Status of a node with these conditions. */
export function nodeStatus(facts: NodeFacts, conditions: V1NodeCondition[]): V1NodeStatus {
    const { machine, nodeName, nodeIp, externalIps, k3sVersion } = facts;
    const capacity = capacityOf(machine.serverType);
    return {
        addresses: [
            { type: "InternalIP", address: nodeIp },
            ...externalIps.map((address) => ({ type: "ExternalIP", address })),
            { type: "Hostname", address: nodeName },
            { type: "InternalDNS", address: machine.hostAddress },
        ],
        capacity: { ...capacity },
        allocatable: { ...capacity },
        conditions,
        daemonEndpoints: { kubeletEndpoint: { Port: KUBELET_PORT } },
        nodeInfo: {
            architecture: machine.architecture === "arm" ? "arm64" : "amd64",
            bootID: "",
            containerRuntimeVersion: "containerd://lab",
            kernelVersion: "lab",
            kubeProxyVersion: "",
            kubeletVersion: k3sVersion,
            machineID: String(machine.id),
            operatingSystem: "linux",
            osImage: "lab",
            systemUUID: "",
        },
    };
}

/** Conditions that kubelet posts. A node whose network plugin is not there is not Ready (`pkg/kubelet/nodestatus/setters.go`). */
export function nodeConditions(networkReady: boolean, now: Date): V1NodeCondition[] {
    const condition = (type: string, status: string, reason: string, message: string) => ({
        type,
        status,
        reason,
        message,
        lastHeartbeatTime: now,
        lastTransitionTime: now,
    });
    return [
        condition(
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        condition(
            "DiskPressure",
            "False",
            "KubeletHasNoDiskPressure",
            "kubelet has no disk pressure",
        ),
        condition(
            "PIDPressure",
            "False",
            "KubeletHasSufficientPID",
            "kubelet has sufficient PID available",
        ),
        networkReady
            ? condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")
            : condition(
                  "Ready",
                  "False",
                  "KubeletNotReady",
                  "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized",
              ),
    ];
}
