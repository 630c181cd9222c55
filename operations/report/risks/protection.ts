import type { Plan, PlannedResource } from "../plan.ts";
import { words } from "../words.ts";
import type { Risk } from "./risk.ts";

/** One note for everything that may be deleted from now on. */
export function protectionLifted({ resources }: Plan): Risk[] {
    const lifted = resources.filter(isLifted);
    if (lifted.length === 0) return [];
    return [
        {
            kind: "protection lifted",
            text: words`${lifted.length} protected resources may be deleted afterwards: ${some(lifted.map(({ name }) => name))}`,
        },
    ];
}

/** Names that are listed. */
const NAMED = 2;

function some(names: readonly string[]): string {
    const more = names.length - NAMED;
    return [...names.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function isLifted({ operation, before, after }: PlannedResource): boolean {
    if (operation === "delete" || !before || !after) return false;
    const protectedBy = (property: string) =>
        before.inputs?.[property] === true && after.inputs?.[property] !== true;
    return (before.protect === true && after.protect !== true) || protectedBy("deleteProtection");
}
