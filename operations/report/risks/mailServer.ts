import { isDeepStrictEqual } from "node:util";
import type { PlannedResource } from "../plan.ts";
import { valueAt } from "../propertyPath.ts";
import { words } from "../words.ts";
import { textOf } from "./risk.ts";
import type { RiskRule } from "./risk.ts";

/** Properties of the mail server's release that are in its pod: another value of them, and it starts anew. */
const IN_THE_POD: readonly (readonly string[])[] = [
    ["chart"],
    ["version"],
    ["values", "checksums"],
    ["values", "image"],
    ["values", "nodeSelector"],
    ["values", "resources"],
];

/** Updates after which the mail server starts anew. */
export const mailRestart: RiskRule = (resource) => {
    const { type, layer, operation } = resource;
    if (type !== "kubernetes:helm.sh/v3:Release" || layer !== "mail" || operation !== "update")
        return [];
    if (!IN_THE_POD.some((path) => differs(resource, path))) return [];
    return [
        {
            kind: "mail restart",
            text: words`${textOf(resource, "before", "name")} starts anew: submissions are refused until it is ready, incoming mail waits at its senders`,
        },
    ];
};

function differs({ before, after }: PlannedResource, path: readonly string[]): boolean {
    return !isDeepStrictEqual(valueAt(before?.inputs, path), valueAt(after?.inputs, path));
}
