import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { DnsConfig } from "../../config/model.ts";
import {
    Delegation,
    RecordSet,
    TsigKey,
    UpdatePolicy,
    Zone,
} from "../../provider/resources/dns.ts";
import type { Provider } from "../../provider/resources/provider.ts";
import { ownerMark } from "../dns/ownerMark.ts";
import { relativeName } from "../dns/recordSet.ts";
import { challengeAliases, challengeKeyName, challengeZoneName } from "./challengeNames.ts";
import type { ChallengeAlias } from "./challengeNames.ts";

/** Letters and digits of the key's secret: 32 octets of hash (RFC 8945, 6) hold no more than 43 of them. */
const SECRET_LENGTH = 43;

/** How updates are signed. */
export const TSIG_ALGORITHM = "hmac-sha256";

export interface ChallengeZoneArgs {
    readonly fqdn: string;
    readonly dns: DnsConfig;
    /** The Sovereign's zone, which the challenge zone is delegated from. */
    readonly parentZone: pulumi.Input<string>;
    /** Names of the further zones' resources, by zone. */
    readonly furtherZones: ReadonlyMap<string, pulumi.Input<string>>;
    /** Names that are proven. */
    readonly names: readonly string[];
    /** Address ranges that updates come from. */
    readonly sources: readonly pulumi.Input<string>[];
    /** Protects the zone from deletion. */
    readonly protect: boolean;
    /** The `sovereign` provider. */
    readonly provider: Provider;
}

/**
 * `acme.<fqdn>`: a zone for challenges alone, which the issuer's key may change, and no other. Whoever gets hold of the key can
 * prove the names whose `_acme-challenge` leads here, and change nothing that mail or people rely on.
 */
export class ChallengeZone extends pulumi.ComponentResource {
    /** Name of the TSIG key without a trailing dot. */
    readonly keyName: string;
    /** Base64; secret. */
    readonly secret: pulumi.Output<string>;
    /** Passed once challenges can be written and are found by everybody. */
    readonly ready: readonly pulumi.Resource[];

    constructor(name: string, args: ChallengeZoneArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:certificates:ChallengeZone", name, { fqdn: args.fqdn }, opts);
        const owner = ownerMark(pulumi.getProject(), pulumi.getStack());
        this.keyName = challengeKeyName(args.fqdn);
        this.secret = this.createSecret(name);
        const zone = this.createZone(name, args, owner);
        const policy = this.allowUpdates(name, args, zone, owner);
        const delegation = this.delegate(name, args, zone, owner);
        this.ready = [policy, delegation, ...this.createAliases(name, args, owner)];
        this.registerOutputs({ zone: zone.name });
    }

    private createSecret(name: string): pulumi.Output<string> {
        const password = new random.RandomPassword(
            `${name}-secret`,
            { length: SECRET_LENGTH, special: false },
            { parent: this },
        );
        return pulumi.secret(password.result.apply((text) => Buffer.from(text).toString("base64")));
    }

    private createZone(name: string, args: ChallengeZoneArgs, owner: string): Zone {
        const { dns, fqdn, provider } = args;
        return new Zone(
            `${name}-zone`,
            {
                name: challengeZoneName(fqdn),
                nameServers: dns.nameServers.map((server) => server.name),
                hostmaster: `hostmaster@${fqdn}`,
                dnssec: dns.dnssec,
                nsec: dns.nsec,
                owner,
            },
            { parent: this, provider, protect: args.protect },
        );
    }

    private allowUpdates(
        name: string,
        args: ChallengeZoneArgs,
        zone: Zone,
        owner: string,
    ): UpdatePolicy {
        const key = new TsigKey(
            `${name}-key`,
            { name: this.keyName, algorithm: TSIG_ALGORITHM, secret: this.secret },
            { parent: this, provider: args.provider },
        );
        return new UpdatePolicy(
            `${name}-policy`,
            { zone: zone.name, tsigKeys: [key.name], sources: [...args.sources], owner },
            { parent: this, provider: args.provider },
        );
    }

    private createAliases(name: string, args: ChallengeZoneArgs, owner: string): RecordSet[] {
        return challengeAliases(args.fqdn, args.names).map(
            (alias) =>
                new RecordSet(
                    `${name}-${aliasName(alias, args.fqdn)}`,
                    {
                        zone: zoneOf(alias, args),
                        name: alias.name,
                        type: "CNAME",
                        ttl: args.dns.ttl,
                        records: [`${alias.target}.`],
                        owner,
                    },
                    { parent: this, provider: args.provider },
                ),
        );
    }

    /** In the Sovereign's own zone, at the same servers. */
    private delegate(name: string, args: ChallengeZoneArgs, zone: Zone, owner: string): Delegation {
        return new Delegation(
            `${name}-delegation`,
            {
                domain: challengeZoneName(args.fqdn),
                via: "powerdns",
                parent: args.parentZone,
                nameServers: args.dns.nameServers.map(({ name: server }) => ({ name: server })),
                ds: zone.ds,
                owner,
                // Both zones are at the same servers, so that there is nothing to wait for.
                wait: false,
            },
            { parent: this, provider: args.provider, dependsOn: [zone] },
        );
    }
}

/** Logical name of an alias: the record's, below the Sovereign's zone or in full. */
function aliasName({ zone, name }: ChallengeAlias, fqdn: string): string {
    return zone === fqdn ? relativeName(name, fqdn) : name;
}

/** @throws Error for a name in a zone that was not given */
function zoneOf({ zone }: ChallengeAlias, args: ChallengeZoneArgs): pulumi.Input<string> {
    if (zone === args.fqdn) return args.parentZone;
    const further = args.furtherZones.get(zone);
    if (further === undefined) throw new Error(`nobody writes the zone ${zone}`);
    return further;
}
