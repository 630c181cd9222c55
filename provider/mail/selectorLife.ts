/** States that the program may put a selector in. */
export const SELECTOR_STATES = ["pending", "active", "retiring", "revoked"] as const;

export type SelectorState = (typeof SELECTOR_STATES)[number];

/** A selector as the program wants it. */
export interface WantedSelector {
    readonly selector: string;
    readonly algorithm: "rsa2048" | "ed25519";
    readonly state: SelectorState;
    /** Value of its TXT record; undefined while a preview cannot know it. */
    readonly value?: string | undefined;
}

/** A selector's life so far, as the state keeps it. Times are ISO 8601 in UTC, to the second. */
export interface SelectorLife {
    readonly selector: string;
    readonly algorithm: "rsa2048" | "ed25519";
    /** `removed` once it has left the program: its name is kept, so that nobody takes it up again with another key. */
    readonly state: SelectorState | "removed";
    /** Value of the record while it held a key. Empty for one that was never seen with a key. */
    readonly value: string;
    /** Since when it has its state. */
    readonly since: string;
    /** When every authoritative name server was first seen answering with its key. */
    readonly publishedAt?: string | undefined;
    /** When the server was told to sign with it no more. Absent for one that signs, or never did. */
    readonly lastSignatureAt?: string | undefined;
}

/** How long the steps of a rotation have to be apart, in seconds. */
export interface RotationTimes {
    /** TTL of the selectors' records: how long a receiver may hold the answer from before a key was there. */
    readonly ttl: number;
    /** How long after it was signed a message may still be verified: all queues on its way, and a margin. */
    readonly signatureLifetime: number;
}

type Step = `${SelectorState}>${SelectorState}`;

const REVOKED_FOR_GOOD =
    "a revoked key stays revoked; leave it so, and add a selector of another name";

/** Steps that are never legal, with the reason and the way out. */
const ILLEGAL: Partial<Record<Step, string>> = {
    "pending>retiring":
        "it never signed, so there is nothing to retire; set it revoked, or leave it pending",
    "active>pending": "it has signed already; set it retiring, and another one active",
    "active>revoked":
        "mail that it signed could no longer be verified; set it retiring first, and another one active",
    "retiring>pending": "it has signed already; leave it retiring, or set it active again",
    "revoked>pending": REVOKED_FOR_GOOD,
    "revoked>active": REVOKED_FOR_GOOD,
    "revoked>retiring": REVOKED_FOR_GOOD,
};

/** ISO 8601 to the second. */
export function timestamp(time: Date): string {
    return time.toISOString().replace(/\.\d{3}Z$/, "Z");
}

function later(from: string, seconds: number): Date {
    return new Date(Date.parse(from) + seconds * 1000);
}

/** From when on a pending selector may sign; undefined while its key was not seen everywhere. */
export function activeFrom(life: SelectorLife, times: RotationTimes): Date | undefined {
    return life.publishedAt === undefined ? undefined : later(life.publishedAt, times.ttl);
}

/** From when on a retiring selector may be revoked. */
export function revocableFrom(life: SelectorLife, times: RotationTimes): Date {
    return later(life.lastSignatureAt ?? life.since, times.signatureLifetime);
}

/**
 * Everything that is wrong with going from `lives` to `wanted` at this time, each with the next step and when it may be taken.
 * Empty where the step may be taken. Without `lives` there is nothing to go from: a Sovereign begins as it is configured.
 */
export function refusals(
    lives: readonly SelectorLife[],
    wanted: readonly WantedSelector[],
    now: Date,
    times: RotationTimes,
): string[] {
    if (lives.length === 0) return [];
    return [
        ...wanted.flatMap((selector, index) => stepRefusals(lives, selector, index, now, times)),
        ...lives.flatMap((life) => removalRefusals(life, wanted)),
    ];
}

function stepRefusals(
    lives: readonly SelectorLife[],
    wanted: WantedSelector,
    index: number,
    now: Date,
    times: RotationTimes,
): string[] {
    const life = lives.find(({ selector }) => selector === wanted.selector);
    if (life === undefined) return newcomerRefusals(wanted, index);
    if (life.state === "removed") return [takenUpAgain(life, index)];
    return [
        ...keyRefusals(life, wanted, index),
        ...transitionRefusals(life, life.state, wanted, index, now, times),
    ];
}

function newcomerRefusals({ selector, state }: WantedSelector, index: number): string[] {
    if (state === "pending") return [];
    return [
        `selector ${selector} is new and cannot be ${state} at once: its key has to be published first. ` +
            `Next: ${set(index, "state", "pending")}, then \`pulumi up\``,
    ];
}

function takenUpAgain({ selector, since }: SelectorLife, index: number): string {
    return (
        `selector ${selector} was in use until ${since} and cannot be taken up again: receivers may still hold its old record. ` +
        `Next: choose a name that was never used: ${set(index, "selector", "<another name>")}`
    );
}

function keyRefusals(life: SelectorLife, wanted: WantedSelector, index: number): string[] {
    if (life.algorithm !== wanted.algorithm)
        return [
            `selector ${life.selector} has a key of ${life.algorithm} and cannot get one of ${wanted.algorithm}. ` +
                `Next: ${set(index, "algorithm", life.algorithm)}, and add a selector of another name for ${wanted.algorithm}`,
        ];
    if (wanted.state === "revoked" || life.state === "revoked" || life.value === wanted.value)
        return [];
    return [
        `the key of selector ${life.selector} is about to be replaced under the same name: mail signed with the one before could no ` +
            "longer be verified. Next: take back the change that replaces its tls.PrivateKey, and rotate with a selector of another name",
    ];
}

