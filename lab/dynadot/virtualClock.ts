/** The emulator's time: the machine's, plus what tests let pass. */
export class VirtualClock {
    #offset = 0;

    /** Milliseconds since 1970. */
    now(): number {
        return Date.now() + this.#offset;
    }

    /** Lets time pass at once. */
    advance(seconds: number): void {
        this.#offset += seconds * 1000;
    }
}
