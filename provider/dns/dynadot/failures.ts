/** What a person does about a refusal, by what Dynadot says. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
    [
        /invalid (?:api )?key/i,
        "Check dynadotApiKey; a key that was just made is valid after about ten minutes.",
    ],
    [/X-Signature/, "Check that dynadotApiSecret is the secret of that very key."],
    [
        /current IP address/i,
        "Allow this machine's public address in the API settings of Dynadot's control panel; it takes ten minutes at least.",
    ],
    [/could not find domain/i, "Check that the domain is in the account of dynadotApiKey."],
    [/upper limit/i, "Remove records that nobody needs in Dynadot's control panel."],
    [/email settings/i, "Turn off mail forwarding of the domain in Dynadot's control panel."],
];

/** Dynadot refused; asking again would not help. */
export class DynadotRefused extends Error {
    /** HTTP status, or the code in the body where that says more. */
    readonly status: number;

    constructor(action: string, status: number, reason: string) {
        const advice = ADVICE.find(([text]) => text.test(reason))?.[1];
        super(
            `Dynadot refused to ${action}: ${reason} (code ${status})${advice === undefined ? "" : `. ${advice}`}`,
        );
        this.name = "DynadotRefused";
        this.status = status;
    }

    get absent(): boolean {
        return this.status === 404 || /could not find name server/i.test(this.message);
    }
}

/**
 * Dynadot gave no usable answer, or is busy; asking again may help. A write may have been carried out all the same, unless
 * `untouched` says that it cannot have been.
 */
export class DynadotUnavailable extends Error {
    readonly untouched: boolean;
    /** Milliseconds to wait before the next attempt. */
    readonly pause: number;
    /** Whether the pause is the account's, and not only this request's. */
    readonly forEverybody: boolean;

    constructor(
        action: string,
        reason: string,
        details: { untouched: boolean; pause: number; forEverybody?: boolean; cause?: unknown },
    ) {
        const { untouched, pause, forEverybody = false, cause } = details;
        super(
            `Dynadot gave no answer when asked to ${action}: ${reason}`,
            cause === undefined ? undefined : { cause },
        );
        this.name = "DynadotUnavailable";
        this.untouched = untouched;
        this.pause = pause;
        this.forEverybody = forEverybody;
    }
}

/** Milliseconds: what "try again after 60 seconds" asks for, and the pause after everything else. */
const RATE_PAUSE = 60_000;
const PAUSE = 1500;

/** Turns what the API says is wrong into one of the two. */
export function failureOf(
    action: string,
    status: number,
    reason: string,
): DynadotRefused | DynadotUnavailable {
    if (/upper limit/i.test(reason)) return new DynadotRefused(action, status, reason);
    if (/rate limit exceeded/i.test(reason))
        return new DynadotUnavailable(action, reason, {
            untouched: true,
            pause: RATE_PAUSE,
            forEverybody: true,
        });
    if (status === 429 || /threads busy|currently processing another request/i.test(reason))
        return new DynadotUnavailable(action, reason, { untouched: true, pause: PAUSE });
    if (status >= 500 || /system.busy|main server/i.test(reason))
        return new DynadotUnavailable(action, reason, { untouched: false, pause: PAUSE });
    return new DynadotRefused(action, status, reason);
}

/** The answer was no answer of the API: nothing arrived, or half of it, or a proxy's page. */
export function noAnswer(action: string, reason: string, cause?: unknown): DynadotUnavailable {
    return new DynadotUnavailable(action, reason, { untouched: false, pause: PAUSE, cause });
}

/** Dynadot said that it did something, and reading it back shows that it did not. */
export class WithoutEffect extends Error {
    constructor(action: string) {
        super(
            `Dynadot accepted the request to ${action}, but reading it back does not show it. Look at the domain in Dynadot's control panel, then run the command again.`,
        );
        this.name = "WithoutEffect";
    }
}
