import { loadBalancerTypeOf } from "../catalogue/loadBalancerTypes.ts";
import { locationOf } from "../catalogue/locations.ts";
import type { Cloud } from "../cloud.ts";
import { ptrOf } from "../reverseDns.ts";
import { serversOfTarget } from "../state/lookup.ts";
import type { LoadBalancerRecord, LoadBalancerTarget, ProjectState } from "../state/model.ts";

function targetView(
    cloud: Cloud,
    project: ProjectState,
    balancer: LoadBalancerRecord,
    target: LoadBalancerTarget,
) {
    const healthOf = (member: string) =>
        balancer.services.map((service) => ({
            listen_port: service.listen_port,
            status: cloud.health.status(balancer.id, service.listen_port, member),
        }));
    switch (target.type) {
        case "server":
            return {
                type: "server",
                server: { id: target.server },
                use_private_ip: target.usePrivateIp,
                health_status: healthOf(`server-${target.server}`),
            };
        case "ip":
            return {
                type: "ip",
                ip: { ip: target.ip },
                use_private_ip: false,
                health_status: healthOf(`ip-${target.ip}`),
            };
        case "label_selector":
            return {
                type: "label_selector",
                label_selector: { selector: target.selector },
                use_private_ip: target.usePrivateIp,
                health_status: [],
                targets: serversOfTarget(project, target).map((server) => ({
                    type: "server",
                    server: { id: server.id },
                    use_private_ip: target.usePrivateIp,
                    health_status: healthOf(`server-${server.id}`),
                })),
            };
    }
}

/** A load balancer in the API's shape. */
export function loadBalancerView(
    cloud: Cloud,
    project: ProjectState,
    balancer: LoadBalancerRecord,
) {
    return {
        id: balancer.id,
        name: balancer.name,
        public_net: {
            enabled: balancer.publicEnabled,
            ipv4: { ip: balancer.ipv4, dns_ptr: ptrOf(balancer.ptr, balancer.ipv4) },
            ipv6: { ip: balancer.ipv6, dns_ptr: ptrOf(balancer.ptr, balancer.ipv6) },
        },
        private_net: balancer.network === null ? [] : [{ ...balancer.network }],
        location: locationOf(balancer.location),
        load_balancer_type: loadBalancerTypeOf(balancer.loadBalancerType),
        protection: { ...balancer.protection },
        labels: balancer.labels,
        created: balancer.created,
        services: balancer.services.map(({ http, ...service }) => ({
            ...service,
            ...(http === null ? {} : { http }),
        })),
        targets: balancer.targets.map((target) => targetView(cloud, project, balancer, target)),
        algorithm: { type: balancer.algorithm },
        included_traffic: 0,
        outgoing_traffic: null,
        ingoing_traffic: null,
    };
}
