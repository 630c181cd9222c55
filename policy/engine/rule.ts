import type { Severity } from "@pulumi/policy";
import { z } from "zod";
import type { Resource } from "./resource.ts";
import type { StackRun } from "./stackRun.ts";

/** What is wrong with the stack: a sentence that says what to change, and the resource where it is one. */
export interface Finding {
    readonly message: string;
    readonly urn?: string;
}

/** Why a rule has nothing to judge. */
export class NotApplicable {
    readonly reason: string;

    constructor(reason: string) {
        this.reason = reason;
    }
}

/** What a rule says of a stack. */
export type StackVerdict = readonly Finding[] | NotApplicable;

interface RuleTexts {
    /** Name of the policy. */
    readonly name: string;
    /** What has to hold, in one sentence. */
    readonly description: string;
    readonly severity: Severity;
}

interface RuleSpec<S extends z.ZodObject> extends RuleTexts {
    /** What the policy's configuration may set; every field has a default. */
    readonly config: S;
    /** Judges resources of some types one by one, before anything is done to them: what is wrong, in sentences. */
    readonly resources?: {
        readonly types: readonly string[];
        readonly judge: (resource: Resource, config: z.output<S>) => readonly string[];
    };
    /** Judges all resources together, at the end of a preview or an update. */
    readonly stack?: (
        resources: readonly Resource[],
        config: z.output<S>,
        run: StackRun,
    ) => StackVerdict | Promise<StackVerdict>;
}

/** A policy without the SDK around it: pure but for what {@link StackRun} reads. */
export interface Rule extends RuleTexts {
    readonly config: z.ZodObject;
    /** Types of the resources that it judges one by one; undefined where it judges the stack alone. */
    readonly types: readonly string[] | undefined;
    readonly judgesStack: boolean;
    judgeResource(resource: Resource, config: unknown): readonly string[] | NotApplicable;
    judgeStack(
        resources: readonly Resource[],
        config: unknown,
        run: StackRun,
    ): Promise<StackVerdict>;
}

/** Makes a rule of what it judges. */
export function rule<S extends z.ZodObject>(spec: RuleSpec<S>): Rule {
    const { name, description, severity, config: schema, resources, stack } = spec;
    return {
        name,
        description,
        severity,
        config: schema,
        types: resources?.types,
        judgesStack: stack !== undefined,
        judgeResource(resource, config) {
            if (resources?.types.includes(resource.type) !== true)
                return new NotApplicable(`judges ${resources?.types.join(", ") ?? "stacks"}`);
            return resources.judge(resource, schema.parse(config));
        },
        async judgeStack(all, config, run) {
            return stack === undefined
                ? new NotApplicable("judges resources one by one")
                : await stack(all, schema.parse(config), run);
        },
    };
}
