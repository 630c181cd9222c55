import { ApiError, notFound } from "../errors.ts";
import { matchesSelector } from "../labels.ts";
import type {
    FirewallRecord,
    Kind,
    LoadBalancerRecord,
    LoadBalancerTarget,
    ProjectState,
    Resource,
    ServerRecord,
} from "./model.ts";

/** Name of a kind in messages. */
const SINGULAR: Readonly<Record<Kind, string>> = {
    servers: "server",
    networks: "network",
    primary_ips: "primary ip",
    floating_ips: "floating ip",
    firewalls: "firewall",
    load_balancers: "load balancer",
    placement_groups: "placement group",
    ssh_keys: "ssh key",
    volumes: "volume",
    certificates: "certificate",
    images: "image",
    zones: "zone",
};

/** The resource with that id. Throws `not_found`. */
export function find<K extends Kind>(
    project: ProjectState,
    kind: K,
    id: string | number,
): ProjectState[K][number] {
    const found = (project[kind] as Resource[]).find((resource) => resource.id === Number(id));
    if (found === undefined) throw notFound(SINGULAR[kind], id);
    return found as ProjectState[K][number];
}

/** Refuses a name that another resource of the kind has. */
export function checkUnique(project: ProjectState, kind: Kind, name: string, self?: number): void {
    if ((project[kind] as Resource[]).some((other) => other.name === name && other.id !== self))
        throw new ApiError("uniqueness_error", "name is already used", {
            fields: [{ name: "name" }],
        });
}

/** Takes a resource out of the project. */
export function drop(project: ProjectState, kind: Kind, id: number): void {
    const list = project[kind] as Resource[];
    const index = list.findIndex((resource) => resource.id === id);
    if (index >= 0) list.splice(index, 1);
}

/** Firewalls in force at a server, directly or by their label selector. */
export function firewallsOf(project: ProjectState, server: ServerRecord): FirewallRecord[] {
    return project.firewalls.filter((firewall) =>
        firewall.appliedTo.some((target) =>
            target.type === "server"
                ? target.server === server.id
                : matchesSelector(target.selector, server.labels),
        ),
    );
}

/** Servers that a load balancer's target stands for. */
export function serversOfTarget(project: ProjectState, target: LoadBalancerTarget): ServerRecord[] {
    if (target.type === "ip") return [];
    return project.servers.filter((server) =>
        target.type === "server"
            ? server.id === target.server
            : matchesSelector(target.selector, server.labels),
    );
}

/** Load balancers that a server is a target of. */
export function loadBalancersOf(project: ProjectState, server: ServerRecord): LoadBalancerRecord[] {
    return project.load_balancers.filter((balancer) =>
        balancer.targets.some((target) => serversOfTarget(project, target).includes(server)),
    );
}
