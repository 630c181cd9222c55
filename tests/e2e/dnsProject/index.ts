import { readFileSync } from "node:fs";
import type { CustomResource, Resource } from "@pulumi/pulumi";
import { Delegation, RecordSet, Zone } from "../../../provider/resources/dns.ts";
import type { DelegationArgs, RecordSetArgs, ZoneArgs } from "../../../provider/resources/dns.ts";

/** What the program declares, by the resources' names. A test writes it and changes it between two runs of the engine. */
export interface DnsPlan {
    readonly zones: Readonly<Record<string, ZoneArgs>>;
    readonly recordSets: Readonly<Record<string, RecordSetArgs>>;
    /** Domains to delegate, with the DS records of the zone named. */
    readonly delegations: Readonly<Record<string, DelegationArgs & { readonly signedBy: string }>>;
}

/** Environment variable with the file of the plan. */
const PLAN_FILE = "SOVEREIGN_DNS_PLAN";

const plan = JSON.parse(readFileSync(process.env[PLAN_FILE] ?? "", "utf8")) as DnsPlan;

const zones = new Map(
    Object.entries(plan.zones).map(([name, args]) => [name, new Zone(name, args)] as const),
);
const written: CustomResource[] = Object.entries(plan.recordSets).map(
    ([name, args]) => new RecordSet(name, args, { dependsOn: zoneOf(args.zone) }),
);
for (const [name, { signedBy, ...args }] of Object.entries(plan.delegations))
    new Delegation(
        name,
        { ...args, ds: zones.get(signedBy)?.ds ?? [] },
        { dependsOn: [...zones.values(), ...written] },
    );

function zoneOf(zone: unknown): Resource[] {
    return [...zones]
        .filter(([name]) => plan.zones[name]?.name === zone)
        .map(([, resource]) => resource);
}
