import { ApiError, notFound } from "../errors.ts";
import type { Cloud } from "../cloud.ts";
import { ISOS, findIso } from "../catalogue/isos.ts";
import { LOAD_BALANCER_TYPES, findLoadBalancerType } from "../catalogue/loadBalancerTypes.ts";
import { LOCATIONS, findLocation } from "../catalogue/locations.ts";
import { pricingView } from "../catalogue/pricing.ts";
import { SERVER_TYPES, findServerType, serverTypeView } from "../catalogue/serverTypes.ts";
import { listReply } from "../http/query.ts";
import { type Route, ok } from "../http/route.ts";

interface Collection {
    readonly path: string;
    readonly list: string;
    readonly single: string;
    readonly kind: string;
    readonly all: () => readonly object[];
    readonly find: (id: string) => object | undefined;
}

function readOnly(collection: Collection): Route[] {
    return [
        {
            method: "GET",
            path: collection.path,
            handle: ({ query }) =>
                listReply(collection.all() as Record<string, unknown>[], query, {
                    key: collection.list,
                    filters: ["architecture"],
                }),
        },
        {
            method: "GET",
            path: `${collection.path}/:id`,
            handle: ({ params }) => {
                const id = params.id ?? "";
                const found = /^\d+$/.test(id) ? collection.find(id) : undefined;
                if (found === undefined) throw notFound(collection.kind, id);
                return ok({ [collection.single]: found });
            },
        },
    ];
}

function gone(path: string): Route {
    return {
        method: "GET",
        path,
        handle: () => {
            throw new ApiError(
                "deprecated_api_endpoint",
                "this API endpoint was removed, use locations instead",
                { announcement: "https://docs.hetzner.cloud/changelog" },
            );
        },
    };
}

/** What the cloud offers: locations, types, ISOs, prices; and the removed `/datacenters`. */
export function catalogueRoutes(cloud: Cloud): Route[] {
    const serverType = (type: (typeof SERVER_TYPES)[number]) =>
        serverTypeView(type, cloud.store.state.unavailable);
    return [
        ...readOnly({
            path: "/locations",
            list: "locations",
            single: "location",
            kind: "location",
            all: () => LOCATIONS,
            find: findLocation,
        }),
        ...readOnly({
            path: "/server_types",
            list: "server_types",
            single: "server_type",
            kind: "server type",
            all: () => SERVER_TYPES.map(serverType),
            find: (id) => {
                const type = findServerType(id);
                return type && serverType(type);
            },
        }),
        ...readOnly({
            path: "/load_balancer_types",
            list: "load_balancer_types",
            single: "load_balancer_type",
            kind: "load balancer type",
            all: () => LOAD_BALANCER_TYPES,
            find: findLoadBalancerType,
        }),
        ...readOnly({
            path: "/isos",
            list: "isos",
            single: "iso",
            kind: "iso",
            all: () => ISOS,
            find: findIso,
        }),
        { method: "GET", path: "/pricing", handle: () => ok({ pricing: pricingView() }) },
        gone("/datacenters"),
        gone("/datacenters/:id"),
    ];
}
