import { ApiRefused, ApiUnreachable } from "./kubernetesApi.ts";
import type { Attempt } from "./poll.ts";

/** How long answers of another cluster are put up with: while control planes are rolled, a load balancer may still lead to one. */
const REFUSED_LIMIT_MS = 120_000;

/**
 * Makes an attempt that waits while the API cannot be reached, and for two minutes while what answers refuses us; after
 * that a refusal (an expired certificate, say) will not go away by waiting and is thrown.
 */
export function toleratingRefusals<T>(
    attempt: () => Promise<Attempt<T>>,
    now: () => number = Date.now,
): () => Promise<Attempt<T>> {
    let refusedSince: number | undefined;
    return async () => {
        try {
            const result = await attempt();
            refusedSince = undefined;
            return result;
        } catch (error) {
            if (error instanceof ApiUnreachable) return { missing: error.message };
            if (!(error instanceof ApiRefused)) throw error;
            refusedSince ??= now();
            if (now() - refusedSince >= REFUSED_LIMIT_MS) throw error;
            return { missing: error.message };
        }
    };
}
