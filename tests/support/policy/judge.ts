import { resourceOf, STACK } from "../../../policy/engine/resource.ts";
import type { Resource } from "../../../policy/engine/resource.ts";
import { NotApplicable } from "../../../policy/engine/rule.ts";
import type { Rule } from "../../../policy/engine/rule.ts";
import type { StackRun } from "../../../policy/engine/stackRun.ts";
import type { Cell, DeclaredResource, PolicyPlan } from "../../e2e/policyProject/plan.ts";

/** The run that rules are judged in where a test says nothing else. */
export const PREVIEW: StackRun = {
    preview: true,
    config: {},
    savedResources: () => Promise.resolve([]),
};

const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A cell of a plan as the engine sends it in a first preview. */
function sent(cell: Cell): unknown {
    if (Array.isArray(cell)) return (cell as readonly Cell[]).map(sent);
    if (typeof cell !== "object" || cell === null) return cell;
    const entries = cell as Readonly<Record<string, Cell>>;
    if (entries.$later !== undefined) return UNKNOWN_TEXT;
    if (entries.$secret !== undefined)
        return {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            value: entries.$secret,
        };
    return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, sent(value)]));
}

/** A resource of a plan as rules see it. */
export function declared(name: string, resource: DeclaredResource): Resource {
    const { type, props, protect = false, within } = resource;
    const path = within === undefined ? type : `${within}$${type}`;
    return resourceOf({
        urn: `urn:pulumi:dev::policies::${path}::${name}`,
        type,
        name,
        properties: sent(props) as object,
        protect,
    });
}

/** Everything of a plan, the stack included. */
export function resourcesOf({ resources, outputs }: PolicyPlan): Resource[] {
    return [
        declared("stack", { type: STACK, props: outputs }),
        ...Object.entries(resources).map(([name, resource]) => declared(name, resource)),
    ];
}

/** What a rule says of each resource by itself, and of all of them; undefined where it has nothing to judge. */
export async function judge(
    rule: Rule,
    resources: readonly Resource[],
    run: StackRun = PREVIEW,
    config: unknown = {},
): Promise<readonly { readonly name: string; readonly message: string }[] | undefined> {
    const each = resources.map((resource) => {
        const verdict = rule.judgeResource(resource, config);
        return verdict instanceof NotApplicable
            ? undefined
            : verdict.map((message) => ({ name: resource.name, message }));
    });
    const whole = await rule.judgeStack(resources, config, run);
    const applies = each.some((found) => found !== undefined) || !(whole instanceof NotApplicable);
    if (!applies) return undefined;
    const ofStack =
        whole instanceof NotApplicable
            ? []
            : whole.map(({ urn, message }) => ({
                  name: urn?.split("::").at(-1) ?? "stack",
                  message,
              }));
    return [...each.flatMap((found) => found ?? []), ...ofStack];
}
