import { z } from "zod";
import { ApiError } from "../errors.ts";
import { loadBalancerTypeOf } from "../catalogue/loadBalancerTypes.ts";
import type { Cloud } from "../cloud.ts";
import { field } from "../http/route.ts";
import { compileSelector } from "../labels.ts";
import { serversOfTarget } from "../state/lookup.ts";
import type { LoadBalancerRecord, LoadBalancerTarget, ProjectState } from "../state/model.ts";

const usePrivateIp = z.boolean().nullish();

export const targetBody = z.discriminatedUnion("type", [
    z.object({
        type: z.literal("server"),
        server: z.object({ id: field.id }),
        use_private_ip: usePrivateIp,
    }),
    z.object({
        type: z.literal("label_selector"),
        label_selector: z.object({ selector: z.string().min(1) }),
        use_private_ip: usePrivateIp,
    }),
    z.object({
        type: z.literal("ip"),
        ip: z.object({ ip: z.string() }),
        use_private_ip: usePrivateIp,
    }),
]);

/** A target as the state keeps it. */
export function targetOf(input: z.output<typeof targetBody>): LoadBalancerTarget {
    const shared = { usePrivateIp: input.use_private_ip ?? false };
    switch (input.type) {
        case "server":
            return { type: "server", server: input.server.id, ...shared };
        case "label_selector":
            compileSelector(input.label_selector.selector, "label_selector.selector");
            return { type: "label_selector", selector: input.label_selector.selector, ...shared };
        case "ip":
            return { type: "ip", ip: input.ip.ip, usePrivateIp: false };
    }
}

/** Whether both name the same; how it is reached doesn't matter. */
export function sameTarget(a: LoadBalancerTarget, b: LoadBalancerTarget): boolean {
    switch (a.type) {
        case "server":
            return b.type === "server" && a.server === b.server;
        case "label_selector":
            return b.type === "label_selector" && a.selector === b.selector;
        case "ip":
            return b.type === "ip" && a.ip === b.ip;
    }
}

type Balancer = Pick<
    LoadBalancerRecord,
    "loadBalancerType" | "network" | "publicEnabled" | "targets"
>;

function checkReachable(
    cloud: Cloud,
    project: ProjectState,
    balancer: Balancer,
    target: LoadBalancerTarget,
) {
    if (target.type === "ip") {
        if (!cloud.ownedAddresses.includes(target.ip))
            throw new ApiError("ip_not_owned", "IP is not owned by the project owner");
        return;
    }
    if (target.usePrivateIp && balancer.network === null)
        throw new ApiError(
            "load_balancer_not_attached_to_network",
            "load balancer is not attached to a network",
        );
    if (!target.usePrivateIp && !balancer.publicEnabled)
        throw new ApiError(
            "load_balancer_public_interface_disabled",
            "load balancer public interface is disabled, cannot add target using public IP",
        );
    if (target.type !== "server") return;
    const [server] = serversOfTarget(project, target);
    if (server === undefined) throw new ApiError("invalid_input", "cloud target was not found");
    if (target.usePrivateIp) {
        const attached = server.privateNet.some((nic) => nic.network === balancer.network?.network);
        if (!attached)
            throw new ApiError(
                "server_not_attached_to_network",
                "server is not attached to the load balancer's network",
            );
    } else if (server.ipv4 === null)
        throw new ApiError("missing_ipv4", "server has no public IPv4 address");
}

/** Refuses a target that is there already, can't be reached, or is one too many. */
export function checkTargetFits(
    cloud: Cloud,
    project: ProjectState,
    balancer: Balancer,
    target: LoadBalancerTarget,
): void {
    if (balancer.targets.some((other) => sameTarget(other, target)))
        throw new ApiError("target_already_defined", "target already defined");
    checkReachable(cloud, project, balancer, target);
    const { max_targets: max } = loadBalancerTypeOf(balancer.loadBalancerType);
    if (balancer.targets.length >= max)
        throw new ApiError("resource_limit_exceeded", `at most ${max} targets`);
}
