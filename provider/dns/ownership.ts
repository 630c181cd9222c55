import type { PowerDnsComment, PowerDnsRecordSet } from "./powerdns/types.ts";

/** Who keeps a record set or zone, as its mark says. */
export interface OwnerMark {
    /** For example `pulumi:sovereign/dev`. */
    readonly owner: string;
    /**
     * Which resource of the owner claimed it last. A resource whose claim was taken over by another one of the same
     * program (renamed without an alias) leaves the record set alone when it is deleted.
     */
    readonly claim: string;
}

/** `account` of our comments, by which we tell them from everybody else's. */
const COMMENT_ACCOUNT = "sovereign";

/** The mark as text. Read back by {@link parseMark}. */
export function formatMark({ owner, claim }: OwnerMark): string {
    return `owner=${owner} claim=${claim}`;
}

/** A mark out of its text, or undefined when it is none. */
export function parseMark(text: string): OwnerMark | undefined {
    const match = /^owner=(\S+) claim=(\S+)$/.exec(text);
    return match?.[1] === undefined || match[2] === undefined
        ? undefined
        : { owner: match[1], claim: match[2] };
}

/** The mark that a record set carries. */
export function markOf(recordSet: Pick<PowerDnsRecordSet, "comments">): OwnerMark | undefined {
    return recordSet.comments
        ?.filter(({ account }) => account === COMMENT_ACCOUNT)
        .map(({ content }) => parseMark(content))
        .find((mark) => mark !== undefined);
}

/** Comments that a record set should have: everybody else's as they are, and our mark. */
export function markedComments(
    existing: readonly PowerDnsComment[] | undefined,
    mark: OwnerMark,
): PowerDnsComment[] {
    return [
        ...(existing ?? []).filter(({ account }) => account !== COMMENT_ACCOUNT),
        { content: formatMark(mark), account: COMMENT_ACCOUNT },
    ];
}
