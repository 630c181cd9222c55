import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ApiError, invalidField, isProtected } from "../errors.ts";
import type { ActionSpec } from "../actions.ts";
import { findIso } from "../catalogue/isos.ts";
import { findServerType, serverTypeOf } from "../catalogue/serverTypes.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, created, field, readBody } from "../http/route.ts";
import { find } from "../state/lookup.ts";
import type { ProjectState, ServerRecord } from "../state/model.ts";
import { chooseImage, snapshotView } from "./images.ts";
import { checkRoom } from "./placementGroups.ts";
import { checkAvailable } from "./serverCreate.ts";

/** What an action does, and what its reply carries beside the action. */
interface Prepared extends Pick<ActionSpec, "apply" | "finish"> {
    readonly extra?: Readonly<Record<string, unknown>>;
    /** @default the route's name */
    readonly command?: string;
}

type Work = (project: ProjectState, server: ServerRecord, body: unknown) => Prepared;

function checkStopped(server: ServerRecord): void {
    if (server.status !== "off") throw new ApiError("server_not_stopped", "server must be stopped");
}

function rootPassword(): { root_password: string } {
    return { root_password: randomBytes(12).toString("base64url") };
}

function changeProtection(server: ServerRecord, body: unknown): Prepared {
    const input = readBody(
        z.object({ delete: z.boolean().optional(), rebuild: z.boolean().optional() }),
        body,
    );
    const wanted = {
        delete: input.delete ?? server.protection.delete,
        rebuild: input.rebuild ?? server.protection.rebuild,
    };
    if (wanted.delete !== wanted.rebuild)
        throw invalidField("rebuild", "delete and rebuild protection must be equal");
    return {
        apply: () => {
            server.protection = wanted;
        },
    };
}

function changeType(
    cloud: Cloud,
    project: ProjectState,
    server: ServerRecord,
    body: unknown,
): Prepared {
    const input = readBody(
        z.object({ server_type: field.idOrName, upgrade_disk: z.boolean() }),
        body,
    );
    checkStopped(server);
    const type = findServerType(input.server_type);
    const current = serverTypeOf(server.serverType);
    if (
        type === undefined ||
        type.name === current.name ||
        type.architecture !== current.architecture ||
        type.disk < server.primaryDiskSize ||
        !Object.hasOwn(type.prices, server.location)
    )
        throw new ApiError("invalid_server_type", "server type does not fit for the given server");
    checkAvailable(cloud, type.name, server.location);
    return {
        command: "change_server_type",
        apply: () => {
            server.serverType = type.name;
            if (input.upgrade_disk) server.primaryDiskSize = type.disk;
        },
        // The API itself starts the server after the change; no client sends a power on.
        finish: () => cloud.power.on(project, server),
    };
}

function rebuild(
    cloud: Cloud,
    project: ProjectState,
    server: ServerRecord,
    body: unknown,
): Prepared {
    const input = readBody(
        z.object({ image: field.idOrName, user_data: z.string().optional() }),
        body,
    );
    if (server.protection.rebuild) throw isProtected("server is rebuild protected");
    const image = chooseImage(project, input.image, serverTypeOf(server.serverType).architecture);
    return {
        command: "rebuild_server",
        extra: rootPassword(),
        apply: () => {
            server.status = "rebuilding";
            server.image = image;
            server.userData = input.user_data ?? server.userData;
        },
        finish: async () => {
            await cloud.power.remove(server);
            await cloud.power.on(project, server);
        },
    };
}

function createImage(
    cloud: Cloud,
    project: ProjectState,
    server: ServerRecord,
    body: unknown,
): Prepared {
    const input = readBody(
        z.object({
            type: z.enum(["snapshot", "backup"]).default("snapshot"),
            description: z.string().nullish(),
            labels: field.labels,
        }),
        body,
    );
    const id = cloud.store.nextId();
    const image = {
        id,
        name: `${input.type}-${id}`,
        type: input.type,
        description: input.description ?? server.name,
        diskSize: server.primaryDiskSize,
        createdFrom: { id: server.id, name: server.name },
        baseImage: server.image,
        architecture: serverTypeOf(server.serverType).architecture,
        protection: { delete: false },
        labels: input.labels ?? {},
        created: new Date().toISOString(),
    };
    return {
        extra: { image: snapshotView(project, image) },
        apply: () => project.images.push(image),
    };
}

function addToPlacementGroup(project: ProjectState, server: ServerRecord, body: unknown): Prepared {
    const { placement_group: id } = readBody(z.object({ placement_group: field.id }), body);
    const group = find(project, "placement_groups", id);
    if (server.placementGroup !== null)
        throw new ApiError(
            "already_in_placement_group",
            "server is already part of a placement group",
        );
    checkStopped(server);
    checkRoom(project, group);
    return {
        apply: () => {
            server.placementGroup = group.id;
        },
    };
}

function works(cloud: Cloud): Record<string, Work> {
    const set =
        (values: Partial<ServerRecord>, extra?: Readonly<Record<string, unknown>>): Work =>
        (_project, server) => ({
            apply: () => Object.assign(server, values),
            ...(extra && { extra }),
        });
    return {
        change_protection: (_project, server, body) => changeProtection(server, body),
        change_type: (project, server, body) => changeType(cloud, project, server, body),
        rebuild: (project, server, body) => rebuild(cloud, project, server, body),
        create_image: (project, server, body) => createImage(cloud, project, server, body),
        add_to_placement_group: (project, server, body) =>
            addToPlacementGroup(project, server, body),
        remove_from_placement_group: (_project, server) => {
            if (server.placementGroup === null)
                throw new ApiError(
                    "not_in_placement_group",
                    "server is not part of a placement group",
                );
            checkStopped(server);
            return { apply: () => (server.placementGroup = null) };
        },
        enable_backup: set({ backupWindow: "22-02" }),
        disable_backup: set({ backupWindow: null }),
        enable_rescue: (_project, server) => ({
            apply: () => (server.rescue = true),
            extra: rootPassword(),
        }),
        disable_rescue: set({ rescue: false }),
        attach_iso: (_project, server, body) => {
            const iso = findIso(readBody(z.object({ iso: field.idOrName }), body).iso);
            if (iso === undefined) throw invalidField("iso", "ISO not found");
            return { apply: () => (server.iso = iso.id) };
        },
        detach_iso: set({ iso: null }),
        reset_password: (_project, server) => {
            if (server.status !== "running")
                throw new ApiError("server_not_running", "server is not running");
            return { extra: rootPassword() };
        },
    };
}

/** Actions of a server beside power and networks. */
export function serverActionRoutes(cloud: Cloud): Route[] {
    return Object.entries(works(cloud)).map(([name, work]): Route => ({
        method: "POST",
        path: `/servers/:id/actions/${name}`,
        handle: ({ project, params, body }) => {
            const server = find(project, "servers", params.id ?? "");
            if (name !== "change_protection") cloud.actions.checkUnlocked(server.id);
            const { extra, command = name, ...effect } = work(project, server, body);
            const action = cloud.actions.start(project, {
                command,
                resources: [{ id: server.id, type: "server" }],
                locks: [server.id],
                ...effect,
            });
            return created({ action: { ...action }, ...extra });
        },
    }));
}
