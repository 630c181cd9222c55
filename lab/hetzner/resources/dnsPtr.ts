import type { Cloud } from "../cloud.ts";
import { type Route, dnsPtrBody, readBody, started } from "../http/route.ts";
import { type PtrHolder, changePtr } from "../reverseDns.ts";
import { find } from "../state/lookup.ts";
import type { Kind, ProjectState } from "../state/model.ts";

/** `change_dns_ptr` of a kind. The action is done when the name is published. */
export function dnsPtrRoute<K extends Kind>(
    cloud: Cloud,
    kind: K,
    type: string,
    holderOf: (record: ProjectState[K][number], ip: string, project: ProjectState) => PtrHolder,
): Route {
    return {
        method: "POST",
        path: `/${kind}/:id/actions/change_dns_ptr`,
        handle: ({ project, params, body }) => {
            const record = find(project, kind, params.id ?? "");
            const { ip, dns_ptr: name } = readBody(dnsPtrBody, body);
            const holder = holderOf(record, ip, project);
            changePtr({ ranges: holder.ranges, names: { ...holder.names } }, ip, name);
            const change = { ip, name };
            return started(
                cloud.actions.start(project, {
                    command: "change_dns_ptr",
                    resources: [{ id: record.id, type }],
                    apply: () => {
                        Object.assign(change, changePtr(holder, ip, name));
                    },
                    finish: () => cloud.ptr.change(change.ip, change.name),
                }),
            );
        },
    };
}
