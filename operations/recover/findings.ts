import type { HetznerThing } from "./hetznerInventory.ts";
import type { ReleaseRecord } from "./releaseRecords.ts";

/** What a crash left behind, and what `recover` does about it. */
export type Finding =
    /** It exists, and the state does not know it: it is taken into the state. */
    | { readonly kind: "import"; readonly urn: string; readonly id: string; readonly why: string }
    /** Nothing of it has to be undone: the next run does it, whether or not it was done before. */
    | { readonly kind: "repeat"; readonly urn: string; readonly why: string }
    /** Helm's record of an install or upgrade that nobody carries on with, and which would refuse the next: it is removed. */
    | { readonly kind: "stuck-release"; readonly record: ReleaseRecord; readonly why: string }
    /** A thing at Hetzner that nothing in the state stands for: it is deleted. */
    | { readonly kind: "delete"; readonly thing: HetznerThing; readonly why: string }
    /** The same, while deleting was not asked for: it stays. */
    | { readonly kind: "orphan"; readonly thing: HetznerThing; readonly why: string }
    /** Nobody but a person can decide. */
    | { readonly kind: "undecided"; readonly urn: string; readonly why: string };

/** A finding as a line for people. */
export function findingText(finding: Finding): string {
    switch (finding.kind) {
        case "import":
            return `import  ${shortUrn(finding.urn)} as ${finding.id}: ${finding.why}`;
        case "repeat":
            return `repeat  ${shortUrn(finding.urn)}: ${finding.why}`;
        case "stuck-release":
            return `unstick ${finding.record.namespace}/${finding.record.release} revision ${finding.record.revision} (${finding.record.status}): ${finding.why}`;
        case "delete":
            return `delete  ${thingText(finding.thing)}: ${finding.why}`;
        case "orphan":
            return `keep    ${thingText(finding.thing)}: ${finding.why}`;
        default:
            return `?       ${shortUrn(finding.urn)}: ${finding.why}`;
    }
}

function thingText({ collection, name, id }: HetznerThing): string {
    return `Hetzner ${collection} ${name} (${id})`;
}

/** The last type and the name of a URN. */
function shortUrn(urn: string): string {
    const [types = "", ...name] = urn.split("::").slice(2);
    return `${types.split("$").at(-1) ?? ""} ${name.join("::")}`;
}
