import { z } from "zod";
import { invalidField, isProtected } from "../errors.ts";
import { isPrivateRange, parseRange, rangeText } from "../cidr.ts";
import type { Cloud } from "../cloud.ts";
import { NO_CONTENT, type Route, created, field, readBody } from "../http/route.ts";
import { checkUnique, drop } from "../state/lookup.ts";
import type { NetworkRecord, ProjectState } from "../state/model.ts";
import { collectionRoutes } from "./collection.ts";
import { addRoute, addSubnet, gatewayOf, routeBody, subnetBody } from "./subnets.ts";
import { detachLoadBalancer } from "./loadBalancerNetwork.ts";

const createBody = z.object({
    name: field.name,
    ip_range: z.string(),
    subnets: z.array(subnetBody).default([]),
    routes: z.array(routeBody).default([]),
    labels: field.labels,
    expose_routes_to_vswitch: z.boolean().default(false),
});

const updateBody = z.object({ expose_routes_to_vswitch: z.boolean().optional() });

export function networkView(project: ProjectState, network: NetworkRecord) {
    return {
        id: network.id,
        name: network.name,
        ip_range: network.ipRange,
        subnets: network.subnets.map((subnet) => ({
            type: subnet.type,
            ip_range: subnet.ipRange,
            network_zone: subnet.networkZone,
            gateway: gatewayOf(network),
            vswitch_id: subnet.vswitchId,
        })),
        routes: network.routes.map(({ destination, gateway }) => ({ destination, gateway })),
        servers: project.servers
            .filter((server) => server.privateNet.some((nic) => nic.network === network.id))
            .map((server) => server.id),
        load_balancers: project.load_balancers
            .filter((balancer) => balancer.network?.network === network.id)
            .map((balancer) => balancer.id),
        protection: { ...network.protection },
        labels: network.labels,
        created: network.created,
        expose_routes_to_vswitch: network.exposeRoutesToVswitch,
    };
}

/** A network's range in canonical form. Throws `invalid_input` unless it is a private range of at least a /24. */
export function networkRange(cidr: string): string {
    const range = parseRange(cidr);
    if (range === undefined) throw invalidField("ip_range", "invalid CIDR");
    if (range.prefix > 24) throw invalidField("ip_range", "must have at least a /24 range");
    if (!isPrivateRange(range))
        throw invalidField("ip_range", "must be a private IPv4 range of RFC 1918");
    return rangeText(range);
}

/** Deletes the network; servers and load balancers are detached from it. */
function removeNetwork(cloud: Cloud, project: ProjectState, network: NetworkRecord): void {
    for (const balancer of project.load_balancers)
        if (balancer.network?.network === network.id) detachLoadBalancer(balancer);
    const attached = project.servers.filter((server) =>
        server.privateNet.some((nic) => nic.network === network.id),
    );
    for (const server of attached)
        server.privateNet = server.privateNet.filter((nic) => nic.network !== network.id);
    drop(project, "networks", network.id);
    cloud.store.changed();
    for (const server of attached) void cloud.power.networksChanged(project, server);
}

export function networkRoutes(cloud: Cloud): Route[] {
    return [
        ...collectionRoutes(cloud, {
            kind: "networks",
            single: "network",
            actionType: "network",
            view: networkView,
            update: (_project, network, body) => {
                const { expose_routes_to_vswitch: expose } = readBody(updateBody, body);
                if (expose !== undefined) network.exposeRoutesToVswitch = expose;
            },
            remove: (project, network) => {
                if (network.protection.delete) throw isProtected("network is delete protected");
                removeNetwork(cloud, project, network);
                return NO_CONTENT;
            },
        }),
        {
            method: "POST",
            path: "/networks",
            handle: ({ project, body }) => {
                const input = readBody(createBody, body);
                checkUnique(project, "networks", input.name);
                const network: NetworkRecord = {
                    id: cloud.store.nextId(),
                    name: input.name,
                    ipRange: networkRange(input.ip_range),
                    subnets: [],
                    routes: [],
                    protection: { delete: false },
                    labels: input.labels ?? {},
                    created: new Date().toISOString(),
                    exposeRoutesToVswitch: input.expose_routes_to_vswitch,
                };
                for (const subnet of input.subnets) addSubnet(network, subnet);
                for (const route of input.routes) addRoute(network, route);
                project.networks.push(network);
                cloud.store.changed();
                return created({ network: networkView(project, network) });
            },
        },
    ];
}
