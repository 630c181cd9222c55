import { z } from "zod";
import { ApiError, invalidField } from "../errors.ts";
import { contains, ipv4Number, parseRange } from "../cidr.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, protectionBody, readBody, started } from "../http/route.ts";
import { find } from "../state/lookup.ts";
import type { NetworkRecord, ProjectState } from "../state/model.ts";
import { networkRange } from "./networks.ts";
import {
    addRoute,
    addSubnet,
    routeBody,
    storedRange,
    subnetBody,
    usedAddresses,
} from "./subnets.ts";

type Work = (project: ProjectState, network: NetworkRecord, body: unknown) => void;

function deleteSubnet(project: ProjectState, network: NetworkRecord, ipRange: string): void {
    const subnet = network.subnets.find((candidate) => candidate.ipRange === ipRange);
    if (subnet === undefined) throw new ApiError("not_found", "subnet not found");
    const range = storedRange(ipRange);
    const inside = (ip: string | undefined) => {
        const value = ipv4Number(ip ?? "");
        return value !== undefined && value >= range.first && value <= range.last;
    };
    const nics = project.servers.flatMap((server) => server.privateNet);
    if (nics.some((nic) => nic.network === network.id && inside(nic.ip)))
        throw new ApiError(
            "service_error",
            "cannot remove subnet because servers are attached to it",
        );
    if ([...usedAddresses(project, network.id)].some(inside))
        throw new ApiError("service_error", "network has attached resources");
    network.subnets = network.subnets.filter((candidate) => candidate !== subnet);
}

function changeRange(network: NetworkRecord, cidr: string): void {
    const text = networkRange(cidr);
    const range = parseRange(text);
    if (range === undefined || !contains(range, storedRange(network.ipRange)))
        throw invalidField("ip_range", "must extend the network's ip_range");
    network.ipRange = text;
}

const ACTIONS: Readonly<Record<string, Work>> = {
    add_subnet: (_project, network, body) => {
        addSubnet(network, readBody(subnetBody, body));
    },
    delete_subnet: (project, network, body) => {
        deleteSubnet(project, network, readBody(z.object({ ip_range: z.string() }), body).ip_range);
    },
    add_route: (_project, network, body) => {
        addRoute(network, readBody(routeBody, body));
    },
    delete_route: (_project, network, body) => {
        const wanted = readBody(routeBody, body);
        const index = network.routes.findIndex(
            (route) => route.destination === wanted.destination && route.gateway === wanted.gateway,
        );
        if (index < 0) throw new ApiError("not_found", "route not found");
        network.routes.splice(index, 1);
    },
    change_ip_range: (_project, network, body) => {
        changeRange(network, readBody(z.object({ ip_range: z.string() }), body).ip_range);
    },
    change_protection: (_project, network, body) => {
        network.protection.delete =
            readBody(protectionBody, body).delete ?? network.protection.delete;
    },
};

export function networkActionRoutes(cloud: Cloud): Route[] {
    return Object.entries(ACTIONS).map(([command, work]): Route => ({
        method: "POST",
        path: `/networks/:id/actions/${command}`,
        handle: ({ project, params, body }) => {
            const network = find(project, "networks", params.id ?? "");
            // Validated on a copy, so that an action that a fault fails leaves the network alone.
            const changed = structuredClone(network);
            work(project, changed, body);
            return started(
                cloud.actions.start(project, {
                    command,
                    resources: [{ id: network.id, type: "network" }],
                    apply: () => Object.assign(network, changed),
                }),
            );
        },
    }));
}
