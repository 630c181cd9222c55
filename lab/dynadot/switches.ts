/** Behaviours of the real service that are undocumented, contradict each other, or come and go. */
export interface DynadotSwitches {
    /** API3's success code: always a number, always a string, or as each command's documentation shows it. */
    readonly successCode: "number" | "string" | "documented";
    /** Whether `yes` asks for appending as well as `1`. Where it does not, such a write replaces everything. */
    readonly appendByYes: boolean;
    /** Reading numbered parameters ends at the first gap, or goes on behind it. */
    readonly indexGaps: "stop" | "skip";
    /** Appending a record that is there already. */
    readonly duplicates: "drop" | "keep";
    /** Appending sub records to a domain that has no main record is refused. */
    readonly appendNeedsMain: boolean;
    /** Name of the list of sub records in writes of the RESTful API; another one is ignored without a word. */
    readonly subList: "dns_sub_list" | "sub_list" | "both";
    /** Whether only the spelling `X-Request-ID` is seen. */
    readonly exactRequestIdHeader: boolean;
    /** A second DS record joins the first (one with its key tag is replaced), or takes its place. */
    readonly dnssecWrite: "append" | "replace";
    readonly dnssecSupported: boolean;
    /** Unused name server slots are listed with an empty name. */
    readonly emptyNameServerSlots: boolean;
    /** Type of `code` in the RESTful API. */
    readonly restCode: "number" | "string";
    /** Seconds by which reads lag behind writes. */
    readonly staleReadSeconds: number;
    /** Of two full replacements within so many seconds the first one is applied last. */
    readonly reorderSeconds: number;
    /** Seconds after the start in which the key is not yet valid. */
    readonly keyActivationSeconds: number;
    /** Only the key of the sandbox is valid, which is the account's with `sandbox_` before it; production refuses that one. */
    readonly sandbox: boolean;
    /** Whether the TTL of an appending write becomes the domain's. */
    readonly appendedTtl: "set" | "ignore";
    /** Whether host names in values keep their trailing dot. */
    readonly trailingDots: "keep" | "strip";
    /** Whether a domain still has its records when it comes back from other name servers. */
    readonly keepsHostedRecords: boolean;
    /** The domains have mail forwarding, with which no records can be written. */
    readonly emailSettings: boolean;
    /** The registry takes name servers only once each answers for the domain, as some do. */
    readonly registryAsksServers: boolean;
    /** Client addresses that are let in; null lets everybody in. */
    readonly allowedAddresses: readonly string[] | null;
}

/** What the lab's registrar does unless told otherwise: the stricter way wherever two are known. */
export const DEFAULT_SWITCHES: DynadotSwitches = {
    successCode: "documented",
    appendByYes: false,
    indexGaps: "stop",
    duplicates: "drop",
    appendNeedsMain: true,
    subList: "both",
    exactRequestIdHeader: true,
    dnssecWrite: "append",
    dnssecSupported: true,
    emptyNameServerSlots: true,
    restCode: "number",
    staleReadSeconds: 0,
    reorderSeconds: 0,
    keyActivationSeconds: 0,
    sandbox: false,
    appendedTtl: "set",
    trailingDots: "keep",
    keepsHostedRecords: false,
    emailSettings: false,
    registryAsksServers: false,
    allowedAddresses: null,
};
