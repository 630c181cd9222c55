/** One thing that keeps a stack's outputs from being read. */
export interface OutputProblem {
    /** Where: `smtp.password`, `dns.records[3].ttl`; `schemaVersion` where all of them are of another contract. */
    readonly path: string;
    readonly kind: "missing" | "masked" | "undecryptable" | "malformed" | "version";
    /** What is wrong and what to do, in words; never a value. */
    readonly message: string;
}

/** Why a stack's outputs cannot be read: every problem at once. */
export class OutputsError extends Error {
    /** The stack. */
    readonly source: string;
    readonly problems: readonly OutputProblem[];

    constructor(source: string, problems: readonly OutputProblem[]) {
        super(
            [
                `the outputs of ${source} are not those of a Sovereign that this reader can use:`,
                ...problems.map(({ path, message }) => `  ${path}: ${message}`),
            ].join("\n"),
        );
        this.name = "OutputsError";
        this.source = source;
        this.problems = problems;
    }
}