function transitionRefusals(
    life: SelectorLife,
    from: SelectorState,
    wanted: WantedSelector,
    index: number,
    now: Date,
    times: RotationTimes,
): string[] {
    if (from === wanted.state) return [];
    const illegal = ILLEGAL[`${from}>${wanted.state}`];
    const intro = `selector ${life.selector} cannot go from ${from} to ${wanted.state}`;
    if (illegal !== undefined) return [`${intro}: ${illegal}. Now: ${set(index, "state", from)}`];
    if (from === "pending" && wanted.state === "active") {
        const earliest = activeFrom(life, times);
        if (earliest === undefined)
            return [
                `${intro} yet: no moment is known at which every authoritative name server answered with its key. ` +
                    `Now: ${set(index, "state", from)}, then \`pulumi refresh\`, which looks again; ` +
                    `active is possible ${times.ttl} s (the TTL of its record) after that`,
            ];
        return tooEarly(
            earliest,
            `every authoritative name server answers with its key since ${life.publishedAt ?? ""}, and receivers may hold the answer ` +
                `from before for the record's TTL of ${times.ttl} s`,
        );
    }
    if (from === "retiring" && wanted.state === "revoked")
        return tooEarly(
            revocableFrom(life, times),
            `it signed until ${life.lastSignatureAt ?? life.since}, and a message may be verified for ` +
                `${times.signatureLifetime} s after it was signed (dkimSignatureLifetime)`,
        );
    return [];

    function tooEarly(earliest: Date, reason: string): string[] {
        if (now >= earliest) return [];
        return [
            `${intro} yet: ${reason}. Possible from ${timestamp(earliest)} on; it is ${timestamp(now)}. ` +
                `Until then: ${set(index, "state", from)}`,
        ];
    }
}

function removalRefusals(life: SelectorLife, wanted: readonly WantedSelector[]): string[] {
    const { selector, state } = life;
    if (wanted.some((other) => other.selector === selector)) return [];
    if (state === "removed" || state === "revoked") return [];
    const first =
        state === "pending"
            ? "with state revoked"
            : `as ${state}${state === "active" ? ", then retiring" : ""}, then revoked`;
    return [
        `selector ${selector} is ${state} and cannot leave the list before it is revoked: receivers could no longer tell ` +
            `that its key is withdrawn. Next: put {selector: ${selector}, algorithm: ${life.algorithm}} back ${first}`,
    ];
}

function set(index: number, key: string, value: string): string {
    return `\`pulumi config set --path 'dkim[${index}].${key}' ${value}\``;
}

/**
 * The lives after the step, at the time it was taken. A selector whose key was seen at every name server is in `published`.
 * The names of those that left the program are kept.
 */
export function advance(
    lives: readonly SelectorLife[],
    wanted: readonly WantedSelector[],
    now: Date,
    published: ReadonlySet<string>,
): SelectorLife[] {
    const at = timestamp(now);
    const known = wanted.map((selector) =>
        step(
            lives.find((life) => life.selector === selector.selector),
            selector,
            at,
            published.has(selector.selector),
        ),
    );
    const gone = lives
        .filter((life) => !wanted.some(({ selector }) => selector === life.selector))
        .map((life): SelectorLife =>
            life.state === "removed" ? life : { ...life, state: "removed", since: at },
        );
    return [...known, ...gone];
}

function step(
    life: SelectorLife | undefined,
    { selector, algorithm, state, value }: WantedSelector,
    at: string,
    published: boolean,
): SelectorLife {
    const publishedAt = life?.publishedAt ?? (published && state !== "revoked" ? at : undefined);
    const lastSignatureAt =
        state === "active"
            ? undefined
            : state === "retiring" && life?.state !== "retiring"
              ? at
              : life?.lastSignatureAt;
    return {
        selector,
        algorithm,
        state,
        value: state === "revoked" ? (life?.value ?? "") : (value ?? ""),
        since: life?.state === state ? life.since : at,
        ...(publishedAt !== undefined && { publishedAt }),
        ...(lastSignatureAt !== undefined && { lastSignatureAt }),
    };
}

/** What is wrong with a list of selectors whatever was before, by position: one active per algorithm, RSA among them. */
export function listFailures(
    wanted: readonly WantedSelector[],
): { readonly index?: number; readonly reason: string }[] {
    const failures: { index?: number; reason: string }[] = [];
    wanted.forEach(({ selector }, index) => {
        if (wanted.findIndex((other) => other.selector === selector) < index)
            failures.push({ index, reason: `selector ${selector} is in the list twice` });
    });
    for (const algorithm of ["rsa2048", "ed25519"] as const) {
        const active = wanted.filter((s) => s.state === "active" && s.algorithm === algorithm);
        if (active.length > 1)
            failures.push({
                reason: `${active.length} selectors of ${algorithm} are active (${active.map((s) => s.selector).join(", ")}); expected one, the others pending or retiring`,
            });
        if (active.length === 0 && algorithm === "rsa2048")
            failures.push({
                reason: "no selector of rsa2048 is active; expected one, since large receivers verify no other signature",
            });
    }
    return failures;
}
