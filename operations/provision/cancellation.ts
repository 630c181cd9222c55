/**
 * Reason of an abort that the engine has learnt of already: a terminal sends Ctrl-C to every process in its foreground. The engine
 * takes a second signal as an order to stop at once, and would leave open what it has begun.
 */
export class EngineInterrupted extends Error {
    constructor() {
        super("interrupted at the terminal");
        this.name = "EngineInterrupted";
    }
}

/** The signal for the engine's processes: aborted with `signal`, unless the engine was interrupted already. */
export function engineSignal(signal: AbortSignal): AbortSignal {
    const engine = new AbortController();
    const forward = () => {
        if (!(signal.reason instanceof EngineInterrupted)) engine.abort(signal.reason);
    };
    if (signal.aborted) forward();
    else signal.addEventListener("abort", forward, { once: true });
    return engine.signal;
}
