/** Something about this machine stands in the way. Shown without a stack, with what to do next. */
export class SetupError extends Error {
    /** What to do, with the exact command where there is one. */
    readonly remedy: string;

    constructor(message: string, remedy: string, options?: ErrorOptions) {
        super(message, options);
        this.name = "SetupError";
        this.remedy = remedy;
    }
}
