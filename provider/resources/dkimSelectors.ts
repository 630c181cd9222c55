import * as pulumi from "@pulumi/pulumi";

/** A DKIM selector as the program wants it. */
export interface DkimSelectorArgs {
    /** One label, never used before. */
    readonly selector: pulumi.Input<string>;
    readonly algorithm: pulumi.Input<"rsa2048" | "ed25519">;
    /**
     * - `pending`: published, does not sign. A new selector begins so.
     * - `active`: signs. One per algorithm.
     * - `retiring`: signs no more; its key stays for mail on its way.
     * - `revoked`: its record holds an empty key. From here it may leave the list.
     */
    readonly state: pulumi.Input<"pending" | "active" | "retiring" | "revoked">;
    /** Value of its TXT record. */
    readonly value: pulumi.Input<string>;
}

/** An authoritative name server, with its addresses where its name cannot be resolved yet. */
export interface DkimNameServerArgs {
    readonly name: pulumi.Input<string>;
    readonly addresses?: pulumi.Input<pulumi.Input<string>[]>;
}

export interface DkimSelectorsArgs {
    /** The mail domain, which is the zone of its selectors. Replaces on change. */
    readonly zone: pulumi.Input<string>;
    /** Every selector of the domain. Names, algorithms and states are plain, so that a preview can judge a step. */
    readonly selectors: pulumi.Input<pulumi.Input<DkimSelectorArgs>[]>;
    readonly nameServers: pulumi.Input<pulumi.Input<DkimNameServerArgs>[]>;
    /** TTL of the selectors' records, in seconds: how long after its publication a key may not sign. */
    readonly ttl: pulumi.Input<number>;
    /** Seconds after its last signature for which a key stays published. */
    readonly signatureLifetime: pulumi.Input<number>;
    /** Waits until every name server answers as expected; otherwise looks once. @default true */
    readonly wait?: pulumi.Input<boolean>;
}

/** What is known of a selector. Times are ISO 8601 in UTC. */
export interface DkimSelectorLife {
    readonly selector: string;
    readonly algorithm: "rsa2048" | "ed25519";
    /** `removed`: it has left the list; its name stays taken. */
    readonly state: "pending" | "active" | "retiring" | "revoked" | "removed";
    readonly value: string;
    /** Since when it has its state. */
    readonly since: string;
    /** When every authoritative name server was first seen answering with its key. */
    readonly publishedAt?: string;
    /** When the server was told to sign with it no more. */
    readonly lastSignatureAt?: string;
}

/**
 * The DKIM selectors of a mail domain through their lives. Depends on their records; what signs depends on it. A preview
 * refuses a step that is illegal or too early, and says which step may be taken when.
 */
export class DkimSelectors extends pulumi.CustomResource {
    declare readonly lives: pulumi.Output<DkimSelectorLife[]>;

    constructor(name: string, args: DkimSelectorsArgs, opts?: pulumi.CustomResourceOptions) {
        super("sovereign:mail:DkimSelectors", name, { ...args, lives: undefined }, opts);
    }
}
