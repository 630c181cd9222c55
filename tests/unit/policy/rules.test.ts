/**
 * Proves, for every rule of the policy pack, what it stops and with which words, that it passes what is as it should be, and that
 * it has no say where nothing of its kind is; in a first preview, where addresses are not known. It does not prove that the engine
 * hands the rules what these tests do (`tests/e2e/policy.test.ts`).
 */
import assert from "node:assert/strict";
import type { Rule } from "../../../policy/engine/rule.ts";
import { UNKNOWN } from "../../../policy/engine/values.ts";
import { RULES } from "../../../policy/rules/all.ts";
import { IRRELEVANT, PASSING, VIOLATING } from "../../support/policy/cases.ts";
import { namespace, networkPolicy } from "../../support/policy/resources.ts";
import { declared, judge, resourcesOf } from "../../support/policy/judge.ts";

function ruleOf(name: string): Rule {
    const found = RULES.find((rule) => rule.name === name);
    assert.ok(found, `no rule is called ${name}`);
    return found;
}

describe("policy rules", () => {
    for (const { policy, what, resources, outputs = {}, messages } of VIOLATING)
        it(`${policy} stops ${what}`, async () => {
            const found = await judge(ruleOf(policy), resourcesOf({ resources, outputs }));
            const byName: Record<string, string[]> = {};
            for (const { name, message } of found ?? []) (byName[name] ??= []).push(message);
            assert.deepEqual(byName, messages);
        });

    for (const rule of RULES.filter(({ name }) => name !== "allowed-replacement")) {
        it(`${rule.name} passes what is as it should be`, async () => {
            assert.deepEqual(await judge(rule, resourcesOf(PASSING)), []);
        });

        it(`${rule.name} has no say where nothing of its kind is`, async () => {
            assert.equal(
                await judge(rule, resourcesOf({ resources: IRRELEVANT, outputs: {} })),
                undefined,
            );
        });
    }

    it("are tested, each of them, for what they stop", () => {
        assert.deepEqual(
            [...new Set(VIOLATING.map(({ policy }) => policy))].sort(),
            RULES.map(({ name }) => name)
                .filter((name) => name !== "allowed-replacement")
                .sort(),
        );
    });

    it("stop no case of another rule", async () => {
        for (const rule of RULES)
            for (const { policy, what, resources, outputs = {} } of VIOLATING) {
                if (policy === rule.name) continue;
                const found = await judge(rule, resourcesOf({ resources, outputs }));
                assert.deepEqual(found ?? [], [], `${rule.name}: ${what}`);
            }
    });

    it("guarded-namespaces judges what was asked for, where a first preview leaves every output open", async () => {
        const rule = ruleOf("guarded-namespaces");
        const [open, good] = ["open", "mail"].map((name) => ({
            ...declared(
                name,
                namespace(name, { "pod-security.kubernetes.io/enforce": "baseline" }),
            ),
            props: { metadata: UNKNOWN } as const,
        }));
        assert.ok(open && good);
        const denied = declared("deny", networkPolicy("mail"));
        const found = await judge(rule, [open, good, { ...denied, props: { spec: UNKNOWN } }]);
        assert.deepEqual(
            found?.map(({ name }) => name),
            ["open"],
        );
    });
});
