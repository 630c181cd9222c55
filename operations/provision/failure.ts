/** Exit codes of the command line, by what went wrong. */
export const EXIT_CODES = {
    /** The engine, a provider or a service failed; what exists already is recorded. */
    failed: 1,
    /** The request or the command line is not valid; nothing was touched. */
    invalid: 2,
    /** Somebody else works on this stack. */
    locked: 3,
    /** An interrupted run left something that has to be looked at first: `sovereign recover`. */
    unrecovered: 4,
    /** The outputs are not there, or cannot be read. */
    outputs: 5,
    /** Ended by a signal. */
    cancelled: 130,
} as const;

export type FailureKind = keyof typeof EXIT_CODES;

/** An operation that did not do what was asked, for the person who reads it. */
export class OperationFailure extends Error {
    readonly kind: FailureKind;
    /** What to do, with the exact command where there is one. */
    readonly remedy: string;

    constructor(kind: FailureKind, message: string, remedy: string, options?: ErrorOptions) {
        super(message, options);
        this.name = "OperationFailure";
        this.kind = kind;
        this.remedy = remedy;
    }
}
