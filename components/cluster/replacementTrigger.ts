/** What a node's server is made for: the engine replaces the server when it changes, and the policy pack tells by it that this was asked for. */
export function replacementTrigger(epoch: number, generation: number): string {
    return `epoch ${epoch}, generation ${generation}`;
}
