import { join } from "node:path";
import { Pebble } from "./acme/pebble.ts";
import { Dynadot } from "./dynadot/dynadot.ts";
import { HetznerCloud } from "./hetzner/hetznerCloud.ts";
import { K3sReleases } from "./machines/k3sRelease.ts";
import { Machines } from "./machines/machines.ts";
import { LabDns } from "./mail/labDns.ts";
import { MailboxProvider } from "./mail/mailbox/mailboxProvider.ts";
import { stalwartStandIn } from "./mail/stalwartStandIn.ts";
import type { LabContext, LabPart } from "./parts.ts";
import { PowerDns } from "./powerdns/powerDns.ts";
import { OciRegistry } from "./registry/ociRegistry.ts";
import { CLONE } from "./toolchain/directories.ts";

/** The whole lab. */
export interface Lab {
    readonly powerDns: PowerDns;
    readonly dynadot: Dynadot;
    readonly registry: OciRegistry;
    readonly acme: Pebble;
    readonly mailbox: MailboxProvider;
    readonly machines: Machines;
    readonly hetzner: HetznerCloud;
    /** All parts in the order of their start: each needs only those before it. */
    readonly parts: readonly LabPart[];
}

/** Charts of this repository that the lab's OCI registry serves, beside cert-manager's. */
const CHARTS = ["catalyst-platform"] as const;

/** Puts the parts of a lab together; nothing runs yet. */
export function composeLab(context: LabContext): Lab {
    const { directory, addresses } = context;
    const powerDns = new PowerDns(context);
    const { registry: topLevel, hostedZones } = powerDns;
    const dynadot = new Dynadot(context, { registry: topLevel, hostedZones });
    const registry = new OciRegistry(context, {
        charts: [
            ...CHARTS.map((name) => join(CLONE, "charts", name)),
            context.binaries.certManagerChart,
        ],
    });
    const releases = new K3sReleases(context);
    const acme = new Pebble(context);
    const mailbox = new MailboxProvider(context);
    const mail = stalwartStandIn({
        directory,
        portOffset: addresses.portOffset,
        dns: new LabDns(addresses),
        authorities: () => [mailbox.authority],
        log: (message) => {
            context.log("mail", message);
        },
    });
    const machines = new Machines(context, { standIns: [mail] });
    const hetzner = new HetznerCloud(context, { machines, reverseDns: powerDns.reverseDns });
    machines.connect(hetzner);
    return {
        powerDns,
        dynadot,
        registry,
        acme,
        mailbox,
        machines,
        hetzner,
        parts: [powerDns, dynadot, registry, releases, acme, mailbox, machines, hetzner],
    };
}
