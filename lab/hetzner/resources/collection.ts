import type { Cloud } from "../cloud.ts";
import { listReply } from "../http/query.ts";
import { type ApiReply, NO_CONTENT, type Route, ok, readBody, updateBody } from "../http/route.ts";
import { checkUnique, drop, find } from "../state/lookup.ts";
import type { Kind, ProjectState, Resource } from "../state/model.ts";
import { resourceActionRoutes } from "./actions.ts";

type RecordOf<K extends Kind> = ProjectState[K][number];

/** What is particular to the list, get, update and delete of a kind. */
export interface Collection<K extends Kind> {
    /** Also the path segment and the key of the list. */
    readonly kind: K;
    /** Key of a single one, for example `ssh_key`. */
    readonly single: string;
    /** Type in an action's resources, where the kind has actions. */
    readonly actionType?: string;
    /** The API's shape. */
    readonly view: (
        project: ProjectState,
        record: RecordOf<K>,
    ) => Readonly<Record<string, unknown>>;
    /** Query parameters beside `name`, `label_selector` and `sort`. */
    readonly filters?: readonly string[];
    /** Further elements of the list, which the project doesn't own. */
    readonly catalogue?: () => readonly Readonly<Record<string, unknown>>[];
    /** Changes beyond name and labels; runs before those. */
    readonly update?: (project: ProjectState, record: RecordOf<K>, body: unknown) => void;
    /** Refuses or prepares a deletion; what it returns is answered instead of 204, and then it deletes by itself. */
    readonly remove?: (project: ProjectState, record: RecordOf<K>) => ApiReply | undefined;
}

/** Sets the name and the labels that a PUT body has. */
export function applyUpdate(
    project: ProjectState,
    kind: Kind,
    record: Resource,
    body: unknown,
): void {
    const { name, labels } = readBody(updateBody, body);
    if (name !== undefined) {
        checkUnique(project, kind, name, record.id);
        record.name = name;
    }
    if (labels !== undefined) record.labels = labels;
}

/** Routes that every kind has: list, get, update, delete, and its actions. */
export function collectionRoutes<K extends Kind>(cloud: Cloud, c: Collection<K>): Route[] {
    const path = `/${c.kind}/:id`;
    const lookup = (project: ProjectState, params: Readonly<Record<string, string>>) =>
        find(project, c.kind, params.id ?? "");
    return [
        {
            method: "GET",
            path: `/${c.kind}`,
            handle: ({ project, query }) => {
                const own = (project[c.kind] as RecordOf<K>[]).map((record) =>
                    c.view(project, record),
                );
                return listReply([...(c.catalogue?.() ?? []), ...own], query, {
                    key: c.kind,
                    filters: c.filters ?? [],
                });
            },
        },
        {
            method: "GET",
            path,
            handle: ({ project, params }) => {
                const entry = c.catalogue?.().find((item) => String(item.id) === params.id);
                return ok({ [c.single]: entry ?? c.view(project, lookup(project, params)) });
            },
        },
        {
            method: "PUT",
            path,
            handle: ({ project, params, body }) => {
                const record = lookup(project, params);
                c.update?.(project, record, body);
                applyUpdate(project, c.kind, record, body);
                cloud.store.changed();
                return ok({ [c.single]: c.view(project, record) });
            },
        },
        {
            method: "DELETE",
            path,
            handle: ({ project, params }) => {
                const record = lookup(project, params);
                const reply = c.remove?.(project, record);
                if (reply !== undefined) return reply;
                drop(project, c.kind, record.id);
                cloud.store.changed();
                return NO_CONTENT;
            },
        },
        ...(c.actionType === undefined ? [] : resourceActionRoutes(c.kind, c.actionType)),
    ];
}
