import { labPort, podAddress } from "../addresses.ts";
import type { PodView } from "../parts.ts";
import type { StalwartPod } from "./stalwartPod.ts";
import type { ListenerSettings } from "./stalwartSettings.ts";

/** Where a listener of the pod is bound: in the pod, and on the node where the pod has a host port for it. */
export interface Binding {
    readonly listener: ListenerSettings;
    readonly host: string;
    readonly port: number;
    /** Whether the listener trusts a proxy, and this is where the proxy comes in. */
    readonly behindProxy: boolean;
}

/** Where the listeners of a pod are bound in a lab. */
export function bindings(view: PodView, pod: StalwartPod, portOffset: number): Binding[] {
    return pod.settings.listeners.flatMap((listener) => {
        const inPod: Binding = {
            listener,
            host: podAddress(view.hostAddress),
            port: labPort(listener.port, portOffset),
            behindProxy: false,
        };
        const hostPort = pod.hostPorts.get(listener.port);
        if (hostPort === undefined) return [inPod];
        return [
            inPod,
            {
                listener,
                host: view.hostAddress,
                port: labPort(hostPort, portOffset),
                behindProxy: listener.proxyTrustedNetworks.length > 0,
            },
        ];
    });
}

/**
 * Whether a connection comes from a load balancer: those connect from their public address, everyone else in a lab from
 * 127.0.0.1.
 */
export function fromLoadBalancer(remoteAddress: string): boolean {
    return !remoteAddress.startsWith("127.0.");
}
