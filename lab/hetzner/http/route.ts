import { z } from "zod";
import { type RejectedField, invalidInput } from "../errors.ts";
import type { ActionRecord, ProjectState } from "../state/model.ts";
import { checkLabels } from "../labels.ts";

/** An authorised request. */
export interface ApiCall {
    readonly project: ProjectState;
    /** Values of the route's parameters. */
    readonly params: Readonly<Record<string, string>>;
    readonly query: URLSearchParams;
    /** The parsed body; an empty object where there was none. */
    readonly body: unknown;
}

export interface ApiReply {
    readonly status: number;
    readonly body?: unknown;
}

export interface Route {
    readonly method: "GET" | "POST" | "PUT" | "DELETE";
    /** Without the base path, for example `/servers/:id`. */
    readonly path: string;
    readonly handle: (call: ApiCall) => ApiReply | Promise<ApiReply>;
}

export function ok(body: unknown): ApiReply {
    return { status: 200, body };
}

export function created(body: unknown): ApiReply {
    return { status: 201, body };
}

export const NO_CONTENT: ApiReply = { status: 204 };

/** What `POST …/actions/…` answers. */
export function started(action: ActionRecord): ApiReply {
    return created({ action: { ...action } });
}

/**
 * Reads a body; unknown fields are ignored, as the API does. Throws `invalid_input` that names every rejected field by
 * its path (`rules.0.port`).
 */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
    const result = schema.safeParse(body);
    if (result.success) return result.data;
    const fields = new Map<string, string[]>();
    for (const issue of result.error.issues) {
        const name = issue.path.join(".");
        fields.set(name, [...(fields.get(name) ?? []), issue.message]);
    }
    const rejected: RejectedField[] = [...fields].map(([name, messages]) => ({ name, messages }));
    throw invalidInput(...rejected);
}

/** Field types that several bodies share. */
export const field = {
    id: z.number().int().positive(),
    idOrName: z.union([z.number().int().positive(), z.string().min(1)]),
    name: z.string().min(1).max(128),
    labels: z
        .record(z.string(), z.string())
        .nullish()
        .transform((labels) => {
            checkLabels(labels ?? {});
            return labels ?? undefined;
        }),
};

/** Body of most PUT requests. */
export const updateBody = z.object({ name: field.name.optional(), labels: field.labels });

/** Body of most `change_protection` actions. */
export const protectionBody = z.object({ delete: z.boolean().optional() });

/** Body of `change_dns_ptr`. */
export const dnsPtrBody = z.object({ ip: z.string().min(1), dns_ptr: z.string().nullable() });
