import { invalidField } from "../errors.ts";
import { compileSelector } from "../labels.ts";
import { type ApiReply, ok } from "./route.ts";

const PER_PAGE = 25;

/** How a list of a kind may be narrowed. `view` is the API's shape of an element; filters look at that. */
export interface ListOptions {
    /** Property of the reply that holds the list. */
    readonly key: string;
    /** Query parameters that are compared with properties of the same name. */
    readonly filters?: readonly string[];
    /** @default 50 */
    readonly maxPerPage?: number;
}

type Element = Readonly<Record<string, unknown>>;

function integer(query: URLSearchParams, name: string, fallback: number): number {
    const text = query.get(name);
    if (text === null) return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1)
        throw invalidField(name, "must be a positive number");
    return value;
}

function text(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

function compare(a: unknown, b: unknown): number {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return text(a).localeCompare(text(b));
}

function sorted(list: readonly Element[], query: URLSearchParams): readonly Element[] {
    const keys = query.getAll("sort").map((term) => {
        const [name = "", direction = "asc"] = term.split(":");
        if (direction !== "asc" && direction !== "desc")
            throw invalidField("sort", `unknown direction '${direction}'`);
        return { name, sign: direction === "asc" ? 1 : -1 };
    });
    return [...list].sort(
        (a, b) =>
            keys
                .map(({ name, sign }) => sign * compare(a[name], b[name]))
                .find((order) => order !== 0) ?? 0,
    );
}

function filtered(list: readonly Element[], query: URLSearchParams, names: readonly string[]) {
    const selector = query.get("label_selector");
    const matches = selector ? compileSelector(selector) : () => true;
    return list.filter(
        (element) =>
            matches((element.labels ?? {}) as Record<string, string>) &&
            names.every((name) => {
                const wanted = query.getAll(name);
                return wanted.length === 0 || wanted.includes(text(element[name]));
            }),
    );
}

/**
 * The reply of a list request: filtered, sorted, one page of it, with `meta.pagination`
 * (https://docs.hetzner.cloud/reference/cloud#pagination).
 */
export function listReply(
    all: readonly Element[],
    query: URLSearchParams,
    options: ListOptions,
): ApiReply {
    const max = options.maxPerPage ?? 50;
    const page = integer(query, "page", 1);
    const perPage = Math.min(integer(query, "per_page", PER_PAGE), max);
    const list = sorted(filtered(all, query, ["name", ...(options.filters ?? [])]), query);
    const last = Math.max(1, Math.ceil(list.length / perPage));
    return ok({
        [options.key]: list.slice((page - 1) * perPage, page * perPage),
        meta: {
            pagination: {
                page,
                per_page: perPage,
                previous_page: page > 1 ? page - 1 : null,
                next_page: page < last ? page + 1 : null,
                last_page: last,
                total_entries: list.length,
            },
        },
    });
}
