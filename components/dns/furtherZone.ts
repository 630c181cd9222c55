import * as pulumi from "@pulumi/pulumi";
import type { DnsConfig } from "../../config/model.ts";
import { Delegation, RecordSet, Zone } from "../../provider/resources/dns.ts";
import type { Provider } from "../../provider/resources/provider.ts";
import { delegatedTo } from "./nameServers.ts";
import { ownerMark } from "./ownerMark.ts";
import { assertRecordSets, resourceSuffix } from "./recordSet.ts";
import type { RecordSetSpec } from "./recordSet.ts";

export interface FurtherZoneArgs {
    /** Name of the Sovereign, whose hostmaster answers for the zone. */
    readonly fqdn: string;
    readonly zone: string;
    readonly dns: DnsConfig;
    /** Everything in the zone. Their names, types and numbers are plain. */
    readonly records: readonly RecordSetSpec[];
    /** Whether `up` waits until the parent delegates the zone. */
    readonly wait: boolean;
    /** Protects the zone from deletion. */
    readonly protect: boolean;
    /** The `sovereign` provider. */
    readonly provider: Provider;
}

/** A zone that the platform serves beside the Sovereign's own. Its owner delegates it: nothing is written at its parent. */
export class FurtherZone extends pulumi.ComponentResource {
    /** Without a trailing dot. */
    readonly domain: string;
    readonly zone: Zone;
    readonly recordSets: readonly RecordSetSpec[];

    constructor(name: string, args: FurtherZoneArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:dns:FurtherZone", name, { zone: args.zone }, opts);
        assertRecordSets(args.records, args.zone);
        const owner = ownerMark(pulumi.getProject(), pulumi.getStack());
        this.domain = args.zone;
        this.recordSets = args.records;
        this.zone = this.createZone(name, args, owner);
        const written = args.records.map((set) => this.createRecordSet(name, args, set, owner));
        this.awaitDelegation(name, args, owner, written);
        this.registerOutputs({ zone: this.zone.name, ds: this.zone.ds });
    }

    private createZone(name: string, args: FurtherZoneArgs, owner: string): Zone {
        const { dns, provider } = args;
        return new Zone(
            `${name}-zone`,
            {
                name: args.zone,
                nameServers: dns.nameServers.map((server) => server.name),
                hostmaster: `hostmaster@${args.fqdn}`,
                dnssec: dns.dnssec,
                signingKeys: [...dns.dnssecKeys],
                nsec: dns.nsec,
                owner,
            },
            { parent: this, provider, protect: args.protect },
        );
    }

    private createRecordSet(
        name: string,
        { zone, provider }: FurtherZoneArgs,
        set: RecordSetSpec,
        owner: string,
    ): RecordSet {
        return new RecordSet(
            `${name}-${resourceSuffix(set, zone)}`,
            {
                zone: this.zone.name,
                name: set.name,
                type: set.type,
                ttl: set.ttl,
                records: [...set.records],
                owner,
            },
            { parent: this, provider },
        );
    }

    private awaitDelegation(
        name: string,
        { zone, dns, wait, provider }: FurtherZoneArgs,
        owner: string,
        written: readonly pulumi.Resource[],
    ): Delegation {
        return new Delegation(
            `${name}-delegation`,
            {
                domain: zone,
                via: "external",
                nameServers: delegatedTo(dns),
                ds: this.zone.ds,
                owner,
                wait,
            },
            { parent: this, provider, dependsOn: [this.zone, ...written] },
        );
    }
}
