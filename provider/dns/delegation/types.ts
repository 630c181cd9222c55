import type { CallContext } from "../../framework/resource.ts";
import type { ByHand } from "../registrars/byHand.ts";
import type { RegistrarVia } from "../registrars/profiles.ts";

/** A name server of the child zone. Canonical. */
export interface NameServer {
    name: string;
    addresses: string[];
}

/** Inputs of a delegation, canonical. */
export interface DelegationInputs {
    domain: string;
    via: "powerdns" | "dynadot-zone" | RegistrarVia | "external";
    parent?: string | undefined;
    nameServers: NameServer[];
    ds: string[];
    ttl: number;
    owner: string;
    wait: boolean;
    retain: boolean;
    /** What a person enters at the registrar, because its API cannot. */
    byHand?: ByHand[] | undefined;
}

/** What a delegation adds to its inputs. */
export interface DelegationOutputs {
    domain: string;
    previousNameServers: string[];
    /** Hosts that this resource made known at the registrar; taken away again on destroy. */
    registeredHosts: string[];
    claim: string;
}

/** What the state has. */
export type DelegationState = Omit<DelegationInputs, "domain"> & DelegationOutputs;

/** A delegation as it is live. */
export interface LiveDelegation {
    readonly nameServers: NameServer[];
    readonly ds: string[];
    readonly ttl?: number;
    /** Mark of its owner; undefined where there is none or no place for one. */
    readonly owner?: string | undefined;
    readonly claim?: string | undefined;
}

/** Who holds the parent side of a delegation, and how it is written there. */
export interface ParentSide {
    /** Throws what {@link apply} would refuse; warns of what cannot be had. Changes nothing. */
    foresee(
        wanted: DelegationInputs,
        before: DelegationState | undefined,
        context: CallContext,
    ): Promise<void>;
    /**
     * Throws where the name is somebody else's, or cannot be had. Passes where it is ours, also without a mark when it leads
     * to the wanted name servers: the delegation decides about that. Only where the parent side is a zone.
     */
    assertFree?(wanted: DelegationInputs, context: CallContext): Promise<void>;
    /** Brings the parent side to what is wanted; may be repeated after a crash. `claim` marks what is ours. */
    apply(
        wanted: DelegationInputs,
        before: DelegationState | undefined,
        claim: string,
        context: CallContext,
    ): Promise<DelegationOutputs>;
    /** What the parent side says; undefined when there is no delegation. */
    read(
        at: Pick<DelegationInputs, "domain" | "parent">,
        before: DelegationState | undefined,
        context: CallContext,
    ): Promise<LiveDelegation | undefined>;
    /** Takes away what is ours, and nothing else. */
    withdraw(state: DelegationState, context: CallContext): Promise<void>;
}
