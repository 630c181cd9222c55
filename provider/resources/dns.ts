import * as pulumi from "@pulumi/pulumi";
import type { RegistrarVia } from "../dns/registrars/profiles.ts";

export interface ZoneArgs {
    /** Zone name, with or without trailing dot. Replaces on change. */
    readonly name: pulumi.Input<string>;
    /** @default "Native" */
    readonly kind?: pulumi.Input<"Native" | "Primary">;
    /** Names of the authoritative servers: the apex NS record set. */
    readonly nameServers: pulumi.Input<pulumi.Input<string>[]>;
    /** RNAME of the SOA as a mail address. @default hostmaster@<zone> */
    readonly hostmaster?: pulumi.Input<string>;
    /** @default true */
    readonly dnssec?: pulumi.Input<boolean>;
    /** @default "nsec" */
    readonly nsec?: pulumi.Input<"nsec" | "nsec3">;
    /**
     * Names of the zone's keys, which all sign. A key is rolled over (RFC 6781, 4.1.2) by naming its successor beside it, and
     * alone once the parent and all caches know it; the preview refuses that before. @default ["1"]
     */
    readonly signingKeys?: pulumi.Input<pulumi.Input<string>[]>;
    /** Mark that tells this zone is ours, for example `pulumi:sovereign/dev`; at most 40 characters. */
    readonly owner: pulumi.Input<string>;
    /** Takes over an existing zone that carries no mark. @default false */
    readonly adopt?: pulumi.Input<boolean>;
    /** Lets a destroy delete the zone with foreign records in it, and while its parent delegates it. @default false */
    readonly forceDestroy?: pulumi.Input<boolean>;
}

/** An authoritative zone at PowerDNS, signed with one CSK. Id: the zone name with trailing dot. */
export class Zone extends pulumi.CustomResource {
    declare readonly name: pulumi.Output<string>;
    /** DS records for the parent, SHA-256 only: `<key tag> <algorithm> 2 <digest>`. Empty without DNSSEC. */
    declare readonly ds: pulumi.Output<string[]>;
    /** DNSKEY records: `<flags> 3 <algorithm> <key>`. */
    declare readonly dnskeys: pulumi.Output<string[]>;
    declare readonly nameServers: pulumi.Output<string[]>;

    constructor(name: string, args: ZoneArgs, opts?: pulumi.CustomResourceOptions) {
        super("sovereign:dns:Zone", name, { ...args, ds: undefined, dnskeys: undefined }, opts);
    }
}

export interface RecordSetArgs {
    /** Zone the record set lies in. Replaces on change. */
    readonly zone: pulumi.Input<string>;
    /** Fully qualified owner name, with or without trailing dot. Replaces on change. */
    readonly name: pulumi.Input<string>;
    /** Replaces on change. */
    readonly type: pulumi.Input<string>;
    /** Seconds. */
    readonly ttl: pulumi.Input<number>;
    /** Contents in presentation format; TXT as plain text, which the provider splits into character-strings. */
    readonly records: pulumi.Input<pulumi.Input<string>[]>;
    /** See {@link ZoneArgs.owner}. */
    readonly owner: pulumi.Input<string>;
    /** Takes over an equal record set that carries no mark. @default false */
    readonly adopt?: pulumi.Input<boolean>;
}

/** All records of one name and type. Id: `<zone>/<name>/<type>`, with trailing dots. */
export class RecordSet extends pulumi.CustomResource {
    declare readonly name: pulumi.Output<string>;
    declare readonly type: pulumi.Output<string>;
    declare readonly ttl: pulumi.Output<number>;
    declare readonly records: pulumi.Output<string[]>;

    constructor(name: string, args: RecordSetArgs, opts?: pulumi.CustomResourceOptions) {
        super("sovereign:dns:RecordSet", name, { ...args }, opts);
    }
}

export interface TsigKeyArgs {
    /** Name of the key: a domain name. Replaces on change. */
    readonly name: pulumi.Input<string>;
    /** @default "hmac-sha256" */
    readonly algorithm?: pulumi.Input<"hmac-sha256" | "hmac-sha384" | "hmac-sha512">;
    /** The shared secret, base64 of 16 octets or more; kept secret whether the program says so or not. */
    readonly secret: pulumi.Input<string>;
    /** Takes over a key of this name that has another secret. @default false */
    readonly adopt?: pulumi.Input<boolean>;
}

/** A TSIG key at PowerDNS (RFC 8945), by which a program is known that changes a zone. Id: its name with trailing dot. */
export class TsigKey extends pulumi.CustomResource {
    declare readonly name: pulumi.Output<string>;
    declare readonly algorithm: pulumi.Output<string>;

    constructor(name: string, args: TsigKeyArgs, opts?: pulumi.CustomResourceOptions) {
        super("sovereign:dns:TsigKey", name, { ...args, secret: pulumi.secret(args.secret) }, opts);
    }
}

