import { z } from "zod";
import { ROLE_LABEL } from "../../components/names.ts";
import { formatAmount, parseAmount } from "../../operations/cost/money.ts";
import { readPrices } from "../../operations/cost/prices.ts";
import type { Prices } from "../../operations/cost/prices.ts";
import { resourceCost } from "../../operations/cost/resourceCost.ts";
import type { ResourceCost } from "../../operations/cost/resourceCost.ts";
import { ofType } from "../engine/resource.ts";
import type { Resource } from "../engine/resource.ts";
import { NotApplicable, rule } from "../engine/rule.ts";
import { properties, texts, UNKNOWN } from "../engine/values.ts";
import type { Properties, Value } from "../engine/values.ts";
import { TYPES } from "./types.ts";

/** Where a placement's choice will be read from: the placement, once it is made; before, its candidates. */
interface Candidates {
    readonly locations: readonly string[];
    readonly controlPlaneTypes: readonly string[];
    readonly workerTypes: readonly string[];
}

function candidatesOf(resources: readonly Resource[]): Candidates {
    const [placement] = ofType(resources, TYPES.placement);
    return {
        locations: texts(placement?.props.locations),
        controlPlaneTypes: texts(placement?.props.controlPlaneTypes),
        workerTypes: texts(placement?.props.workerTypes),
    };
}

function known(props: Properties): Record<string, unknown> {
    return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== UNKNOWN));
}

/** Every way in which what is not chosen yet may be chosen. */
function choices({ props }: Resource, candidates: Candidates): Record<string, unknown>[] {
    const role = properties(props.labels)[ROLE_LABEL];
    const options = (name: string, among: readonly string[]): readonly Value[] =>
        props[name] === UNKNOWN && among.length > 0 ? among : [props[name] ?? null];
    const types = role === "worker" ? candidates.workerTypes : candidates.controlPlaneTypes;
    return options("location", candidates.locations).flatMap((location) =>
        options("serverType", types).map((serverType) => ({
            ...known(props),
            ...(location !== null && { location }),
            ...(serverType !== null && { serverType }),
        })),
    );
}

function total(costs: readonly ResourceCost[]): number {
    return costs.reduce((sum, { amount = 0 }) => sum + amount, 0);
}

/** The dearest of them. */
function dearest(resource: Resource, candidates: Candidates, prices: Prices): ResourceCost[] {
    return choices(resource, candidates)
        .map((inputs) => resourceCost(resource.type, inputs, prices))
        .reduce((a, b) => (total(b) > total(a) ? b : a));
}

interface Cost extends ResourceCost {
    readonly resource: Resource;
}

/** The engine lists resources in no order. */
function dearestFirst(a: Cost, b: Cost): number {
    return (b.amount ?? 0) - (a.amount ?? 0) || a.resource.name.localeCompare(b.resource.name);
}

/** What a Sovereign costs at Hetzner in a month, net, by the price list of `operations/cost`; before it is made, at most. */
export const costCeiling = rule({
    name: "cost-ceiling",
    description: "The stack costs at Hetzner at most what is allowed in a month, net.",
    severity: "medium",
    config: z.object({
        monthly: z
            .number()
            .default(500)
            .describe(
                "Euros a month, net. The default is enough for three control planes and two workers of the dearest default type.",
            ),
        unknownPrices: z
            .enum(["allowed", "forbidden"])
            .default("allowed")
            .describe("Whether something may be in the stack that the price list does not know."),
    }),
    stack(resources, { monthly, unknownPrices }) {
        const prices = readPrices();
        const candidates = candidatesOf(resources);
        const costs = resources
            .flatMap((resource) =>
                dearest(resource, candidates, prices).map((cost) => ({ ...cost, resource })),
            )
            .sort(dearestFirst);
        const [largest] = costs;
        if (!largest) return new NotApplicable("nothing in the stack costs anything");
        const sum = total(costs);
        const unpriced =
            unknownPrices === "forbidden" ? costs.filter(({ amount }) => amount === undefined) : [];
        return [
            ...(sum <= parseAmount(monthly.toFixed(4))
                ? []
                : [
                      {
                          message: `the stack costs up to ${formatAmount(sum)} a month, net, and may cost ${formatAmount(parseAmount(monthly.toFixed(4)))} (prices of ${prices.date}): take smaller or fewer servers (the dearest is ${largest.resource.name}, ${largest.what}), or raise monthly in the configuration of this policy`,
                      },
                  ]),
            ...unpriced.map(({ resource, what }) => ({
                urn: resource.urn,
                message: `nobody knows the price of the ${what}: add it to operations/cost/prices.json (npm run prices:refresh), or allow unknownPrices`,
            })),
        ];
    },
});
