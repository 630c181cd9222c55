import { join } from "node:path";
import { Pebble } from "./acme/pebble.ts";
import { AcmeSolver } from "./acme/solver.ts";
import { Dynadot } from "./dynadot/dynadot.ts";
import { HetznerCloud } from "./hetzner/hetznerCloud.ts";
import { K3sReleases } from "./machines/k3sRelease.ts";
import { Machines } from "./machines/machines.ts";
import { egressProbe, egressProbeStandIn } from "./mail/egressProbe.ts";
import { LabDns } from "./mail/labDns.ts";
import { MailboxProvider } from "./mail/mailbox/mailboxProvider.ts";
import { mailServer } from "./mail/mailServer.ts";
import type { LabContext, LabPart } from "./parts.ts";
import { PowerDns } from "./powerdns/powerDns.ts";
import { FLUX_CHART_VERSION, fluxControllers } from "./registry/fluxChart.ts";
import { OciRegistry } from "./registry/ociRegistry.ts";
import { CLONE } from "./toolchain/directories.ts";
import { GATEWAY_API_VERSION } from "./toolchain/versions.ts";

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

export interface LabOptions {
    /** Milliseconds that a refused recipient or password costs. @default 5000, as observed on the real mail server */
    readonly mailErrorDelay?: number;
}

/** Puts the parts of a lab together; nothing runs yet. */
export function composeLab(context: LabContext, { mailErrorDelay }: LabOptions = {}): Lab {
    const { addresses } = context;
    const powerDns = new PowerDns(context);
    const { registry: topLevel, hostedZones } = powerDns;
    const dynadot = new Dynadot(context, { registry: topLevel, hostedZones });
    const registry = new OciRegistry(context, {
        charts: [
            ...CHARTS.map((name) => join(CLONE, "charts", name)),
            context.binaries.certManagerChart,
        ],
        definitions: [
            {
                name: "gateway-api",
                version: GATEWAY_API_VERSION,
                definitions: context.binaries.gatewayApiDefinitions,
            },
            {
                name: "bp-flux",
                version: FLUX_CHART_VERSION,
                definitions: context.binaries.fluxDefinitions,
                templates: { "controllers.yaml": fluxControllers() },
            },
        ],
    });
    const releases = new K3sReleases(context);
    const acme = new Pebble(context);
    const mailbox = new MailboxProvider(context);
    const { portOffset } = addresses;
    const dns = new LabDns(addresses);
    const probe = egressProbe({ dns, portOffset });
    const mail = mailServer(context, {
        dns,
        authorities: () => [mailbox.authority],
        ...(mailErrorDelay !== undefined && { errorDelay: mailErrorDelay }),
    });
    const machines = new Machines(context, {
        standIns: [mail, egressProbeStandIn(probe), new AcmeSolver(portOffset)],
        egressProbe: probe,
    });
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
