import { z } from "zod";
import { ApiError, invalidField, invalidInput, isProtected } from "../errors.ts";
import { findLocation, locationOf } from "../catalogue/locations.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, created, field, readBody } from "../http/route.ts";
import { defaultPtr, ptrList } from "../reverseDns.ts";
import { checkUnique, drop, find } from "../state/lookup.ts";
import type { PrimaryIpRecord, ProjectState, ServerRecord } from "../state/model.ts";
import { collectionRoutes } from "./collection.ts";

const createBody = z.object({
    name: field.name,
    type: z.enum(["ipv4", "ipv6"]),
    location: z.string().nullish(),
    assignee_id: field.id.nullish(),
    assignee_type: z.enum(["server", "unassigned"]).nullish(),
    auto_delete: z.boolean().nullish(),
    labels: field.labels,
});

const updateBody = z.object({ auto_delete: z.boolean().optional() });

export function primaryIpView(_project: ProjectState, ip: PrimaryIpRecord) {
    return {
        id: ip.id,
        name: ip.name,
        ip: ip.ip,
        type: ip.type,
        labels: ip.labels,
        created: ip.created,
        blocked: false,
        location: locationOf(ip.location),
        dns_ptr: ptrList(ip.ptr, ip.ip),
        protection: { ...ip.protection },
        auto_delete: ip.autoDelete,
        assignee_type: ip.assignee === null ? "unassigned" : "server",
        assignee_id: ip.assignee,
    };
}

export interface NewPrimaryIp {
    readonly name: string;
    readonly type: "ipv4" | "ipv6";
    readonly location: string;
    readonly autoDelete: boolean;
    readonly labels?: Record<string, string> | undefined;
}

/** Takes a new address and publishes its default PTR name. */
export function createPrimaryIp(
    cloud: Cloud,
    project: ProjectState,
    input: NewPrimaryIp,
): PrimaryIpRecord {
    const record: PrimaryIpRecord = {
        id: cloud.store.nextId(),
        name: input.name,
        type: input.type,
        ip: input.type === "ipv4" ? cloud.pool.publicIpv4() : `${cloud.pool.ipv6Prefix()}::/64`,
        location: input.location,
        ptr: {},
        protection: { delete: false },
        autoDelete: input.autoDelete,
        assignee: null,
        labels: input.labels ?? {},
        created: new Date().toISOString(),
    };
    project.primary_ips.push(record);
    if (record.type === "ipv4") cloud.ptr.publish(record.ip, defaultPtr(record.ip));
    return record;
}

/** Gives the address back: its PTR names go with it. */
export function removePrimaryIp(cloud: Cloud, project: ProjectState, ip: PrimaryIpRecord): void {
    for (const entry of ptrList(ip.ptr, ip.ip)) cloud.ptr.publish(entry.ip, null);
    drop(project, "primary_ips", ip.id);
    cloud.store.changed();
}

/** Refuses an assignment that the API refuses. */
export function checkAssignable(server: ServerRecord, ip: PrimaryIpRecord): void {
    if (ip.assignee !== null)
        throw new ApiError(
            "primary_ip_already_assigned",
            "primary IP is already assigned to a server",
        );
    if (server.status !== "off") throw new ApiError("server_not_stopped", "server must be stopped");
    if (server.location !== ip.location)
        throw new ApiError(
            "primary_ip_datacenter_mismatch",
            "primary IP and server are in different locations",
        );
    if (server[ip.type] !== null)
        throw new ApiError(`server_has_${ip.type}`, `server already has an ${ip.type} address`);
}

/** Binds address and server to each other. */
export function assign(server: ServerRecord, ip: PrimaryIpRecord): void {
    server[ip.type] = ip.id;
    ip.assignee = server.id;
}

function locationFor(
    project: ProjectState,
    input: z.output<typeof createBody>,
): { location: string; server?: ServerRecord } {
    if (input.assignee_id != null && input.location != null)
        throw invalidInput(
            { name: "location", messages: ["only one of location and assignee_id may be given"] },
            {
                name: "assignee_id",
                messages: ["only one of location and assignee_id may be given"],
            },
        );
    if (input.assignee_id != null) {
        const server = find(project, "servers", input.assignee_id);
        return { location: server.location, server };
    }
    const location = findLocation(input.location ?? "");
    if (location === undefined)
        throw invalidField("location", input.location == null ? "is required" : "unknown location");
    return { location: location.name };
}

export function primaryIpRoutes(cloud: Cloud): Route[] {
    return [
        ...collectionRoutes(cloud, {
            kind: "primary_ips",
            single: "primary_ip",
            actionType: "primary_ip",
            view: primaryIpView,
            filters: ["ip", "type"],
            update: (_project, ip, body) => {
                const { auto_delete: autoDelete } = readBody(updateBody, body);
                if (autoDelete === true && ip.protection.delete)
                    throw invalidField("auto_delete", "must be false while delete protected");
                if (autoDelete !== undefined) ip.autoDelete = autoDelete;
            },
            remove: (_project, ip) => {
                if (ip.protection.delete) throw isProtected("primary IP is delete protected");
                if (ip.assignee !== null)
                    throw new ApiError(
                        "must_be_unassigned",
                        "primary IP must be unassigned before it can be deleted",
                    );
                for (const entry of ptrList(ip.ptr, ip.ip)) cloud.ptr.publish(entry.ip, null);
                return undefined;
            },
        }),
        {
            method: "POST",
            path: "/primary_ips",
            handle: ({ project, body }) => {
                const input = readBody(createBody, body);
                checkUnique(project, "primary_ips", input.name);
                const { location, server } = locationFor(project, input);
                if (server?.[input.type] != null)
                    throw new ApiError(
                        `server_has_${input.type}`,
                        `server already has an ${input.type} address`,
                    );
                if (server !== undefined && server.status !== "off")
                    throw new ApiError("server_not_stopped", "server must be stopped");
                const ip = createPrimaryIp(cloud, project, {
                    name: input.name,
                    type: input.type,
                    location,
                    autoDelete: input.auto_delete ?? false,
                    labels: input.labels,
                });
                const action =
                    server &&
                    cloud.actions.start(project, {
                        command: "create_primary_ip",
                        resources: [
                            { id: ip.id, type: "primary_ip" },
                            { id: server.id, type: "server" },
                        ],
                        apply: () => {
                            assign(server, ip);
                        },
                    });
                cloud.store.changed();
                return created({
                    primary_ip: primaryIpView(project, ip),
                    action: action === undefined ? null : { ...action },
                });
            },
        },
    ];
}
