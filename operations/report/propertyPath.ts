/** Where a property is inside a resource: keys of objects, numbers of lists. */
export type PropertyPath = readonly (string | number)[];

/** Reads a path as the engine writes it: `spec.rules[0]["a.b"]`. Source: `resource.ParsePropertyPath`. */
export function parsePath(text: string): PropertyPath {
    const parts: (string | number)[] = [];
    for (const [, quoted, index, plain] of text.matchAll(
        /\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g,
    ))
        if (quoted !== undefined) parts.push(quoted.replaceAll(/\\(.)/g, "$1"));
        else if (index !== undefined) parts.push(Number(index));
        else if (plain !== undefined) parts.push(plain);
    return parts;
}

/** Writes a path as people and the engine do. */
export function formatPath(path: PropertyPath): string {
    return path
        .map((part, at) => {
            if (typeof part === "number") return `[${part}]`;
            if (!/^[\w$-]+$/.test(part)) return `[${JSON.stringify(part)}]`;
            return at === 0 ? part : `.${part}`;
        })
        .join("");
}

/** What stands at a path; undefined where it leads nowhere. */
export function valueAt(root: unknown, path: PropertyPath): unknown {
    let value = root;
    for (const part of path) {
        if (typeof value !== "object" || value === null || !Object.hasOwn(value, part))
            return undefined;
        value = (value as Record<string | number, unknown>)[part];
    }
    return value;
}
