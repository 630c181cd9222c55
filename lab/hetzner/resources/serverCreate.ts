import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ApiError, invalidField } from "../errors.ts";
import { findLocation } from "../catalogue/locations.ts";
import { findServerType } from "../catalogue/serverTypes.ts";
import type { ActionSpec } from "../actions.ts";
import type { Cloud } from "../cloud.ts";
import { type ApiReply, created, field, readBody } from "../http/route.ts";
import { checkUnique, find } from "../state/lookup.ts";
import type { PrimaryIpRecord, ProjectState, ServerRecord } from "../state/model.ts";
import { MAX_FIREWALLS } from "./firewallActions.ts";
import { chooseImage } from "./images.ts";
import { checkRoom } from "./placementGroups.ts";
import { assign, createPrimaryIp } from "./primaryIps.ts";
import { newNic } from "./serverNetwork.ts";
import { startSpec } from "./serverPower.ts";
import { serverView } from "./serverView.ts";

/** RFC 1123 host name, as the API demands of server names. */
export const SERVER_NAME =
    /^(?=.{1,253}$)[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*$/;

const MAX_USER_DATA = 32_768;

const publicNetBody = z.object({
    enable_ipv4: z.boolean().default(true),
    enable_ipv6: z.boolean().default(true),
    ipv4: field.id.nullish(),
    ipv6: field.id.nullish(),
});

const createBody = z.object({
    name: z.string().regex(SERVER_NAME, "must be a valid hostname as per RFC 1123"),
    server_type: field.idOrName,
    image: field.idOrName,
    location: z.string().nullish(),
    ssh_keys: z.array(field.idOrName).nullish(),
    user_data: z.string().nullish(),
    start_after_create: z.boolean().nullish(),
    labels: field.labels,
    volumes: z.array(field.id).nullish(),
    networks: z.array(field.id).nullish(),
    firewalls: z.array(z.object({ firewall: field.id })).nullish(),
    placement_group: field.id.nullish(),
    public_net: publicNetBody.nullish(),
});

type Input = z.output<typeof createBody>;

/** Refuses a type that can't be ordered in the location now, as every attempt to place a server there would. */
export function checkAvailable(cloud: Cloud, serverType: string, location: string): void {
    if (cloud.store.state.unavailable.includes(`${serverType}@${location}`))
        throw new ApiError("resource_unavailable", "error during placement");
}

function place(cloud: Cloud, input: Input) {
    const type = findServerType(input.server_type);
    if (type === undefined) throw invalidField("server_type", "server type not found");
    const location = findLocation(input.location ?? "fsn1");
    if (location === undefined) throw invalidField("location", "location not found");
    if (!Object.hasOwn(type.prices, location.name))
        throw new ApiError("invalid_input", "unsupported location for server type");
    checkAvailable(cloud, type.name, location.name);
    return { type, location: location.name };
}

/** The existing primary IP that the request names, checked; undefined where a new one is to be made. */
function existingIp(
    project: ProjectState,
    id: number | null | undefined,
    type: "ipv4" | "ipv6",
    location: string,
): PrimaryIpRecord | undefined {
    if (id == null) return undefined;
    const ip = find(project, "primary_ips", id);
    if (ip.type !== type)
        throw new ApiError(
            "primary_ip_version_mismatch",
            "the specified primary IP has the wrong IP version",
        );
    if (ip.assignee !== null)
        throw new ApiError("primary_ip_assigned", "primary IP is already assigned to a server");
    if (ip.location !== location)
        throw new ApiError(
            "primary_ip_datacenter_mismatch",
            "the specified primary IP is in a different location",
        );
    return ip;
}

function sshKeyIds(project: ProjectState, wanted: Input["ssh_keys"]): number[] {
    return (wanted ?? []).map((idOrName) => {
        const key = project.ssh_keys.find(
            (candidate) => candidate.id === idOrName || candidate.name === idOrName,
        );
        if (key === undefined) throw new ApiError("invalid_input", "SSH key not found");
        return key.id;
    });
}

/** Everything that can be refused, before anything is made. */
function check(cloud: Cloud, project: ProjectState, input: Input) {
    checkUnique(project, "servers", input.name);
    if (Buffer.byteLength(input.user_data ?? "") > MAX_USER_DATA)
        throw invalidField("user_data", `must be at most ${MAX_USER_DATA} bytes`);
    if (project.servers.length >= cloud.serverLimit)
        throw new ApiError("resource_limit_exceeded", "server limit exceeded");
    const { type, location } = place(cloud, input);
    const net = input.public_net ?? publicNetBody.parse({});
    const networks = (input.networks ?? []).map((id) => find(project, "networks", id));
    if (
        input.start_after_create !== false &&
        !net.enable_ipv4 &&
        !net.enable_ipv6 &&
        networks.length === 0
    )
        throw new ApiError(
            "invalid_input",
            "no public or private network interfaces found, cannot start server",
        );
    const firewalls = (input.firewalls ?? []).map(({ firewall }) =>
        find(project, "firewalls", firewall),
    );
    if (firewalls.length > MAX_FIREWALLS)
        throw invalidField("firewalls", `at most ${MAX_FIREWALLS} firewalls per server`);
    const group =
        input.placement_group == null
            ? undefined
            : find(project, "placement_groups", input.placement_group);
    if (group !== undefined) checkRoom(project, group);
    const volumes = (input.volumes ?? []).map((id) => find(project, "volumes", id));
    for (const volume of volumes)
        if (volume.server !== null || volume.location !== location)
            throw new ApiError("invalid_input", "volume is attached, or in another location");
    return {
        type,
        location,
        net,
        networks,
        firewalls,
        group,
        volumes,
        image: chooseImage(project, input.image, type.architecture),
        sshKeys: sshKeyIds(project, input.ssh_keys),
        ipv4: net.enable_ipv4 ? existingIp(project, net.ipv4, "ipv4", location) : undefined,
        ipv6: net.enable_ipv6 ? existingIp(project, net.ipv6, "ipv6", location) : undefined,
    };
}

type Checked = ReturnType<typeof check>;

function addPublicNet(cloud: Cloud, project: ProjectState, server: ServerRecord, c: Checked): void {
    for (const type of ["ipv4", "ipv6"] as const) {
        if (!c.net[`enable_${type}`]) continue;
        const ip =
            c[type] ??
            createPrimaryIp(cloud, project, {
                name: `primary_ip-${cloud.store.state.nextId}`,
                type,
                location: c.location,
                autoDelete: true,
            });
        assign(server, ip);
    }
}

/** `POST /servers`. Networks given here are attached before the first boot; those attached later come after it. */
export function createServer(cloud: Cloud, project: ProjectState, body: unknown): ApiReply {
    const input = readBody(createBody, body);
    const c = check(cloud, project, input);
    const server: ServerRecord = {
        id: cloud.store.nextId(),
        name: input.name,
        status: "initializing",
        serverType: c.type.name,
        location: c.location,
        image: c.image,
        iso: null,
        rescue: false,
        backupWindow: null,
        protection: { delete: false, rebuild: false },
        primaryDiskSize: c.type.disk,
        userData: input.user_data ?? null,
        sshKeys: c.sshKeys,
        hostAddress: cloud.pool.host(),
        ipv4: null,
        ipv6: null,
        privateNet: [],
        placementGroup: c.group?.id ?? null,
        labels: input.labels ?? {},
        created: new Date().toISOString(),
    };
    for (const network of c.networks)
        server.privateNet.push(newNic(cloud, project, server, network, {}));
    addPublicNet(cloud, project, server, c);
    project.servers.push(server);
    for (const firewall of c.firewalls)
        firewall.appliedTo.push({ type: "server", server: server.id });
    for (const volume of c.volumes) volume.server = server.id;

    const create: ActionSpec = {
        command: "create_server",
        resources: [{ id: server.id, type: "server" }],
        locks: [server.id],
        finish: () => {
            server.status = "off";
        },
    };
    const [action, ...next] = cloud.actions.startChain(
        project,
        input.start_after_create === false ? [create] : [create, startSpec(cloud, project, server)],
    );
    return created({
        server: serverView(cloud, project, server),
        action: { ...action },
        next_actions: next.map((entry) => ({ ...entry })),
        root_password: c.sshKeys.length > 0 ? null : randomBytes(12).toString("base64url"),
    });
}
