import type { FaultScript } from "../../../../lab/dynadot/faults.ts";
import type { FaultRow } from "./faultTable.ts";
import type { VirtualTime } from "./virtualTime.ts";

/** What {@link RequestFaults} acts on. */
export interface FaultedParts {
    readonly faults: FaultScript;
    readonly time: VirtualTime;
    /** How many requests there were since the last reset. */
    readonly requests: () => number;
}

/** Lets a row of the table hit a request, at the emulator or at its client. */
export class RequestFaults {
    readonly #parts: FaultedParts;
    #afterRequest: () => void = () => undefined;

    constructor(parts: FaultedParts) {
        this.#parts = parts;
    }

    /** To be called with each request once it was carried out, before its reply is sent. */
    carriedOut(): void {
        this.#afterRequest();
    }

    /** Lets the row hit the request with this index from now on; the signal ends the process where the row says so. */
    script({ action, times = 1, slow, crash }: FaultRow, index: number): AbortSignal {
        const { faults, time, requests } = this.#parts;
        if (action !== undefined) faults.add({ skip: index, times, action });
        const process = new AbortController();
        const last = requests() + index + 1;
        this.#afterRequest = () => {
            if (requests() !== last) return;
            if (slow === true) time.timeOut();
            if (crash === true) process.abort(new DOMException("the process ended", "AbortError"));
        };
        return process.signal;
    }

    clear(): void {
        this.#afterRequest = () => undefined;
        this.#parts.faults.clear();
    }
}
