import { ApiError, invalidField } from "../errors.ts";
import { actionView, findAction } from "../actions.ts";
import { listReply } from "../http/query.ts";
import { type Route, ok } from "../http/route.ts";
import type { Kind } from "../state/model.ts";
import { find } from "../state/lookup.ts";

const MAX_IDS = 25;

/** Actions by id. There is no listing of all of a project's actions any more. */
export function actionRoutes(): Route[] {
    return [
        {
            method: "GET",
            path: "/actions",
            handle: ({ project, query }) => {
                const ids = query.getAll("id");
                if (ids.length === 0)
                    throw new ApiError(
                        "deprecated_api_endpoint",
                        "listing all actions was removed, ask for actions by their id",
                        { announcement: "https://docs.hetzner.cloud/changelog" },
                    );
                if (ids.length > MAX_IDS) throw invalidField("id", `at most ${MAX_IDS} ids`);
                const found = project.actions.filter((action) => ids.includes(String(action.id)));
                return listReply(found.map(actionView), query, {
                    key: "actions",
                    filters: ["status"],
                });
            },
        },
        {
            method: "GET",
            path: "/actions/:id",
            handle: ({ project, params }) =>
                ok({ action: actionView(findAction(project, params.id ?? "")) }),
        },
    ];
}

/** Actions of a resource: `/<kind>/:id/actions`, `/<kind>/:id/actions/:action_id` and `/<kind>/actions/:action_id`. */
export function resourceActionRoutes(kind: Kind, type: string): Route[] {
    return [
        {
            method: "GET",
            path: `/${kind}/:id/actions`,
            handle: ({ project, params, query }) => {
                const { id } = find(project, kind, params.id ?? "");
                const found = project.actions.filter((action) =>
                    action.resources.some(
                        (resource) => resource.type === type && resource.id === id,
                    ),
                );
                return listReply(found.map(actionView), query, {
                    key: "actions",
                    filters: ["status"],
                });
            },
        },
        ...[`/${kind}/actions/:action_id`, `/${kind}/:id/actions/:action_id`].map(
            (path): Route => ({
                method: "GET",
                path,
                handle: ({ project, params }) =>
                    ok({ action: actionView(findAction(project, params.action_id ?? "")) }),
            }),
        ),
    ];
}
