import { z } from "zod";
import { ApiError, notFound } from "../errors.ts";
import type { Cloud } from "../cloud.ts";
import { detachLoadBalancer } from "../resources/loadBalancerNetwork.ts";
import { forgetServer } from "../resources/servers.ts";
import { drop } from "../state/lookup.ts";
import { type Kind, type ProjectState, type Resource, emptyProject } from "../state/model.ts";

/** Kinds of resources that a project holds. */
const KINDS = Object.keys(emptyProject()).filter((key) => key !== "actions");

export const driftSchema = z.object({
    project: z.string(),
    kind: z.string().refine((kind) => KINDS.includes(kind), `must be one of ${KINDS.join(", ")}`),
    id: z.number().int(),
    /** Properties of the stored resource to set; without it the resource is deleted. */
    set: z.record(z.string(), z.unknown()).optional(),
});

/** A change behind everyone's back: past validation, protection and actions. */
export type Drift = z.output<typeof driftSchema>;

function release(cloud: Cloud, project: ProjectState, kind: Kind, id: number): void {
    for (const server of project.servers) {
        if (kind === "networks")
            server.privateNet = server.privateNet.filter((nic) => nic.network !== id);
        if (kind === "primary_ips" && server.ipv4 === id) server.ipv4 = null;
        if (kind === "primary_ips" && server.ipv6 === id) server.ipv6 = null;
        if (kind === "placement_groups" && server.placementGroup === id)
            server.placementGroup = null;
    }
    if (kind === "networks")
        for (const balancer of project.load_balancers)
            if (balancer.network?.network === id) detachLoadBalancer(balancer);
    drop(project, kind, id);
    cloud.store.changed();
}

/** Changes or deletes a resource as someone else would, in the console. References to a deleted one go with it. */
export async function applyDrift(cloud: Cloud, drift: Drift): Promise<void> {
    const project = cloud.store.project(drift.project);
    const kind = drift.kind as Kind;
    const record = (project[kind] as Resource[]).find((entry) => entry.id === drift.id);
    if (record === undefined) throw notFound(drift.kind, drift.id);
    if (drift.set !== undefined) {
        const unknown = Object.keys(drift.set).filter((key) => !Object.hasOwn(record, key));
        if (unknown.length > 0)
            throw new ApiError(
                "invalid_input",
                `${drift.kind} have no ${unknown.join(", ")}; known: ${Object.keys(record).join(", ")}`,
            );
        Object.assign(record, drift.set);
        cloud.store.changed();
        return;
    }
    const server = kind === "servers" ? project.servers.find((s) => s.id === drift.id) : undefined;
    if (server === undefined) {
        release(cloud, project, kind, drift.id);
        return;
    }
    await cloud.power.remove(server);
    forgetServer(cloud, project, server);
}
