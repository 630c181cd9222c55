import { z } from "zod";
import { ApiError, invalidField } from "../errors.ts";
import { ipv4Number, overlaps } from "../cidr.ts";
import { locationOf } from "../catalogue/locations.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, field, readBody, started } from "../http/route.ts";
import { find } from "../state/lookup.ts";
import type { NetworkRecord, PrivateNic, ProjectState, ServerRecord } from "../state/model.ts";
import { chooseAddress, storedRange, usedAddresses } from "./subnets.ts";

/** Networks per server and alias addresses per network (https://docs.hetzner.com/cloud/networks/overview). */
const MAX_NETWORKS = 3;
const MAX_ALIASES = 5;

const attachBody = z.object({
    network: field.id,
    ip: z.string().nullish(),
    alias_ips: z.array(z.string()).nullish(),
    ip_range: z.string().nullish(),
});

export interface AttachRequest {
    readonly ip?: string | undefined;
    readonly aliasIps?: readonly string[] | undefined;
    readonly ipRange?: string | undefined;
}

function checkAliases(
    project: ProjectState,
    network: NetworkRecord,
    aliases: readonly string[],
    own: readonly string[],
): void {
    if (aliases.length > MAX_ALIASES)
        throw invalidField("alias_ips", `at most ${MAX_ALIASES} alias IPs`);
    const used = usedAddresses(project, network.id);
    const inSubnet = (ip: string) =>
        network.subnets.some((subnet) => {
            const range = storedRange(subnet.ipRange);
            const value = ipv4Number(ip);
            return value !== undefined && value > range.first && value < range.last;
        });
    for (const ip of aliases)
        if (!inSubnet(ip) || (used.has(ip) && !own.includes(ip)))
            throw new ApiError("ip_not_available", "IP not available");
}

/** The interface that an attachment would make. Throws what the API refuses it with. */
export function newNic(
    cloud: Cloud,
    project: ProjectState,
    server: Pick<ServerRecord, "location" | "privateNet">,
    network: NetworkRecord,
    request: AttachRequest,
): PrivateNic {
    if (server.privateNet.some((nic) => nic.network === network.id))
        throw new ApiError("server_already_attached", "server is already attached to network");
    if (server.privateNet.length >= MAX_NETWORKS)
        throw new ApiError(
            "resource_limit_exceeded",
            `at most ${MAX_NETWORKS} networks per server`,
        );
    const range = storedRange(network.ipRange);
    const others = server.privateNet.map((nic) => find(project, "networks", nic.network));
    if (others.some((other) => overlaps(storedRange(other.ipRange), range)))
        throw new ApiError(
            "networks_overlap",
            "network IP range overlaps with one of the server networks",
        );
    const ip = chooseAddress(project, network, {
        zone: locationOf(server.location).network_zone,
        ip: request.ip,
        ipRange: request.ipRange,
    });
    const aliasIps = [...(request.aliasIps ?? [])];
    checkAliases(project, network, aliasIps, []);
    return { network: network.id, ip, aliasIps, mac: cloud.pool.mac() };
}

function nicOf(server: ServerRecord, network: number): PrivateNic {
    const nic = server.privateNet.find((candidate) => candidate.network === network);
    if (nic === undefined) throw new ApiError("invalid_input", "server is not attached to network");
    return nic;
}

interface Prepared {
    readonly network: number;
    readonly apply: () => void;
}
type Work = (project: ProjectState, server: ServerRecord, body: unknown) => Prepared;

export function serverNetworkRoutes(cloud: Cloud): Route[] {
    const works: Record<string, Work> = {
        attach_to_network: (project, server, body) => {
            const input = readBody(attachBody, body);
            const network = find(project, "networks", input.network);
            const nic = newNic(cloud, project, server, network, {
                ip: input.ip ?? undefined,
                aliasIps: input.alias_ips ?? undefined,
                ipRange: input.ip_range ?? undefined,
            });
            return { network: network.id, apply: () => server.privateNet.push(nic) };
        },
        detach_from_network: (_project, server, body) => {
            const { network } = readBody(z.object({ network: field.id }), body);
            const nic = nicOf(server, network);
            return {
                network,
                apply: () => {
                    server.privateNet = server.privateNet.filter((other) => other !== nic);
                },
            };
        },
        change_alias_ips: (project, server, body) => {
            const input = readBody(
                z.object({ network: field.id, alias_ips: z.array(z.string()) }),
                body,
            );
            const nic = nicOf(server, input.network);
            const network = find(project, "networks", input.network);
            checkAliases(project, network, input.alias_ips, nic.aliasIps);
            return {
                network: network.id,
                apply: () => {
                    nic.aliasIps = input.alias_ips;
                },
            };
        },
    };
    return Object.entries(works).map(([command, work]): Route => ({
        method: "POST",
        path: `/servers/:id/actions/${command}`,
        handle: ({ project, params, body }) => {
            const server = find(project, "servers", params.id ?? "");
            cloud.actions.checkUnlocked(server.id);
            const { network, apply } = work(project, server, body);
            return started(
                cloud.actions.start(project, {
                    command,
                    resources: [
                        { id: server.id, type: "server" },
                        { id: network, type: "network" },
                    ],
                    locks: [server.id],
                    apply,
                    finish: () => cloud.power.networksChanged(project, server),
                }),
            );
        },
    }));
}
