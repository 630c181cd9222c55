/** What a URN says about a resource: `urn:pulumi:<stack>::<project>::<types of its parents, $-separated>$<type>::<name>`. */
export interface ParsedUrn {
    readonly stack: string;
    readonly type: string;
    readonly name: string;
    /** Part of the program it belongs to: `cloud`, `cluster`, `dns`, `mail`, `platform`, …; the package of its type elsewhere. */
    readonly layer: string;
}

/** The component that holds everything, which is no layer. */
const WHOLE = "index";

/** Takes a URN apart. What is not one is shown whole, as a name. */
export function parseUrn(urn: string): ParsedUrn {
    const [, stack, types, name] = /^urn:pulumi:([^:]*)::[^:]*::(.*?)::(.*)$/s.exec(urn) ?? [];
    if (stack === undefined || types === undefined || name === undefined)
        return { stack: "", type: "", name: urn, layer: "other" };
    const chain = types.split("$");
    const type = chain.at(-1) ?? "";
    return { stack, type, name, layer: layerOf(chain, type) };
}

function layerOf(chain: readonly string[], type: string): string {
    const owner = chain
        .map((link) => /^sovereign:([a-z]+):/.exec(link)?.[1])
        .find((module) => module !== undefined && module !== WHOLE);
    if (owner !== undefined) return owner;
    if (type.startsWith("pulumi:providers:")) return "providers";
    return type.split(":")[0] ?? "other";
}
