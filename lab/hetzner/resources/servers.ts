import { invalidField, isProtected } from "../errors.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, ok } from "../http/route.ts";
import { drop } from "../state/lookup.ts";
import type { ProjectState, ServerRecord } from "../state/model.ts";
import { collectionRoutes } from "./collection.ts";
import { removePrimaryIp } from "./primaryIps.ts";
import { SERVER_NAME, createServer } from "./serverCreate.ts";
import { serverView } from "./serverView.ts";

/** Takes the server out of everything that names it, and its addresses with it where they are to go. */
export function forgetServer(cloud: Cloud, project: ProjectState, server: ServerRecord): void {
    for (const ip of project.primary_ips.filter((entry) => entry.assignee === server.id)) {
        ip.assignee = null;
        if (ip.autoDelete) removePrimaryIp(cloud, project, ip);
    }
    for (const ip of project.floating_ips) if (ip.server === server.id) ip.server = null;
    for (const volume of project.volumes) if (volume.server === server.id) volume.server = null;
    for (const firewall of project.firewalls)
        firewall.appliedTo = firewall.appliedTo.filter(
            (target) => target.type !== "server" || target.server !== server.id,
        );
    for (const balancer of project.load_balancers)
        balancer.targets = balancer.targets.filter(
            (target) => target.type !== "server" || target.server !== server.id,
        );
    drop(project, "servers", server.id);
    cloud.store.changed();
}

function removeServer(cloud: Cloud, project: ProjectState, server: ServerRecord) {
    if (server.protection.delete) throw isProtected("server is delete protected");
    cloud.actions.checkUnlocked(server.id);
    const action = cloud.actions.start(project, {
        command: "delete_server",
        resources: [{ id: server.id, type: "server" }],
        locks: [server.id],
        apply: () => {
            server.status = "deleting";
        },
        finish: async () => {
            await cloud.power.remove(server);
            forgetServer(cloud, project, server);
        },
    });
    return ok({ action: { ...action } });
}

export function serverRoutes(cloud: Cloud): Route[] {
    return [
        ...collectionRoutes(cloud, {
            kind: "servers",
            single: "server",
            actionType: "server",
            view: (project, server) => serverView(cloud, project, server),
            filters: ["status"],
            update: (_project, _server, body) => {
                const { name } = body as { name?: unknown };
                if (typeof name === "string" && name !== "" && !SERVER_NAME.test(name))
                    throw invalidField("name", "must be a valid hostname as per RFC 1123");
            },
            remove: (project, server) => removeServer(cloud, project, server),
        }),
        {
            method: "POST",
            path: "/servers",
            handle: ({ project, body }) => createServer(cloud, project, body),
        },
    ];
}
