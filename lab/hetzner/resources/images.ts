import { z } from "zod";
import { ApiError, isProtected } from "../errors.ts";
import { SYSTEM_IMAGES, systemImageView } from "../catalogue/images.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, field, protectionBody, readBody, started } from "../http/route.ts";
import { find } from "../state/lookup.ts";
import type { ProjectState, SnapshotRecord } from "../state/model.ts";
import { collectionRoutes } from "./collection.ts";

export function snapshotView(_project: ProjectState, image: SnapshotRecord) {
    const base = SYSTEM_IMAGES.find((entry) => entry.id === image.baseImage);
    return {
        id: image.id,
        type: image.type,
        status: "available",
        name: null,
        description: image.description,
        image_size: image.diskSize,
        disk_size: image.diskSize,
        created: image.created,
        created_from: { ...image.createdFrom },
        bound_to: image.type === "backup" ? image.createdFrom.id : null,
        os_flavor: base?.osFlavor ?? "unknown",
        os_version: base?.osVersion ?? null,
        rapid_deploy: false,
        protection: { ...image.protection },
        deprecated: null,
        deleted: null,
        labels: image.labels,
        architecture: image.architecture,
    };
}

/** An image by id, in the API's shape; also one that a server was made from. */
export function imageViewOf(project: ProjectState, id: number | null) {
    const system = SYSTEM_IMAGES.find((entry) => entry.id === id);
    if (system !== undefined) return systemImageView(system);
    const snapshot = project.images.find((image) => image.id === id);
    return snapshot === undefined ? null : snapshotView(project, snapshot);
}

/** The image for a server of that architecture. Throws `invalid_input` where there is none, or none that fits. */
export function chooseImage(
    project: ProjectState,
    idOrName: string | number,
    architecture: "x86" | "arm",
): number {
    const candidates = [
        ...SYSTEM_IMAGES.filter(
            (entry) => entry.name === idOrName || String(entry.id) === String(idOrName),
        ),
        ...project.images.filter((image) => String(image.id) === String(idOrName)),
    ];
    if (candidates.length === 0) throw new ApiError("invalid_input", "image not found");
    const fitting = candidates.find((candidate) => candidate.architecture === architecture);
    if (fitting === undefined)
        throw new ApiError("invalid_input", "image and server type have different architectures");
    return fitting.id;
}

const updateBody = z.object({
    description: z.string().optional(),
    type: z.literal("snapshot").optional(),
    labels: field.labels,
});

export function imageRoutes(cloud: Cloud): Route[] {
    return [
        ...collectionRoutes(cloud, {
            kind: "images",
            single: "image",
            actionType: "image",
            view: snapshotView,
            filters: ["type", "status", "architecture", "bound_to"],
            catalogue: () => SYSTEM_IMAGES.map(systemImageView),
            update: (_project, image, body) => {
                const { description, type } = readBody(updateBody, body);
                if (description !== undefined) image.description = description;
                if (type !== undefined) image.type = type;
            },
            remove: (_project, image) => {
                if (image.protection.delete) throw isProtected("snapshot deletion is protected");
                return undefined;
            },
        }),
        {
            method: "POST",
            path: "/images/:id/actions/change_protection",
            handle: ({ project, params, body }) => {
                const image = find(project, "images", params.id ?? "");
                const wanted = readBody(protectionBody, body).delete ?? image.protection.delete;
                return started(
                    cloud.actions.start(project, {
                        command: "change_protection",
                        resources: [{ id: image.id, type: "image" }],
                        apply: () => {
                            image.protection.delete = wanted;
                        },
                    }),
                );
            },
        },
    ];
}
