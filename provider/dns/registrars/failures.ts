/** A registrar refused; asking again would not help. */
export class RegistrarRefused extends Error {
    /** HTTP status, or the code in the body where that says more. */
    readonly code: number | string;

    constructor(registrar: string, action: string, code: number | string, reason: string) {
        super(`${registrar} refused to ${action}: ${reason} (code ${code})`);
        this.name = "RegistrarRefused";
        this.code = code;
    }
}

/** Whether a request may have been carried out though no usable answer to it arrived. */
export type Outcome = "not done" | "unknown";

/** A registrar gave no usable answer, or lets nobody in for a while; asking again may help. */
export class RegistrarUnavailable extends Error {
    readonly outcome: Outcome;
    /** Milliseconds that it asks to be left alone. */
    readonly pause: number;

    constructor(
        registrar: string,
        action: string,
        reason: string,
        {
            outcome,
            pause = 0,
            cause,
        }: { readonly outcome: Outcome; readonly pause?: number; readonly cause?: unknown },
    ) {
        super(
            `${registrar} gave no answer when asked to ${action}: ${reason}`,
            cause === undefined ? undefined : { cause },
        );
        this.name = "RegistrarUnavailable";
        this.outcome = outcome;
        this.pause = pause;
    }
}

/** What there was, what there should be, and what there is instead. */
export interface Mismatch {
    /** Undefined where nothing was written yet. */
    readonly before: string | undefined;
    readonly wanted: string;
    readonly found: string;
}

/** A write was answered with success, and reading it back shows something else; or something else is there already before it. */
export class ReadBackMismatch extends Error {
    constructor(registrar: string, action: string, { before, wanted, found }: Mismatch) {
        super(
            (before === undefined
                ? `somebody else changes what is at ${registrar} at this moment: when it was time to ${action}, there was ${found}. Nothing was written. `
                : `${registrar} accepted the request to ${action}, but reading it back shows ${found} instead of ${wanted}; before, it was ${before}. `) +
                `Look at the domain in ${registrar}'s control panel, put right what is wrong there, then run the command again.`,
        );
        this.name = "ReadBackMismatch";
    }
}
