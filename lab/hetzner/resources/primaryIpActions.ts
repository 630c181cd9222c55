import { z } from "zod";
import { ApiError, invalidField } from "../errors.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, field, protectionBody, readBody, started } from "../http/route.ts";
import { find, loadBalancersOf, serversOfTarget } from "../state/lookup.ts";
import type { PrimaryIpRecord, ProjectState, ServerRecord } from "../state/model.ts";
import { assign, checkAssignable } from "./primaryIps.ts";
import { dnsPtrRoute } from "./dnsPtr.ts";

const assignBody = z.object({ assignee_id: field.id, assignee_type: z.literal("server") });

/** Whether a load balancer reaches the server by its public IPv4 address. */
function isPublicTarget(project: ProjectState, server: ServerRecord): boolean {
    return loadBalancersOf(project, server).some((balancer) =>
        balancer.targets.some(
            (target) => !target.usePrivateIp && serversOfTarget(project, target).includes(server),
        ),
    );
}

function assigneeOf(project: ProjectState, ip: PrimaryIpRecord): ServerRecord {
    if (ip.assignee === null)
        throw new ApiError("primary_ip_not_assigned", "primary IP is not assigned");
    return find(project, "servers", ip.assignee);
}

export function primaryIpActionRoutes(cloud: Cloud): Route[] {
    const path = "/primary_ips/:id/actions";
    const resources = (ip: PrimaryIpRecord, server: ServerRecord) => [
        { id: ip.id, type: "primary_ip" },
        { id: server.id, type: "server" },
    ];
    return [
        dnsPtrRoute(cloud, "primary_ips", "primary_ip", (ip) => ({
            ranges: [ip.ip],
            names: ip.ptr,
        })),
        {
            method: "POST",
            path: `${path}/assign`,
            handle: ({ project, params, body }) => {
                const ip = find(project, "primary_ips", params.id ?? "");
                const server = find(project, "servers", readBody(assignBody, body).assignee_id);
                cloud.actions.checkUnlocked(server.id);
                checkAssignable(server, ip);
                return started(
                    cloud.actions.start(project, {
                        command: "assign_primary_ip",
                        resources: resources(ip, server),
                        locks: [server.id],
                        apply: () => {
                            assign(server, ip);
                        },
                    }),
                );
            },
        },
        {
            method: "POST",
            path: `${path}/unassign`,
            handle: ({ project, params }) => {
                const ip = find(project, "primary_ips", params.id ?? "");
                const server = assigneeOf(project, ip);
                cloud.actions.checkUnlocked(server.id);
                if (server.status !== "off")
                    throw new ApiError("server_not_stopped", "server must be stopped");
                if (ip.type === "ipv4" && isPublicTarget(project, server))
                    throw new ApiError(
                        "server_is_load_balancer_target",
                        "server's IPv4 address is a load balancer target",
                    );
                return started(
                    cloud.actions.start(project, {
                        command: "unassign_primary_ip",
                        resources: resources(ip, server),
                        locks: [server.id],
                        apply: () => {
                            server[ip.type] = null;
                            ip.assignee = null;
                        },
                    }),
                );
            },
        },
        {
            method: "POST",
            path: `${path}/change_protection`,
            handle: ({ project, params, body }) => {
                const ip = find(project, "primary_ips", params.id ?? "");
                const wanted = readBody(protectionBody, body).delete ?? ip.protection.delete;
                if (wanted && ip.autoDelete)
                    throw invalidField("delete", "auto_delete must be false to protect");
                return started(
                    cloud.actions.start(project, {
                        command: "change_protection",
                        resources: [{ id: ip.id, type: "primary_ip" }],
                        apply: () => {
                            ip.protection.delete = wanted;
                        },
                    }),
                );
            },
        },
    ];
}
