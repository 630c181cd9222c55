/** How often an update is tried, the first time included. */
export const ATTEMPTS = 3;

/** Seconds before the second attempt; twice as many before the third. */
export const FIRST_WAIT = 5;

/**
 * Failures after which nothing was done: the service refused the request for now and says so. Everything else, above
 * all an answer that never came, may have left something behind, and is not repeated unseen.
 * Sources: https://docs.hetzner.cloud/reference/cloud#errors (`conflict`, `locked`, `rate_limit_exceeded`,
 * `resource_unavailable` is stock and does not pass); HTTP 429 (RFC 6585 4).
 */
const REFUSED_FOR_NOW = [
    /\((conflict|locked|rate_limit_exceeded)[,)]/,
    /\b429\b.*\btoo many requests\b/i,
    /\btoo many requests\b.*\b429\b/i,
] as const;

/** Lines that sum up what other lines say. */
const SUMMARY = /^(update failed|resource .* failed|\s*$)/i;

/** What a failed run left behind. */
export interface FailedRun {
    /** Messages of severity error. */
    readonly failures: readonly string[];
    /** Operations whose end the state does not know. */
    readonly pending: number;
}

/** Why a failed run may be repeated as it is; undefined where that is not safe. Pure. */
export function reasonToRepeat({ failures, pending }: FailedRun): string | undefined {
    if (pending > 0) return undefined;
    const told = failures.filter((message) => !SUMMARY.test(message));
    const refused = (message: string) => REFUSED_FOR_NOW.some((pattern) => pattern.test(message));
    if (told.length === 0 || !told.every(refused)) return undefined;
    return told[0]?.split("\n")[0];
}

/** Seconds to wait before an attempt; the first is number 1. */
export function waitBefore(attempt: number): number {
    return attempt <= 1 ? 0 : FIRST_WAIT * 2 ** (attempt - 2);
}
