import { z } from "zod";
import { ApiError, invalidField } from "../errors.ts";
import { findLoadBalancerType } from "../catalogue/loadBalancerTypes.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, field, protectionBody, readBody, started } from "../http/route.ts";
import { find } from "../state/lookup.ts";
import type { LoadBalancerRecord, ProjectState } from "../state/model.ts";
import { dnsPtrRoute } from "./dnsPtr.ts";
import {
    attachToNetwork,
    detachFromNetwork,
    disablePublicInterface,
} from "./loadBalancerNetwork.ts";
import {
    changedService,
    checkServiceFits,
    newService,
    serviceBody,
    serviceOn,
    updateServiceBody,
} from "./loadBalancerServices.ts";
import { checkTargetFits, sameTarget, targetBody, targetOf } from "./loadBalancerTargets.ts";
import { algorithmBody } from "./loadBalancers.ts";

/** Checks a request and returns what is going to be done. */
type Prepare = (project: ProjectState, balancer: LoadBalancerRecord, body: unknown) => () => void;

const deleteServiceBody = z.object({ listen_port: z.number().int() });

function prepares(cloud: Cloud): Record<string, Prepare> {
    return {
        add_service: (project, balancer, body) => {
            const service = newService(project, readBody(serviceBody, body));
            checkServiceFits(balancer, service);
            return () => balancer.services.push(service);
        },
        update_service: (project, balancer, body) => {
            const input = readBody(updateServiceBody, body);
            const service = serviceOn(balancer, input.listen_port);
            const changed = changedService(project, service, input);
            return () => Object.assign(service, changed);
        },
        delete_service: (_project, balancer, body) => {
            const service = serviceOn(balancer, readBody(deleteServiceBody, body).listen_port);
            return () => {
                balancer.services = balancer.services.filter((other) => other !== service);
            };
        },
        add_target: (project, balancer, body) => {
            const target = targetOf(readBody(targetBody, body));
            checkTargetFits(cloud, project, balancer, target);
            return () => balancer.targets.push(target);
        },
        remove_target: (_project, balancer, body) => {
            const target = targetOf(readBody(targetBody, body));
            if (!balancer.targets.some((other) => sameTarget(other, target)))
                throw new ApiError("load_balancer_target_not_found", "target not found");
            return () => {
                balancer.targets = balancer.targets.filter((other) => !sameTarget(other, target));
            };
        },
        attach_to_network: attachToNetwork,
        detach_from_network: detachFromNetwork,
        change_algorithm: (_project, balancer, body) => {
            const { type } = readBody(algorithmBody, body);
            return () => {
                balancer.algorithm = type;
            };
        },
        change_protection: (_project, balancer, body) => {
            const wanted = readBody(protectionBody, body).delete ?? balancer.protection.delete;
            return () => {
                balancer.protection.delete = wanted;
            };
        },
        change_type: (_project, balancer, body) => {
            const wanted = readBody(z.object({ load_balancer_type: field.idOrName }), body);
            const type = findLoadBalancerType(wanted.load_balancer_type);
            if (type === undefined) throw invalidField("load_balancer_type", "not found");
            if (
                balancer.services.length > type.max_services ||
                balancer.targets.length > type.max_targets
            )
                throw new ApiError(
                    "invalid_load_balancer_type",
                    "load balancer type does not fit for the given load balancer",
                );
            return () => {
                balancer.loadBalancerType = type.name;
            };
        },
        enable_public_interface: (_project, balancer) => () => {
            balancer.publicEnabled = true;
        },
        disable_public_interface: disablePublicInterface,
    };
}

/** Commands that are not called like their routes. */
const COMMANDS: Readonly<Record<string, string>> = { change_type: "change_load_balancer_type" };

export function loadBalancerActionRoutes(cloud: Cloud): Route[] {
    return [
        dnsPtrRoute(cloud, "load_balancers", "load_balancer", (balancer) => ({
            ranges: [balancer.ipv4, balancer.ipv6],
            names: balancer.ptr,
        })),
        ...Object.entries(prepares(cloud)).map(([name, prepare]): Route => ({
            method: "POST",
            path: `/load_balancers/:id/actions/${name}`,
            handle: ({ project, params, body }) => {
                const balancer = find(project, "load_balancers", params.id ?? "");
                const apply = prepare(project, balancer, body);
                return started(
                    cloud.actions.start(project, {
                        command: COMMANDS[name] ?? name,
                        resources: [{ id: balancer.id, type: "load_balancer" }],
                        apply,
                    }),
                );
            },
        })),
    ];
}
