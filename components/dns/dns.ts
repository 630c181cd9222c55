import * as pulumi from "@pulumi/pulumi";
import type { DnsConfig } from "../../config/model.ts";
import { Delegation, PoolName, RecordSet, Zone } from "../../provider/resources/dns.ts";
import type { DelegationArgs } from "../../provider/resources/dns.ts";
import type { RegistrarVia } from "../../provider/dns/registrars/profiles.ts";
import type { Provider } from "../../provider/resources/provider.ts";
import { delegatedTo, nameServerRecords } from "./nameServers.ts";
import { ownerMark } from "./ownerMark.ts";
import { assertRecordSets, resourceSuffix } from "./recordSet.ts";
import type { RecordSetSpec } from "./recordSet.ts";

export interface DnsArgs {
    /** The zone's name. */
    readonly fqdn: string;
    readonly dns: DnsConfig;
    /** Records of the zone but its name servers'. Their names, types and numbers are plain. */
    readonly records: readonly RecordSetSpec[];
    /** A record for the pool's own zone, where the program writes that zone. */
    readonly parentRecords?: readonly RecordSetSpec[];
    /** Protects the zone from deletion. */
    readonly protect: boolean;
    /** The `sovereign` provider. */
    readonly provider: Provider;
}

/** The Sovereign's zone with all its records, and the delegation to it. */
export class Dns extends pulumi.ComponentResource {
    /** The name in its pool, where the program writes that; everything else waits until it is known to be free. */
    readonly poolName: PoolName | undefined;
    readonly zone: Zone;
    readonly delegation: Delegation;
    /** DS records for the parent; empty without DNSSEC. */
    readonly ds: pulumi.Output<string[]>;
    /** Everything that stands in the zone but SOA, NS and what DNSSEC adds. */
    readonly recordSets: readonly RecordSetSpec[];
    /** Resources of the record sets, by `<name> <type>`. */
    readonly written: ReadonlyMap<string, RecordSet>;

    constructor(name: string, args: DnsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:dns:Dns", name, { fqdn: args.fqdn }, opts);
        this.recordSets = [
            ...args.records,
            ...nameServerRecords(args.fqdn, args.dns.ttl, args.dns.nameServers),
        ];
        assertRecordSets(this.recordSets, args.fqdn);
        const owner = ownerMark(pulumi.getProject(), pulumi.getStack());
        this.poolName = this.createPoolName(name, args, owner);
        this.zone = this.createZone(name, args, owner);
        this.written = new Map(
            this.recordSets.map((set) => [
                `${set.name} ${set.type}`,
                this.createRecordSet(
                    `${name}-${resourceSuffix(set, args.fqdn)}`,
                    this.zone.name,
                    set,
                    owner,
                    args,
                ),
            ]),
        );
        this.createParentRecords(name, args, owner);
        this.delegation = this.delegate(name, args, owner);
        this.ds = this.zone.ds;
        this.registerOutputs({ zone: this.zone.name, ds: this.ds });
    }

    private createPoolName(name: string, args: DnsArgs, owner: string): PoolName | undefined {
        const at = poolOf(args.dns);
        if (at === undefined) return undefined;
        return new PoolName(
            `${name}-pool-name`,
            { domain: args.fqdn, ...at, nameServers: delegatedTo(args.dns), owner },
            { parent: this, provider: args.provider },
        );
    }

    private createZone(name: string, args: DnsArgs, owner: string): Zone {
        return new Zone(
            `${name}-zone`,
            {
                name: args.fqdn,
                nameServers: args.dns.nameServers.map((server) => server.name),
                hostmaster: `hostmaster@${args.fqdn}`,
                dnssec: args.dns.dnssec,
                signingKeys: [...args.dns.dnssecKeys],
                nsec: args.dns.nsec,
                owner,
            },
            {
                parent: this,
                provider: args.provider,
                protect: args.protect,
                dependsOn: this.poolName === undefined ? [] : [this.poolName],
            },
        );
    }

    private createRecordSet(
        name: string,
        zone: pulumi.Input<string>,
        set: RecordSetSpec,
        owner: string,
        args: DnsArgs,
        dependsOn: readonly pulumi.Resource[] = [],
    ): RecordSet {
        return new RecordSet(
            name,
            {
                zone,
                name: set.name,
                type: set.type,
                ttl: set.ttl,
                records: [...set.records],
                owner,
            },
            { parent: this, provider: args.provider, dependsOn: [...dependsOn] },
        );
    }

    private createParentRecords(name: string, args: DnsArgs, owner: string): void {
        const { poolDomain } = args.dns;
        for (const set of args.parentRecords ?? []) {
            if (poolDomain === undefined)
                throw new RangeError(`${set.name} lies in no zone that the program writes`);
            this.createRecordSet(
                `${name}-parent-${set.type.toLowerCase()}`,
                poolDomain,
                set,
                owner,
                args,
                this.poolName === undefined ? [] : [this.poolName],
            );
        }
    }

    /** Comes after every record: resolvers that follow it find a whole zone, and its DS only after the keys answer. */
    private delegate(name: string, args: DnsArgs, owner: string): Delegation {
        const via = delegationVia(args.dns);
        return new Delegation(
            `${name}-delegation`,
            {
                domain: args.fqdn,
                via,
                ...parentOf(args.dns),
                nameServers: delegatedTo(args.dns),
                ds: via === "dynadot-zone" ? [] : this.zone.ds,
                owner,
                wait: args.dns.waitForDelegation,
                ...(args.dns.byHand && { byHand: [...args.dns.byHand] }),
            },
            {
                parent: this,
                provider: args.provider,
                dependsOn: [this.zone, ...this.written.values()],
            },
        );
    }
}

/** How the parent side is written. A domain registered at Dynadot differs from a pool whose zone Dynadot hosts. */
export function delegationVia(
    dns: Pick<DnsConfig, "delegation" | "domainMode">,
): "powerdns" | "dynadot-zone" | RegistrarVia | "external" {
    if (dns.delegation === "powerdns" || dns.delegation === "external") return dns.delegation;
    if (dns.domainMode === "pool") return "dynadot-zone";
    return `${dns.delegation}-registrar`;
}

/** The zone that the name is delegated in, and how that is written; undefined where the program writes no zone for it. */
function poolOf(
    dns: DnsConfig,
): { readonly via: "powerdns" | "dynadot-zone"; readonly parent: string } | undefined {
    const via = delegationVia(dns);
    if ((via !== "powerdns" && via !== "dynadot-zone") || dns.poolDomain === undefined)
        return undefined;
    return { via, parent: dns.poolDomain };
}

function parentOf(dns: DnsConfig): Pick<DelegationArgs, "parent"> {
    const parent = poolOf(dns)?.parent;
    return parent === undefined ? {} : { parent };
}
