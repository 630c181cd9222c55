import type { z } from "zod";
import { slug } from "../../components/names.ts";
import { show } from "../../config/problem.ts";
import { OperationFailure } from "./failure.ts";
import { provisionRequestSchema } from "./request.ts";
import type { RequestProblem } from "./request.ts";
import { configOfRequest } from "./requestConfig.ts";
import type { RequestConfig } from "./requestConfig.ts";

/** A request that was checked as a whole. */
export interface CheckedRequest {
    readonly stack: string;
    readonly fqdn: string;
    readonly config: RequestConfig;
}

/** Every problem of a request at once. */
export class RequestInvalid extends OperationFailure {
    readonly problems: readonly RequestProblem[];

    constructor(problems: readonly RequestProblem[]) {
        const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
        super(
            "invalid",
            [
                `${count} in the request`,
                ...problems.map(
                    ({ field, found, expected }) =>
                        `  ${field}: found ${found}; expected ${expected}`,
                ),
            ].join("\n"),
            "correct the fields named (docs/operations.md, docs/configuration.md), and repeat; nothing was touched",
        );
        this.name = "RequestInvalid";
        this.problems = problems;
    }
}

/** Fields whose values stay unseen. */
const CONFIDENTIAL = /token|secret|key|password/i;

function shapeProblems(input: unknown, { issues }: z.ZodError): RequestProblem[] {
    return issues.flatMap((issue): RequestProblem[] => {
        const field = issue.path.map(String).join(".");
        if (issue.code === "unrecognized_keys")
            return issue.keys.map((key) => ({
                field: field === "" ? key : `${field}.${key}`,
                found: "a field that this program does not know",
                expected: "one of docs/operations.md; keys of docs/configuration.md go into config",
            }));
        const value = issue.path.reduce<unknown>(
            (v, part) =>
                typeof v === "object" && v !== null
                    ? (v as Record<PropertyKey, unknown>)[part]
                    : undefined,
            input,
        );
        const found =
            value !== undefined && CONFIDENTIAL.test(field) ? "something else" : show(value);
        return [{ field: field === "" ? "request" : field, found, expected: issue.message }];
    });
}

/** Leaves out empty texts, as forms send them. */
function given(input: unknown): unknown {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
    return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== ""));
}

/**
 * Checks a request as a whole: its own fields, and the configuration that it comes to. Pure.
 *
 * @throws RequestInvalid with every problem
 */
export function checkRequest(input: unknown): CheckedRequest {
    const parsed = provisionRequestSchema.safeParse(given(input));
    if (!parsed.success) {
        // What can be read of the rest is checked as well, so that one answer tells everything.
        const shape = shapeProblems(input, parsed.error);
        const readable = provisionRequestSchema.safeParse(without(given(input), shape));
        const rest = readable.success ? configOfRequest(readable.data).problems : [];
        const named = new Set(shape.map(({ field }) => field));
        throw new RequestInvalid([...shape, ...rest.filter(({ field }) => !named.has(field))]);
    }
    const { config, fqdn, problems } = configOfRequest(parsed.data);
    if (problems.length > 0) throw new RequestInvalid(problems);
    return { stack: parsed.data.stack ?? slug(fqdn), fqdn, config };
}

function without(input: unknown, problems: readonly RequestProblem[]): unknown {
    if (typeof input !== "object" || input === null) return input;
    const bad = new Set(problems.map(({ field }) => field.split(".")[0]));
    const kept = Object.entries(input).filter(([name]) => !bad.has(name));
    return { sovereignDomainMode: "byo-manual", ...Object.fromEntries(kept) };
}
