import { z } from "zod";
import { invalidField, isProtected } from "../errors.ts";
import { findLoadBalancerType } from "../catalogue/loadBalancerTypes.ts";
import { LOCATIONS, findLocation } from "../catalogue/locations.ts";
import type { Cloud } from "../cloud.ts";
import { type ApiReply, type Route, created, field, readBody } from "../http/route.ts";
import { defaultPtr } from "../reverseDns.ts";
import { checkUnique, drop } from "../state/lookup.ts";
import type { LoadBalancerRecord, ProjectState } from "../state/model.ts";
import { collectionRoutes } from "./collection.ts";
import { prepareAttachment } from "./loadBalancerNetwork.ts";
import { checkServiceFits, newService, serviceBody } from "./loadBalancerServices.ts";
import { checkTargetFits, targetBody, targetOf } from "./loadBalancerTargets.ts";
import { loadBalancerView } from "./loadBalancerView.ts";

export const algorithmBody = z.object({ type: z.enum(["round_robin", "least_connections"]) });

const createBody = z.object({
    name: field.name,
    load_balancer_type: field.idOrName,
    algorithm: algorithmBody.nullish(),
    location: z.string().nullish(),
    network_zone: z.string().nullish(),
    network: field.id.nullish(),
    public_interface: z.boolean().nullish(),
    services: z.array(serviceBody).nullish(),
    targets: z.array(targetBody).nullish(),
    labels: field.labels,
});

function locationFor(input: z.output<typeof createBody>): string {
    if ((input.location == null) === (input.network_zone == null))
        throw invalidField("location", "exactly one of location and network_zone is required");
    const location =
        input.location == null
            ? LOCATIONS.find((entry) => entry.network_zone === input.network_zone)
            : findLocation(input.location);
    if (location === undefined)
        throw invalidField(input.location == null ? "network_zone" : "location", "not found");
    return location.name;
}

function createLoadBalancer(cloud: Cloud, project: ProjectState, body: unknown): ApiReply {
    const input = readBody(createBody, body);
    checkUnique(project, "load_balancers", input.name);
    const type = findLoadBalancerType(input.load_balancer_type);
    if (type === undefined) throw invalidField("load_balancer_type", "not found");
    const location = locationFor(input);
    const draft = {
        name: input.name,
        loadBalancerType: type.name,
        location,
        algorithm: input.algorithm?.type ?? "round_robin",
        publicEnabled: input.public_interface ?? true,
        network:
            input.network == null
                ? null
                : prepareAttachment(
                      project,
                      { location, network: null },
                      { network: input.network },
                  ),
        services: [] as LoadBalancerRecord["services"],
        targets: [] as LoadBalancerRecord["targets"],
        protection: { delete: false },
        ptr: {},
        labels: input.labels ?? {},
        created: new Date().toISOString(),
    };
    for (const entry of input.services ?? []) {
        const service = newService(project, entry);
        checkServiceFits(draft, service);
        draft.services.push(service);
    }
    for (const entry of input.targets ?? []) {
        const target = targetOf(entry);
        checkTargetFits(cloud, project, draft, target);
        draft.targets.push(target);
    }
    const balancer: LoadBalancerRecord = {
        ...draft,
        id: cloud.store.nextId(),
        ipv4: cloud.pool.publicIpv4(),
        ipv6: `${cloud.pool.ipv6Prefix()}::1`,
    };
    project.load_balancers.push(balancer);
    cloud.ptr.publish(balancer.ipv4, defaultPtr(balancer.ipv4));
    const action = cloud.actions.start(project, {
        command: "create_load_balancer",
        resources: [{ id: balancer.id, type: "load_balancer" }],
    });
    return created({
        load_balancer: loadBalancerView(cloud, project, balancer),
        action: { ...action },
    });
}

/** Answers with an action: https://docs.hetzner.cloud/changelog#2026-10-05-delete-load-balancer-returns-action. */
function removeLoadBalancer(
    cloud: Cloud,
    project: ProjectState,
    balancer: LoadBalancerRecord,
): ApiReply {
    if (balancer.protection.delete) throw isProtected("load balancer is delete protected");
    for (const ip of [balancer.ipv4, balancer.ipv6]) cloud.ptr.publish(ip, null);
    drop(project, "load_balancers", balancer.id);
    cloud.store.changed();
    const action = cloud.actions.start(project, {
        command: "delete_load_balancer",
        resources: [{ id: balancer.id, type: "load_balancer" }],
    });
    return created({ action: { ...action } });
}

export function loadBalancerRoutes(cloud: Cloud): Route[] {
    return [
        ...collectionRoutes(cloud, {
            kind: "load_balancers",
            single: "load_balancer",
            actionType: "load_balancer",
            view: (project, balancer) => loadBalancerView(cloud, project, balancer),
            remove: (project, balancer) => removeLoadBalancer(cloud, project, balancer),
        }),
        {
            method: "POST",
            path: "/load_balancers",
            handle: ({ project, body }) => createLoadBalancer(cloud, project, body),
        },
    ];
}
