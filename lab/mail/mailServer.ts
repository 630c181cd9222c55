import type { LabContext, ServerStandIn } from "../parts.ts";
import type { LabDns } from "./labDns.ts";
import { stalwartServer } from "./realServer/stalwartServer.ts";
import { stalwartStandIn } from "./stalwartStandIn.ts";

export interface MailServerOptions {
    readonly dns: LabDns;
    /** Certificates of the authorities that the stand-in trusts, PEM; asked for at each start of a pod. */
    readonly authorities: () => readonly string[];
    /** As in `StalwartStandInOptions`. */
    readonly errorDelay?: number;
}

/** Plays the mail server's pods: by the real server, where its binary is named (`STALWART_BIN`), by the stand-in otherwise. */
export function mailServer(context: LabContext, options: MailServerOptions): ServerStandIn {
    const { directory } = context;
    const { instance, portOffset, nameServers, dnsPort } = context.addresses;
    const common = {
        directory,
        portOffset,
        log: (message: string) => {
            context.log("mail", message);
        },
    };
    const binary = process.env.STALWART_BIN;
    if (binary === undefined || binary === "") return stalwartStandIn({ ...common, ...options });
    const [host] = nameServers;
    return stalwartServer({ ...common, binary, instance, nameServer: { host, port: dnsPort } });
}
