import type { LoadBalancerRecord } from "../state/model.ts";

/** Turns of round robin and open connections, by service and member. */
export class Balance {
    readonly #turns = new Map<string, number>();
    readonly #open = new Map<string, number>();

    /**
     * Members in the order in which they are to be tried for the next connection of the service: the next one in turn first, or the one
     * with the fewest open connections.
     */
    order(
        service: string,
        algorithm: LoadBalancerRecord["algorithm"],
        members: readonly string[],
    ): string[] {
        if (members.length === 0) return [];
        const turn = this.#turns.get(service) ?? 0;
        this.#turns.set(service, turn + 1);
        const first = turn % members.length;
        const rotated = [...members.slice(first), ...members.slice(0, first)];
        return algorithm === "round_robin"
            ? rotated
            : rotated.sort((a, b) => this.openTo(service, a) - this.openTo(service, b));
    }

    openTo(service: string, member: string): number {
        return this.#open.get(`${service}/${member}`) ?? 0;
    }

    /** Counts a connection; the returned function ends it. */
    connected(service: string, member: string): () => void {
        const key = `${service}/${member}`;
        this.#open.set(key, (this.#open.get(key) ?? 0) + 1);
        return () => {
            const left = (this.#open.get(key) ?? 1) - 1;
            if (left > 0) this.#open.set(key, left);
            else this.#open.delete(key);
        };
    }
}
