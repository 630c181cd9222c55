import { z } from "zod";
import { ApiError, invalidField, isProtected } from "../errors.ts";
import { findLocation, locationOf } from "../catalogue/locations.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, created, field, protectionBody, readBody, started } from "../http/route.ts";
import { defaultPtr, ptrList } from "../reverseDns.ts";
import { checkUnique, find } from "../state/lookup.ts";
import type { FloatingIpRecord, ProjectState } from "../state/model.ts";
import { collectionRoutes } from "./collection.ts";
import { dnsPtrRoute } from "./dnsPtr.ts";

const createBody = z.object({
    name: field.name.optional(),
    type: z.enum(["ipv4", "ipv6"]),
    home_location: z.string().nullish(),
    server: field.id.nullish(),
    description: z.string().nullish(),
    labels: field.labels,
});

function view(_project: ProjectState, ip: FloatingIpRecord) {
    return {
        id: ip.id,
        name: ip.name,
        description: ip.description,
        ip: ip.ip,
        type: ip.type,
        server: ip.server,
        dns_ptr: ptrList(ip.ptr, ip.ip),
        home_location: locationOf(ip.homeLocation),
        blocked: false,
        protection: { ...ip.protection },
        labels: ip.labels,
        created: ip.created,
    };
}

function createFloatingIp(cloud: Cloud, project: ProjectState, body: unknown) {
    const input = readBody(createBody, body);
    const server = input.server == null ? undefined : find(project, "servers", input.server);
    const home = server?.location ?? findLocation(input.home_location ?? "")?.name;
    if (home === undefined)
        throw invalidField("home_location", "home_location or server is required");
    const id = cloud.store.nextId();
    const name = input.name ?? `floating-ip-${id}`;
    checkUnique(project, "floating_ips", name);
    const ip: FloatingIpRecord = {
        id,
        name,
        type: input.type,
        ip: input.type === "ipv4" ? cloud.pool.publicIpv4() : `${cloud.pool.ipv6Prefix()}::/64`,
        homeLocation: home,
        description: input.description ?? "",
        ptr: {},
        protection: { delete: false },
        server: server?.id ?? null,
        labels: input.labels ?? {},
        created: new Date().toISOString(),
    };
    project.floating_ips.push(ip);
    if (ip.type === "ipv4") cloud.ptr.publish(ip.ip, defaultPtr(ip.ip));
    cloud.store.changed();
    return ip;
}

export function floatingIpRoutes(cloud: Cloud): Route[] {
    const action = (
        command: string,
        suffix: string,
        prepare: (project: ProjectState, ip: FloatingIpRecord, body: unknown) => () => void,
    ): Route => ({
        method: "POST",
        path: `/floating_ips/:id/actions/${suffix}`,
        handle: ({ project, params, body }) => {
            const ip = find(project, "floating_ips", params.id ?? "");
            const apply = prepare(project, ip, body);
            const resources = [{ id: ip.id, type: "floating_ip" }];
            return started(cloud.actions.start(project, { command, resources, apply }));
        },
    });
    return [
        ...collectionRoutes(cloud, {
            kind: "floating_ips",
            single: "floating_ip",
            actionType: "floating_ip",
            view,
            filters: ["ip", "type"],
            update: (_project, ip, body) => {
                const { description } = readBody(
                    z.object({ description: z.string().optional() }),
                    body,
                );
                if (description !== undefined) ip.description = description;
            },
            remove: (_project, ip) => {
                if (ip.protection.delete) throw isProtected("Floating IP deletion is protected");
                if (ip.server !== null)
                    throw new ApiError(
                        "must_be_unassigned",
                        "floating IP must be unassigned before it can be deleted",
                    );
                for (const entry of ptrList(ip.ptr, ip.ip)) cloud.ptr.publish(entry.ip, null);
                return undefined;
            },
        }),
        {
            method: "POST",
            path: "/floating_ips",
            handle: ({ project, body }) => {
                const ip = createFloatingIp(cloud, project, body);
                const started =
                    ip.server === null
                        ? null
                        : cloud.actions.start(project, {
                              command: "assign_floating_ip",
                              resources: [
                                  { id: ip.id, type: "floating_ip" },
                                  { id: ip.server, type: "server" },
                              ],
                          });
                return created({ floating_ip: view(project, ip), action: started });
            },
        },
        dnsPtrRoute(cloud, "floating_ips", "floating_ip", (ip) => ({
            ranges: [ip.ip],
            names: ip.ptr,
        })),
        action("assign_floating_ip", "assign", (project, ip, body) => {
            const { id } = find(
                project,
                "servers",
                readBody(z.object({ server: field.id }), body).server,
            );
            return () => {
                ip.server = id;
            };
        }),
        action("unassign_floating_ip", "unassign", (_project, ip) => () => {
            ip.server = null;
        }),
        action("change_protection", "change_protection", (_project, ip, body) => {
            const wanted = readBody(protectionBody, body).delete ?? ip.protection.delete;
            return () => {
                ip.protection.delete = wanted;
            };
        }),
    ];
}
