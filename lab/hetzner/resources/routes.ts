import type { Cloud } from "../cloud.ts";
import type { Route } from "../http/route.ts";
import { actionRoutes } from "./actions.ts";
import { catalogueRoutes } from "./catalogue.ts";
import { certificateRoutes } from "./certificates.ts";
import { firewallActionRoutes } from "./firewallActions.ts";
import { firewallRoutes } from "./firewalls.ts";
import { floatingIpRoutes } from "./floatingIps.ts";
import { imageRoutes } from "./images.ts";
import { loadBalancerActionRoutes } from "./loadBalancerActions.ts";
import { loadBalancerRoutes } from "./loadBalancers.ts";
import { networkActionRoutes } from "./networkActions.ts";
import { networkRoutes } from "./networks.ts";
import { placementGroupRoutes } from "./placementGroups.ts";
import { primaryIpActionRoutes } from "./primaryIpActions.ts";
import { primaryIpRoutes } from "./primaryIps.ts";
import { rrsetRoutes } from "./rrsetRoutes.ts";
import { serverActionRoutes } from "./serverActions.ts";
import { serverDnsPtrRoute } from "./serverDnsPtr.ts";
import { serverNetworkRoutes } from "./serverNetwork.ts";
import { serverPowerRoutes } from "./serverPower.ts";
import { serverRoutes } from "./servers.ts";
import { sshKeyRoutes } from "./sshKeys.ts";
import { volumeRoutes } from "./volumes.ts";
import { zoneRoutes } from "./zones.ts";

/** Every route of the API. */
export function allRoutes(cloud: Cloud): Route[] {
    return [
        ...catalogueRoutes(cloud),
        ...actionRoutes(),
        ...sshKeyRoutes(cloud),
        ...placementGroupRoutes(cloud),
        ...networkRoutes(cloud),
        ...networkActionRoutes(cloud),
        ...primaryIpRoutes(cloud),
        ...primaryIpActionRoutes(cloud),
        ...floatingIpRoutes(cloud),
        ...firewallRoutes(cloud),
        ...firewallActionRoutes(cloud),
        ...imageRoutes(cloud),
        ...serverRoutes(cloud),
        ...serverPowerRoutes(cloud),
        ...serverNetworkRoutes(cloud),
        ...serverActionRoutes(cloud),
        serverDnsPtrRoute(cloud),
        ...volumeRoutes(cloud),
        ...certificateRoutes(cloud),
        ...loadBalancerRoutes(cloud),
        ...loadBalancerActionRoutes(cloud),
        ...zoneRoutes(cloud),
        ...rrsetRoutes(cloud),
    ];
}
