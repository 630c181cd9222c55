import type { Examination } from "./examination.ts";

/** Where one has to stand to see it: anywhere on the Internet, on the nodes, or in the mail server's pod. */
export type Vantage = "outside" | "node" | "pod";

/** What a check found: nothing wrong, or what. */
export interface Finding {
    /** What was seen, for people. */
    readonly evidence: string;
    /** What is wrong, one line each; empty when the check passes. */
    readonly problems: readonly string[];
}

/** One question that the doctor asks of a Sovereign's mail. */
export interface Check {
    /** 1 to 25; stable, as is `id`. */
    readonly number: number;
    readonly id: string;
    /** What holds when it passes. */
    readonly title: string;
    /** `required` checks decide whether the Sovereign's mail is ready; the others warn. */
    readonly severity: "required" | "advised";
    readonly vantage: Vantage;
    /** What to do when it fails. */
    readonly remedy: string;
    /** What to do when it could not be seen. @default what its vantage demands */
    readonly visibility?: string;
    /** Throws {@link NotSeen} where nothing can be said from here, {@link NotApplicable} where there is nothing to check. */
    readonly run: (examination: Examination) => Promise<Finding>;
}

/** A check could not be made from where the doctor stands. */
export class NotSeen extends Error {
    constructor(message: string, cause?: unknown) {
        super(message, { cause });
        this.name = "NotSeen";
    }
}

/** The Sovereign's configuration leaves out what the check is about. */
export class NotApplicable extends Error {
    constructor(message: string) {
        super(message);
        this.name = "NotApplicable";
    }
}
