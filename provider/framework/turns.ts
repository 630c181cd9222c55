import PQueue from "p-queue";

/**
 * Lets one thing be done after the other. What has begun is never left by the queue when its signal aborts: it ends by itself, and tells what
 * it has done (p-queue's own `signal` would give its caller the abort at once).
 */
export class Turns {
    readonly #queue = new PQueue({ concurrency: 1 });

    /**
     * Runs `act` when it is its turn.
     *
     * @throws the signal's reason where it is aborted before the turn comes
     */
    take<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
        return this.#queue.add(() => {
            signal?.throwIfAborted();
            return act();
        });
    }
}
