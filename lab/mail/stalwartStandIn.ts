import { join } from "node:path";
import { podAddress, labPort } from "../addresses.ts";
import type { PodView, WorkloadStandIn } from "../parts.ts";
import { Spool } from "./spool.ts";
import { stalwartHttp } from "./stalwartHttp.ts";
import { isStalwartPod, readStalwartPod, type StalwartPod } from "./stalwartPod.ts";
import type { ListenerSettings } from "./stalwartSettings.ts";
import { StalwartSmtpServer } from "./stalwartSmtp.ts";

export interface StalwartStandInOptions {
    /** The lab's state directory; mail is kept in `mail/<namespace>/<pod>` there. */
    readonly directory: string;
    /** As in `LabAddresses`. */
    readonly portOffset: number;
    /**
     * Milliseconds that a refused recipient or password costs.
     * @default 5000, as observed on the real server
     */
    readonly errorDelay?: number;
    /** One line for the lab's log. @default nothing is logged */
    readonly log?: (message: string) => void;
}

/** Where a listener of the pod is bound: in the pod, and on the node where the pod has a host port for it. */
interface Binding {
    readonly listener: ListenerSettings;
    readonly host: string;
    readonly port: number;
    /** Whether the listener trusts a proxy, and this is where the proxy comes in. */
    readonly behindProxy: boolean;
}

function bindings(view: PodView, pod: StalwartPod, portOffset: number): Binding[] {
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

/** The directory of a pod's accepted mail. */
export function spoolDirectory(directory: string, namespace: string, pod: string): string {
    return join(directory, "mail", namespace, pod);
}

/**
 * Whether a connection comes from a load balancer: those connect from their public address, everyone else in a lab from
 * 127.0.0.1.
 */
function fromLoadBalancer(remoteAddress: string): boolean {
    return !remoteAddress.startsWith("127.0.");
}

async function startBinding(
    { listener, host, port, behindProxy }: Binding,
    pod: StalwartPod,
    spool: Spool,
    options: StalwartStandInOptions,
): Promise<() => Promise<void>> {
    if (listener.protocol === "http") {
        const server = stalwartHttp(pod.settings);
        await server.listen({ host, port });
        return () => server.close();
    }
    const server = new StalwartSmtpServer({
        pod,
        listener,
        host,
        port,
        expectsProxyHeader: (remote) => behindProxy && fromLoadBalancer(remote),
        spool,
        errorDelay: options.errorDelay ?? 5000,
        log: options.log ?? (() => undefined),
    });
    await server.start();
    return () => server.stop();
}

/**
 * Plays the mail server of `charts/stalwart-sovereign`: the listeners, certificate, accounts and policies that the
 * installed pod's plan and Secrets give it, and nothing else. A plan that has more than it plays is refused. Accepted mail is
 * kept in a {@link Spool}; nothing is delivered.
 */
export function stalwartStandIn(options: StalwartStandInOptions): WorkloadStandIn {
    return {
        name: "stalwart",
        matches: isStalwartPod,
        async start(view) {
            const pod = await readStalwartPod(view);
            const spool = new Spool(spoolDirectory(options.directory, view.namespace, view.name));
            const stops: (() => Promise<void>)[] = [];
            const stop = async () => {
                await Promise.all(stops.map((each) => each()));
            };
            try {
                for (const binding of bindings(view, pod, options.portOffset))
                    stops.push(await startBinding(binding, pod, spool, options));
            } catch (error) {
                await stop();
                throw error;
            }
            return stop;
        },
    };
}
