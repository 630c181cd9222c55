import { z } from "zod";
import { ApiError } from "../errors.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, created, field, readBody } from "../http/route.ts";
import { checkUnique } from "../state/lookup.ts";
import type { PlacementGroupRecord, ProjectState } from "../state/model.ts";
import { collectionRoutes } from "./collection.ts";

/** Servers that one spread placement group takes (https://docs.hetzner.com/cloud/placement-groups/overview). */
const MAX_SERVERS = 10;

const createBody = z.object({ name: field.name, type: z.literal("spread"), labels: field.labels });

/** Ids of the servers in the group. */
function members(project: ProjectState, group: number): number[] {
    return project.servers
        .filter((server) => server.placementGroup === group)
        .map((server) => server.id);
}

export function placementGroupView(project: ProjectState, group: PlacementGroupRecord) {
    const { id, name, labels, type, created: time } = group;
    return { id, name, labels, type, created: time, servers: members(project, id) };
}

/** Refuses a server where the group is full. */
export function checkRoom(project: ProjectState, group: PlacementGroupRecord): void {
    if (members(project, group.id).length >= MAX_SERVERS)
        throw new ApiError(
            "placement_error",
            `placement group already holds ${MAX_SERVERS} servers`,
        );
}

export function placementGroupRoutes(cloud: Cloud): Route[] {
    return [
        ...collectionRoutes(cloud, {
            kind: "placement_groups",
            single: "placement_group",
            view: placementGroupView,
            filters: ["type"],
            remove: (project, group) => {
                if (members(project, group.id).length > 0)
                    throw new ApiError(
                        "resource_in_use",
                        `placement group with ID ${group.id} is still in use`,
                    );
                return undefined;
            },
        }),
        {
            method: "POST",
            path: "/placement_groups",
            handle: ({ project, body }) => {
                const input = readBody(createBody, body);
                checkUnique(project, "placement_groups", input.name);
                const group: PlacementGroupRecord = {
                    id: cloud.store.nextId(),
                    name: input.name,
                    type: input.type,
                    labels: input.labels ?? {},
                    created: new Date().toISOString(),
                };
                project.placement_groups.push(group);
                cloud.store.changed();
                return created({
                    placement_group: placementGroupView(project, group),
                    action: null,
                });
            },
        },
    ];
}