export interface UpdatePolicyArgs {
    /** Zone that may be changed; it has to be ours. Replaces on change. */
    readonly zone: pulumi.Input<string>;
    /** Names of the TSIG keys, one of which an update must be signed with. */
    readonly tsigKeys: pulumi.Input<pulumi.Input<string>[]>;
    /** Address ranges that updates may come from. @default everywhere */
    readonly sources?: pulumi.Input<pulumi.Input<string>[]>;
    /** See {@link ZoneArgs.owner}. */
    readonly owner: pulumi.Input<string>;
}

/**
 * Who may change a zone by dynamic update (RFC 2136). The right is to the whole zone: give it for one that holds nothing else. Id:
 * the zone's name with trailing dot.
 */
export class UpdatePolicy extends pulumi.CustomResource {
    declare readonly zone: pulumi.Output<string>;

    constructor(name: string, args: UpdatePolicyArgs, opts?: pulumi.CustomResourceOptions) {
        super("sovereign:dns:UpdatePolicy", name, { ...args }, opts);
    }
}

/** A name server of the child zone, with its addresses where the parent must hold glue (or the registrar a host record). */
export interface DelegationNameServer {
    readonly name: pulumi.Input<string>;
    readonly addresses?: pulumi.Input<pulumi.Input<string>[]>;
}

export interface DelegationArgs {
    /** The delegated zone. Replaces on change. */
    readonly domain: pulumi.Input<string>;
    /**
     * Who holds the parent side. Replaces on change.
     * - `powerdns`: NS, glue and DS are record sets of the parent zone, written in one PATCH.
     * - `dynadot-zone`: the parent zone is Dynadot-hosted DNS: NS and glue are appended (no DS possible there).
     * - `dynadot-registrar`: the domain is registered at Dynadot: host records, then name servers, then DS.
     * - `cloudflare-registrar`, `namecheap-registrar`, `godaddy-registrar`, `ovh-registrar`: the same elsewhere. What a registrar's
     *   API does not take (see {@link byHand}) is refused.
     * - `external`: somebody else writes it; nothing is written, the resource waits for it when `wait` is true.
     */
    readonly via: pulumi.Input<"powerdns" | "dynadot-zone" | RegistrarVia | "external">;
    /** Parent zone; required for `powerdns` and `dynadot-zone`. Replaces on change. */
    readonly parent?: pulumi.Input<string>;
    readonly nameServers: pulumi.Input<pulumi.Input<DelegationNameServer>[]>;
    /** DS records to publish, `<key tag> <algorithm> <digest type> <digest>`. @default [] */
    readonly ds?: pulumi.Input<pulumi.Input<string>[]>;
    /** Seconds. @default 3600 */
    readonly ttl?: pulumi.Input<number>;
    readonly owner: pulumi.Input<string>;
    /** Waits until the child answers on every name server before anything is written (`host:port` per server is config of the lab). @default true */
    readonly wait?: pulumi.Input<boolean>;
    /** Leaves the delegation as it is on destroy. @default false */
    readonly retain?: pulumi.Input<boolean>;
    /**
     * What a person enters at the registrar, because its API cannot: `ds` the DS records, `glue` the addresses of name servers below
     * the domain. The preview says what to enter. @default []
     */
    readonly byHand?: pulumi.Input<pulumi.Input<"ds" | "glue">[]>;
}

export interface PoolNameArgs {
    /** The name in the pool, that will be a zone of its own. Replaces on change. */
    readonly domain: pulumi.Input<string>;
    /** Who holds the pool's zone; see {@link DelegationArgs.via}. Replaces on change. */
    readonly via: pulumi.Input<"powerdns" | "dynadot-zone">;
    /** The pool's domain. Replaces on change. */
    readonly parent: pulumi.Input<string>;
    /** Name servers that the name will be delegated to. */
    readonly nameServers: pulumi.Input<pulumi.Input<DelegationNameServer>[]>;
    /** See {@link ZoneArgs.owner}. */
    readonly owner: pulumi.Input<string>;
}

/**
 * A name in a pool domain that is free, or this program's already: refused otherwise, in the preview with a warning. It writes
 * nothing, the delegation takes the name; let everything that is made for the name depend on it. Id: the name with trailing dot.
 */
export class PoolName extends pulumi.CustomResource {
    constructor(name: string, args: PoolNameArgs, opts?: pulumi.CustomResourceOptions) {
        super("sovereign:dns:PoolName", name, { ...args }, opts);
    }
}

/** The parent side of a zone cut. Id: the domain with trailing dot. */
export class Delegation extends pulumi.CustomResource {
    /** Name servers that the registrar held before (only where `via` is one); put back on destroy. */
    declare readonly previousNameServers: pulumi.Output<string[]>;

    constructor(name: string, args: DelegationArgs, opts?: pulumi.CustomResourceOptions) {
        super("sovereign:dns:Delegation", name, { ...args, previousNameServers: undefined }, opts);
    }
}
