import type { CloudState, ProjectState } from "../state/model.ts";

function dangling(name: string, project: ProjectState): string[] {
    const problems: string[] = [];
    const check = (where: string, what: string, known: boolean) => {
        if (!known) problems.push(`${name}: ${where} names ${what}, which doesn't exist`);
    };
    const has = (list: readonly { readonly id: number }[], id: number) =>
        list.some((entry) => entry.id === id);
    for (const server of project.servers) {
        const where = `server ${server.id}`;
        for (const nic of server.privateNet)
            check(where, `network ${nic.network}`, has(project.networks, nic.network));
        for (const type of ["ipv4", "ipv6"] as const) {
            const id = server[type];
            if (id === null) continue;
            const ip = project.primary_ips.find((entry) => entry.id === id);
            check(where, `primary IP ${id}`, ip !== undefined);
            if (ip !== undefined && ip.assignee !== server.id)
                problems.push(
                    `${name}: ${where} has primary IP ${id}, which is not assigned to it`,
                );
        }
        if (server.placementGroup !== null)
            check(
                where,
                `placement group ${server.placementGroup}`,
                has(project.placement_groups, server.placementGroup),
            );
    }
    for (const ip of project.primary_ips)
        if (ip.assignee !== null)
            check(
                `primary IP ${ip.id}`,
                `server ${ip.assignee}`,
                has(project.servers, ip.assignee),
            );
    for (const item of [...project.volumes, ...project.floating_ips])
        if (item.server !== null)
            check(
                `${item.name} ${item.id}`,
                `server ${item.server}`,
                has(project.servers, item.server),
            );
    for (const firewall of project.firewalls)
        for (const target of firewall.appliedTo)
            if (target.type === "server")
                check(
                    `firewall ${firewall.id}`,
                    `server ${target.server}`,
                    has(project.servers, target.server),
                );
    for (const balancer of project.load_balancers) {
        const where = `load balancer ${balancer.id}`;
        if (balancer.network !== null)
            check(
                where,
                `network ${balancer.network.network}`,
                has(project.networks, balancer.network.network),
            );
        for (const target of balancer.targets)
            if (target.type === "server")
                check(where, `server ${target.server}`, has(project.servers, target.server));
    }
    return problems;
}

function duplicates(what: string, values: readonly string[]): string[] {
    return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))].map(
        (value) => `${what} ${value} is used twice`,
    );
}

/** What is wrong with a state: references to nothing, addresses and names used twice. Empty when all is well. */
export function invariantProblems(state: CloudState): string[] {
    const projects = Object.entries(state.projects);
    const all = projects.map(([, project]) => project);
    return [
        ...projects.flatMap(([name, project]) => dangling(name, project)),
        ...projects.flatMap(([name, project]) =>
            duplicates(
                `${name}: server name`,
                project.servers.map((server) => server.name),
            ),
        ),
        ...projects.flatMap(([name, project]) =>
            duplicates(
                `${name}: private address`,
                project.servers.flatMap((server) =>
                    server.privateNet.map((nic) => `${nic.ip} in network ${nic.network}`),
                ),
            ),
        ),
        ...duplicates(
            "public address",
            all.flatMap((project) => [
                ...project.primary_ips.map((ip) => ip.ip),
                ...project.floating_ips.map((ip) => ip.ip),
                ...project.load_balancers.map((balancer) => balancer.ipv4),
            ]),
        ),
        ...duplicates(
            "host address",
            all.flatMap((project) => project.servers.map((server) => server.hostAddress)),
        ),
    ];
}
