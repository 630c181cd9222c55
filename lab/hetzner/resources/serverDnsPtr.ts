import type { Cloud } from "../cloud.ts";
import type { Route } from "../http/route.ts";
import { inCidr } from "../cidr.ts";
import { dnsPtrRoute } from "./dnsPtr.ts";

/** `change_dns_ptr` of a server: changes the primary IP that has the address. */
export function serverDnsPtrRoute(cloud: Cloud): Route {
    return dnsPtrRoute(cloud, "servers", "server", (server, ip, project) => {
        const owned = project.primary_ips.filter((entry) => entry.assignee === server.id);
        const holder = owned.find((entry) =>
            entry.type === "ipv6" ? inCidr(ip, entry.ip) : entry.ip === ip,
        );
        return { ranges: holder ? [holder.ip] : [], names: holder?.ptr ?? {} };
    });
}
