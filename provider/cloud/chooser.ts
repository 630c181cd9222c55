/** What Hetzner's `/server_types` says, as far as a choice needs it. */
export interface ServerTypeOffer {
    readonly name: string;
    readonly architecture: "x86" | "arm";
    /** Locations in which it can be ordered now. */
    readonly availableIn: readonly string[];
    /** Locations in which it exists at all. */
    readonly offeredIn: readonly string[];
}

/** What Hetzner's `/locations` says. */
export interface LocationOffer {
    readonly name: string;
    readonly networkZone: string;
}

/** What the cloud offers at this moment. */
export interface Catalogue {
    readonly serverTypes: readonly ServerTypeOffer[];
    readonly locations: readonly LocationOffer[];
}

/** Ordered candidates; the first that fits wins. */
export interface Candidates {
    readonly locations: readonly string[];
    readonly controlPlaneTypes: readonly string[];
    /** Empty where there are no workers. */
    readonly workerTypes: readonly string[];
}

export interface Choice {
    readonly location: string;
    readonly networkZone: string;
    readonly controlPlaneType: string;
    /** Empty where there are no workers. */
    readonly workerType: string;
    readonly architecture: "x86" | "arm";
}

/** Whether a choice made earlier is still one of the candidates; stock does not matter then. */
export function stillAllowed(choice: Choice, candidates: Candidates): boolean {
    return (
        candidates.locations.includes(choice.location) &&
        candidates.controlPlaneTypes.includes(choice.controlPlaneType) &&
        (candidates.workerTypes.length === 0
            ? choice.workerType === ""
            : candidates.workerTypes.includes(choice.workerType))
    );
}

/**
 * The first location, in order, where a candidate type of every role can be ordered; within it the first such types.
 * Locations come before types: a Sovereign lives in one place, and its addresses and load balancer are bound to it.
 *
 * @throws Error that lists, per location, what each candidate lacks.
 */
export function choose(candidates: Candidates, catalogue: Catalogue): Choice {
    const unknown = [
        ...candidates.locations.filter((l) => !catalogue.locations.some((o) => o.name === l)),
        ...[...candidates.controlPlaneTypes, ...candidates.workerTypes].filter(
            (t) => !catalogue.serverTypes.some((o) => o.name === t),
        ),
    ];
    for (const name of candidates.locations) {
        const location = catalogue.locations.find((o) => o.name === name);
        if (location === undefined) continue;
        const orderable = (types: readonly string[]) =>
            types
                .map((t) => catalogue.serverTypes.find((o) => o.name === t))
                .find((o) => o?.availableIn.includes(name));
        const controlPlane = orderable(candidates.controlPlaneTypes);
        const worker = orderable(candidates.workerTypes);
        if (controlPlane === undefined) continue;
        if (candidates.workerTypes.length > 0 && worker === undefined) continue;
        return {
            location: name,
            networkZone: location.networkZone,
            controlPlaneType: controlPlane.name,
            workerType: worker?.name ?? "",
            architecture: controlPlane.architecture,
        };
    }
    const report = candidates.locations
        .map((l) => {
            const state = (types: readonly string[]) =>
                types.map((t) => `${t} ${availability(t, l, catalogue)}`).join(", ");
            const workers =
                candidates.workerTypes.length > 0
                    ? `; workers: ${state(candidates.workerTypes)}`
                    : "";
            return `  ${l}: control planes: ${state(candidates.controlPlaneTypes)}${workers}`;
        })
        .join("\n");
    const unknownLine =
        unknown.length > 0 ? `\nNot known to Hetzner: ${[...new Set(unknown)].join(", ")}.` : "";
    throw new Error(
        `no location can take this Sovereign now:\n${report}${unknownLine}\n` +
            "Add candidates (sovereign:locations, sovereign:controlPlaneTypes, sovereign:workerTypes) or try again later; " +
            "current stock: `hcloud server-type list -o columns=name,location`.",
    );
}

function availability(type: string, location: string, catalogue: Catalogue): string {
    const offer = catalogue.serverTypes.find((o) => o.name === type);
    if (offer === undefined) return "unknown";
    if (offer.availableIn.includes(location)) return "orderable";
    return offer.offeredIn.includes(location) ? "out of stock" : "not offered here";
}
