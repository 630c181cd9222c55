import { z } from "zod";
import { ApiError } from "../errors.ts";
import { locationOf } from "../catalogue/locations.ts";
import { field, readBody } from "../http/route.ts";
import { find } from "../state/lookup.ts";
import type { LoadBalancerRecord, ProjectState } from "../state/model.ts";
import { chooseAddress } from "./subnets.ts";

/** Takes the load balancer off its network; targets that were reached through it go too. */
export function detachLoadBalancer(balancer: LoadBalancerRecord): void {
    balancer.network = null;
    balancer.targets = balancer.targets.filter((target) => !target.usePrivateIp);
}

/** The attachment that a request asks for. Throws what the API refuses it with. */
export function prepareAttachment(
    project: ProjectState,
    balancer: Pick<LoadBalancerRecord, "location" | "network">,
    request: {
        readonly network: number;
        readonly ip?: string | undefined;
        readonly ipRange?: string | undefined;
    },
): { network: number; ip: string } {
    const network = find(project, "networks", request.network);
    if (balancer.network !== null)
        throw new ApiError(
            "load_balancer_already_attached",
            "load balancer is already attached to a network",
        );
    const ip = chooseAddress(project, network, {
        zone: locationOf(balancer.location).network_zone,
        ip: request.ip,
        ipRange: request.ipRange,
    });
    return { network: network.id, ip };
}

const attachBody = z.object({
    network: field.id,
    ip: z.string().nullish(),
    ip_range: z.string().nullish(),
});

/** What `attach_to_network` is going to do. */
export function attachToNetwork(
    project: ProjectState,
    balancer: LoadBalancerRecord,
    body: unknown,
): () => void {
    const input = readBody(attachBody, body);
    const attachment = prepareAttachment(project, balancer, {
        network: input.network,
        ip: input.ip ?? undefined,
        ipRange: input.ip_range ?? undefined,
    });
    return () => {
        balancer.network = attachment;
    };
}

function checkAttached(balancer: LoadBalancerRecord): void {
    if (balancer.network === null)
        throw new ApiError(
            "load_balancer_not_attached_to_network",
            "load balancer is not attached to a network",
        );
}

/** What `detach_from_network` is going to do. */
export function detachFromNetwork(
    _project: ProjectState,
    balancer: LoadBalancerRecord,
    body: unknown,
): () => void {
    const { network } = readBody(z.object({ network: field.id }), body);
    if (balancer.network?.network !== network)
        throw new ApiError(
            "load_balancer_not_attached_to_network",
            "load balancer is not attached to a network",
        );
    return () => {
        detachLoadBalancer(balancer);
    };
}

/** What `disable_public_interface` is going to do. */
export function disablePublicInterface(
    _project: ProjectState,
    balancer: LoadBalancerRecord,
): () => void {
    checkAttached(balancer);
    if (balancer.targets.some((target) => !target.usePrivateIp))
        throw new ApiError(
            "targets_without_use_private_ip",
            "load balancer has targets that use the public IP instead of the private IP",
        );
    return () => {
        balancer.publicEnabled = false;
    };
}
