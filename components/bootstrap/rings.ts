/** What each name waits for. */
export type Dependencies = Readonly<Record<string, { readonly dependsOn: readonly string[] }>>;

/**
 * Rings of names that wait for each other, each once and from the first of its names on: what is left when all without open dependencies
 * have been taken out again and again (Kahn).
 */
export function ringsOf(graph: Dependencies): string[] {
    const open = new Map(
        Object.entries(graph).map(([name, { dependsOn }]) => [
            name,
            dependsOn.filter((d) => d in graph),
        ]),
    );
    for (let taken = true; taken;) {
        taken = false;
        for (const [name, dependsOn] of open)
            if (!dependsOn.some((d) => open.has(d))) taken = open.delete(name);
    }
    const rings = new Set<string>();
    for (const name of open.keys()) rings.add(ringFrom(name, open));
    return [...rings];
}

/** Follows open dependencies until a name comes again; begins with the first of the ring by name, so that each ring is one. */
function ringFrom(start: string, open: ReadonlyMap<string, readonly string[]>): string {
    const path: string[] = [];
    let name = start;
    while (!path.includes(name)) {
        path.push(name);
        name = open.get(name)?.find((d) => open.has(d)) ?? start;
    }
    const ring = path.slice(path.indexOf(name));
    const first = ring.indexOf([...ring].sort()[0] ?? "");
    const turned = [...ring.slice(first), ...ring.slice(0, first)];
    return [...turned, turned[0]].join(" → ");
}
