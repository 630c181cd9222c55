import { z } from "zod";
import { ApiError, invalidField, isProtected } from "../errors.ts";
import { findLocation, locationOf } from "../catalogue/locations.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, created, field, protectionBody, readBody, started } from "../http/route.ts";
import { checkUnique, find } from "../state/lookup.ts";
import type { ProjectState, VolumeRecord } from "../state/model.ts";
import { collectionRoutes } from "./collection.ts";

/** Sizes in GB (https://docs.hetzner.com/cloud/volumes/overview). */
const MIN_SIZE = 10;
const MAX_SIZE = 10_240;

const size = z.number().int().min(MIN_SIZE).max(MAX_SIZE);

const createBody = z.object({
    name: field.name,
    size,
    location: field.idOrName.nullish(),
    server: field.id.nullish(),
    format: z.enum(["ext4", "xfs"]).nullish(),
    automount: z.boolean().nullish(),
    labels: field.labels,
});

function view(_project: ProjectState, volume: VolumeRecord) {
    return {
        id: volume.id,
        name: volume.name,
        server: volume.server,
        status: "available",
        location: locationOf(volume.location),
        size: volume.size,
        format: volume.format,
        linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${volume.id}`,
        protection: { ...volume.protection },
        labels: volume.labels,
        created: volume.created,
    };
}

function createVolume(cloud: Cloud, project: ProjectState, body: unknown) {
    const input = readBody(createBody, body);
    checkUnique(project, "volumes", input.name);
    const server = input.server == null ? undefined : find(project, "servers", input.server);
    const location = server?.location ?? findLocation(input.location ?? "")?.name;
    if (location === undefined) throw invalidField("location", "location or server is required");
    const volume: VolumeRecord = {
        id: cloud.store.nextId(),
        name: input.name,
        server: server?.id ?? null,
        location,
        size: input.size,
        format: input.format ?? null,
        protection: { delete: false },
        labels: input.labels ?? {},
        created: new Date().toISOString(),
    };
    project.volumes.push(volume);
    const resources = [{ id: volume.id, type: "volume" }];
    const [action, ...next] = cloud.actions.startChain(project, [
        { command: "create_volume", resources },
        ...(server === undefined
            ? []
            : [
                  {
                      command: "attach_volume",
                      resources: [...resources, { id: server.id, type: "server" }],
                  },
              ]),
    ]);
    return created({
        volume: view(project, volume),
        action: { ...action },
        next_actions: next.map((entry) => ({ ...entry })),
    });
}

type Prepare = (project: ProjectState, volume: VolumeRecord, body: unknown) => () => void;

function attach(project: ProjectState, volume: VolumeRecord, body: unknown): () => void {
    const server = find(project, "servers", readBody(z.object({ server: field.id }), body).server);
    if (volume.server !== null)
        throw new ApiError("volume_already_attached", "volume is already attached to a server");
    if (server.location !== volume.location)
        throw new ApiError("invalid_input", "volume and server are in different locations");
    return () => {
        volume.server = server.id;
    };
}

const ACTIONS: Readonly<Record<string, readonly [command: string, prepare: Prepare]>> = {
    attach: ["attach_volume", attach],
    detach: [
        "detach_volume",
        (_project, volume) => {
            if (volume.server === null)
                throw new ApiError("invalid_input", "volume is not attached to a server");
            return () => {
                volume.server = null;
            };
        },
    ],
    resize: [
        "resize_volume",
        (_project, volume, body) => {
            const wanted = readBody(z.object({ size }), body).size;
            if (wanted <= volume.size) throw invalidField("size", "must be larger than now");
            return () => {
                volume.size = wanted;
            };
        },
    ],
    change_protection: [
        "change_protection",
        (_project, volume, body) => {
            const wanted = readBody(protectionBody, body).delete ?? volume.protection.delete;
            return () => {
                volume.protection.delete = wanted;
            };
        },
    ],
};

export function volumeRoutes(cloud: Cloud): Route[] {
    return [
        ...collectionRoutes(cloud, {
            kind: "volumes",
            single: "volume",
            actionType: "volume",
            view,
            filters: ["status"],
            remove: (_project, volume) => {
                if (volume.protection.delete) throw isProtected("volume is delete protected");
                if (volume.server !== null)
                    throw new ApiError("service_error", "volume is still attached to a server");
                return undefined;
            },
        }),
        {
            method: "POST",
            path: "/volumes",
            handle: ({ project, body }) => createVolume(cloud, project, body),
        },
        ...Object.entries(ACTIONS).map(([name, [command, prepare]]): Route => ({
            method: "POST",
            path: `/volumes/:id/actions/${name}`,
            handle: ({ project, params, body }) => {
                const volume = find(project, "volumes", params.id ?? "");
                const apply = prepare(project, volume, body);
                const server = volume.server;
                return started(
                    cloud.actions.start(project, {
                        command,
                        resources: [
                            { id: volume.id, type: "volume" },
                            ...(server === null ? [] : [{ id: server, type: "server" }]),
                        ],
                        apply,
                    }),
                );
            },
        })),
    ];
}
