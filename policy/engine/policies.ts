import type {
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationPolicy,
    StackValidationPolicy,
} from "@pulumi/policy";
import { z } from "zod";
import type { ObservedStack } from "./observedStack.ts";
import { NotApplicable } from "./rule.ts";
import type { Rule } from "./rule.ts";

/** A policy that judges single resources, the stack, or both. */
export type AnyPolicy = ResourceValidationPolicy | StackValidationPolicy;

/** The configuration of a rule as the engine checks it; all of it has defaults. */
export function configSchemaOf(config: z.ZodObject): PolicyConfigSchema {
    const { properties } = z.toJSONSchema(config, { io: "input" }) as PolicyConfigSchema;
    return { properties };
}

/** A rule as a policy of the SDK. */
export function policyOf(rule: Rule, observed: ObservedStack): AnyPolicy {
    const { name, description, severity, config } = rule;
    const about = {
        name,
        description,
        severity,
        enforcementLevel: "mandatory" as const,
        configSchema: configSchemaOf(config),
    };
    return {
        ...about,
        ...(rule.types !== undefined && { validateResource: validateResource(rule, observed) }),
        ...(rule.judgesStack && { validateStack: validateStack(rule, observed) }),
    };
}

type ValidateResource = Extract<
    ResourceValidationPolicy["validateResource"],
    (...args: never[]) => unknown
>;

function validateResource(rule: Rule, observed: ObservedStack): ValidateResource {
    return (args, report) => {
        const verdict = rule.judgeResource(observed.analyzed(args.urn), args.getConfig());
        if (verdict instanceof NotApplicable) return args.notApplicable(verdict.reason);
        for (const message of verdict) report(message);
    };
}

function validateStack(
    rule: Rule,
    observed: ObservedStack,
): StackValidationPolicy["validateStack"] {
    return async (args, report: ReportViolation) => {
        const verdict = await rule.judgeStack(observed.resources, args.getConfig(), observed);
        if (verdict instanceof NotApplicable) return args.notApplicable(verdict.reason);
        for (const { message, urn } of verdict) report(message, urn);
    };
}
