import { locationOf } from "../catalogue/locations.ts";
import { serverTypeOf, serverTypeView } from "../catalogue/serverTypes.ts";
import { findIso } from "../catalogue/isos.ts";
import type { Cloud } from "../cloud.ts";
import { ptrList, ptrOf } from "../reverseDns.ts";
import { firewallsOf, loadBalancersOf } from "../state/lookup.ts";
import type { ProjectState, ServerRecord } from "../state/model.ts";
import { imageViewOf } from "./images.ts";
import { placementGroupView } from "./placementGroups.ts";

function publicNet(project: ProjectState, server: ServerRecord) {
    const ipOf = (id: number | null) => project.primary_ips.find((ip) => ip.id === id);
    const ipv4 = ipOf(server.ipv4);
    const ipv6 = ipOf(server.ipv6);
    return {
        ipv4: ipv4
            ? { id: ipv4.id, ip: ipv4.ip, blocked: false, dns_ptr: ptrOf(ipv4.ptr, ipv4.ip) }
            : null,
        ipv6: ipv6
            ? { id: ipv6.id, ip: ipv6.ip, blocked: false, dns_ptr: ptrList(ipv6.ptr, ipv6.ip) }
            : null,
        floating_ips: project.floating_ips
            .filter((ip) => ip.server === server.id)
            .map((ip) => ip.id),
        firewalls: firewallsOf(project, server).map(({ id }) => ({ id, status: "applied" })),
    };
}

/** A server in the API's shape. */
export function serverView(cloud: Cloud, project: ProjectState, server: ServerRecord) {
    const group = project.placement_groups.find((entry) => entry.id === server.placementGroup);
    return {
        id: server.id,
        name: server.name,
        status: server.status,
        created: server.created,
        public_net: publicNet(project, server),
        private_net: server.privateNet.map((nic) => ({
            network: nic.network,
            ip: nic.ip,
            alias_ips: [...nic.aliasIps],
            mac_address: nic.mac,
        })),
        server_type: serverTypeView(serverTypeOf(server.serverType), cloud.store.state.unavailable),
        location: locationOf(server.location),
        image: imageViewOf(project, server.image),
        iso: server.iso === null ? null : (findIso(server.iso) ?? null),
        rescue_enabled: server.rescue,
        locked: cloud.actions.isLocked(server.id),
        backup_window: server.backupWindow,
        outgoing_traffic: null,
        ingoing_traffic: null,
        included_traffic: 0,
        protection: { ...server.protection },
        labels: server.labels,
        volumes: project.volumes
            .filter((volume) => volume.server === server.id)
            .map((volume) => volume.id),
        load_balancers: loadBalancersOf(project, server).map((balancer) => balancer.id),
        primary_disk_size: server.primaryDiskSize,
        placement_group: group ? placementGroupView(project, group) : null,
    };
}
