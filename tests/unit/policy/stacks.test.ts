/**
 * Proves that every recorded stack, the defaults and the lab's `dev` among them, passes every policy with its default configuration.
 * It does not prove it of what only a cloud knows: providers are mocked.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Sovereign } from "../../../components/sovereign.ts";
import { loadConfig } from "../../../config.ts";
import { resourceOf, STACK } from "../../../policy/engine/resource.ts";
import type { Resource } from "../../../policy/engine/resource.ts";
import { RULES } from "../../../policy/rules/all.ts";
import { FIXTURES } from "../../golden/fixtures.ts";
import { plan } from "../../support/plan.ts";
import type { Child } from "../../support/plan.ts";
import { judge } from "../../support/policy/judge.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";
import { stackConfig } from "../../support/stackFixtures.ts";
import type { StackValues } from "../../support/stackFixtures.ts";

function resourceOfChild({ type, name, parentType, inputs, options }: Child): Resource {
    return resourceOf({
        urn: `urn:pulumi:dev::sovereign::${parentType}$${type}::${name}`,
        type,
        name,
        properties: inputs,
        protect: options.protect,
    });
}

/** Resources of a stack, with its outputs as the engine gets them. */
async function planned(values: StackValues): Promise<Resource[]> {
    const { result, children } = await plan(
        async () => {
            const { outputs } = new Sovereign("sovereign", loadConfig());
            return (await pulumi.runtime.serializeProperties("outputs", { ...outputs })) as object;
        },
        { ...stackConfig(values), outputs: sovereignOutputs() },
    );
    return [
        resourceOf({
            urn: `urn:pulumi:dev::sovereign::${STACK}::sovereign-dev`,
            type: STACK,
            name: "stack",
            properties: result,
            protect: false,
        }),
        ...children.map(resourceOfChild),
    ];
}

describe("policies on recorded stacks", () => {
    for (const { name, values } of FIXTURES)
        it(`${name} passes every one`, async () => {
            const resources = await planned(values);
            const verdicts: Record<string, unknown> = {};
            for (const rule of RULES) verdicts[rule.name] = await judge(rule, resources);
            const expected = RULES.map((rule) => [
                rule.name,
                // Nothing is in the state yet.
                rule.name === "allowed-replacement" ? undefined : [],
            ]);
            assert.deepEqual(verdicts, Object.fromEntries(expected));
        });
});
