import { labPort } from "../addresses.ts";
import { NoMailHost, type LabDns } from "./labDns.ts";
import type { Deliver } from "./outboundQueue.ts";
import {
    deliverTo,
    SessionFailure,
    type NextHop,
    type Outcome,
    type OutgoingMessage,
    type SessionOptions,
} from "./smtpDelivery.ts";
import type { StalwartPod } from "./stalwartPod.ts";

/** Where mail servers listen (RFC 5321, section 4.5.4.2). */
const SMTP_PORT = 25;

export interface DeliveryNetwork {
    readonly dns: LabDns;
    /** As in `LabAddresses`. */
    readonly portOffset: number;
    /** The node's public address, which pods leave by. */
    readonly egressAddress?: string;
    /** Certificates of the authorities that the server trusts, PEM. */
    readonly authorities: readonly string[];
}

function everyone(outgoing: OutgoingMessage, outcome: Outcome): ReadonlyMap<string, Outcome> {
    return new Map(outgoing.recipients.map((recipient) => [recipient, outcome]));
}

async function hopsFor(
    domain: string,
    { settings: { outbound } }: StalwartPod,
    { dns, portOffset }: DeliveryNetwork,
): Promise<NextHop[]> {
    const { route } = outbound;
    if (route.kind === "relay") {
        const port = labPort(route.port, portOffset);
        const addresses = await dns.addresses(route.host);
        return addresses.map((address) => ({ name: route.host, address, port }));
    }
    const port = labPort(SMTP_PORT, portOffset);
    const hosts = await dns.mailHosts(domain);
    return hosts
        .slice(0, route.maxHosts)
        .flatMap(({ name, addresses }) =>
            addresses.slice(0, route.maxAddresses).map((address) => ({ name, address, port })),
        );
}

/** Delivers as the plan of a pod says: to the recipients' servers in their order, or to the smart host. */
export function deliveryOf(pod: StalwartPod, network: DeliveryNetwork): Deliver {
    const { outbound } = pod.settings;
    const { route } = outbound;
    const session: Omit<SessionOptions, "tls"> = {
        ehlo: outbound.ehlo,
        connectTimeout: outbound.connectTimeout,
        authorities: network.authorities,
        ...(network.egressAddress !== undefined && { localAddress: network.egressAddress }),
        ...(route.kind === "relay" && {
            login: { user: route.username, pass: pod.relayPassword ?? "" },
        }),
    };
    return async (domain, outgoing, tls) => {
        let failure = new SessionFailure(`${domain}: no server to deliver to`, false);
        try {
            for (const hop of await hopsFor(domain, pod, network))
                try {
                    return await deliverTo(hop, outgoing, { ...session, tls });
                } catch (error) {
                    if (!(error instanceof SessionFailure)) throw error;
                    failure = error;
                }
        } catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            const kind = error instanceof NoMailHost ? "refused" : "deferred";
            return everyone(outgoing, { kind, reason, tls: false });
        }
        return everyone(outgoing, { kind: "deferred", reason: failure.message, tls: failure.tls });
    };
}
