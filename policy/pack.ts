/** What has to hold for every Sovereign: `pulumi preview --policy-pack policy`. The rules are in `rules/`, what they see in `engine/`. */
import { PolicyPack } from "@pulumi/policy";
import { ObservedStack } from "./engine/observedStack.ts";
import { policyOf } from "./engine/policies.ts";
import { RULES } from "./rules/all.ts";

const observed = ObservedStack.observe();

new PolicyPack("sovereign", { policies: RULES.map((rule) => policyOf(rule, observed)) });
