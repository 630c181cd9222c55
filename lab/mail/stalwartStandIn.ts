import { join } from "node:path";
import type { PodView, ServerStandIn } from "../parts.ts";
import type { LabDns } from "./labDns.ts";
import { MailFlow } from "./mailFlow.ts";
import { SessionLimits } from "./sessionLimits.ts";
import { Spool } from "./spool.ts";
import { stalwartHttp } from "./stalwartHttp.ts";
import { MailMetrics } from "./stalwartMetrics.ts";
import { bindings, fromLoadBalancer, type Binding } from "./stalwartBindings.ts";
import {
    isStalwartPod,
    mountedCertificate,
    readStalwartPod,
    type StalwartPod,
} from "./stalwartPod.ts";
import { StalwartSmtpServer } from "./stalwartSmtp.ts";

export interface StalwartStandInOptions {
    /** The lab's state directory; mail is kept in `mail/<namespace>/<pod>` there. */
    readonly directory: string;
    /** As in `LabAddresses`. */
    readonly portOffset: number;
    readonly dns: LabDns;
    /** Certificates of the authorities that the server trusts, PEM; asked for at each start of a pod. */
    readonly authorities: () => readonly string[];
    /**
     * Factor on the plan's retry intervals.
     * @default 1
     */
    readonly retryFactor?: number;
    /**
     * Milliseconds that a refused recipient or password costs.
     * @default 5000, as observed on the real server
     */
    readonly errorDelay?: number;
    /**
     * Milliseconds between two looks at the certificate.
     * @default 1000, so that people see it sooner than in the chart, where it is 30 s
     */
    readonly certificateInterval?: number;
    /** One line for the lab's log. @default nothing is logged */
    readonly log?: (message: string) => void;
}

/** The directory of a pod's accepted mail. */
export function spoolDirectory(directory: string, namespace: string, pod: string): string {
    return join(directory, "mail", namespace, pod);
}

/** What all listeners of a pod share. */
interface Server {
    readonly pod: StalwartPod;
    readonly flow: MailFlow;
    readonly limits: SessionLimits;
    readonly metrics: MailMetrics;
}

function serverOf(view: PodView, pod: StalwartPod, options: StalwartStandInOptions): Server {
    const { directory, dns, portOffset, authorities, retryFactor } = options;
    const metrics = new MailMetrics();
    const flow = new MailFlow({
        pod,
        spool: new Spool(spoolDirectory(directory, view.namespace, view.name)),
        network: {
            dns,
            portOffset,
            authorities: authorities(),
            ...(view.egressAddress !== undefined && { egressAddress: view.egressAddress }),
        },
        metrics,
        log: options.log ?? (() => undefined),
        ...(retryFactor !== undefined && { retryFactor }),
    });
    return { pod, flow, limits: new SessionLimits(pod.settings.throttles), metrics };
}

async function startBinding(
    { listener, host, port, behindProxy }: Binding,
    server: Server,
    options: StalwartStandInOptions,
): Promise<() => Promise<void>> {
    if (listener.protocol === "http") {
        const http = stalwartHttp(server.pod.settings, server.metrics);
        await http.listen({ host, port });
        return () => http.close();
    }
    const smtp = new StalwartSmtpServer({
        ...server,
        listener,
        host,
        port,
        expectsProxyHeader: (remote) => behindProxy && fromLoadBalancer(remote),
        errorDelay: options.errorDelay ?? 5000,
        log: options.log ?? (() => undefined),
    });
    await smtp.start();
    return () => smtp.stop();
}

/**
 * Plays the mail server of `charts/stalwart-sovereign`: the listeners, certificate, accounts, signatures, routes and limits that
 * the installed pod's plan and Secrets give it, and nothing else. A plan that has more than it plays is refused. Accepted mail is
 * kept in a {@link Spool}; what is for others is delivered to them from the node's public address. Unlike the real server it does
 * so where their addresses are loopback addresses, as all are in a lab.
 */
export function stalwartStandIn(options: StalwartStandInOptions): ServerStandIn {
    return {
        name: "stalwart",
        matches: isStalwartPod,
        async start(view) {
            const pod = await readStalwartPod(view);
            const stop = await startServer(view, pod, options);
            return pod.followsCertificate ? followCertificate(view, pod, stop, options) : stop;
        },
    };
}

async function startServer(
    view: PodView,
    pod: StalwartPod,
    options: StalwartStandInOptions,
): Promise<() => Promise<void>> {
    const server = serverOf(view, pod, options);
    const stops: (() => Promise<void>)[] = [() => server.flow.stop()];
    const stop = async () => {
        await Promise.all(stops.map((each) => each()));
    };
    try {
        for (const binding of bindings(view, pod, options.portOffset))
            stops.push(await startBinding(binding, server, options));
    } catch (error) {
        await stop();
        throw error;
    }
    return stop;
}

/**
 * Starts the server again whenever its certificate is replaced, as `serve.sh` and kubelet do. One that cannot be served is passed over:
 * the server that runs goes on.
 *
 * @returns what ends it and the server that runs then
 */
function followCertificate(
    view: PodView,
    first: StalwartPod,
    stopFirst: () => Promise<void>,
    options: StalwartStandInOptions,
): () => Promise<void> {
    const { certificateInterval = 1000, log = () => undefined } = options;
    let pod = first;
    let stopServer = stopFirst;
    const look = async () => {
        const now = await mountedCertificate(view, pod);
        if (now === undefined || now.length === 0 || now.equals(pod.certificate)) return;
        const next = await readStalwartPod(view);
        await stopServer();
        stopServer = () => Promise.resolve();
        stopServer = await startServer(view, next, options);
        pod = next;
        log(`${view.name}: the certificate was replaced; the server started again with it`);
    };
    let last = Promise.resolve();
    let refused = "";
    const timer = setInterval(() => {
        last = last.then(look).catch((error: unknown) => {
            const reason = error instanceof Error ? error.message : String(error);
            if (reason !== refused) log(`${view.name}: ${reason}`);
            refused = reason;
        });
    }, certificateInterval);
    return async () => {
        clearInterval(timer);
        await last;
        await stopServer();
    };
}
