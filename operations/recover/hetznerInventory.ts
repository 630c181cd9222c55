import { z } from "zod";
import { SOVEREIGN_LABEL, sovereignLabel } from "../../components/names.ts";
import { hetznerRequest } from "../../provider/cloud/hetznerRequest.ts";
import type { HetznerAccess } from "../../provider/cloud/hetznerRequest.ts";

/**
 * Collections of the API whose resources carry labels (https://docs.hetzner.cloud/reference/cloud), with the type of the resource
 * that stands for each in a state; in the order in which they can be deleted.
 */
export const COLLECTIONS = {
    servers: "hcloud:index/server:Server",
    load_balancers: "hcloud:index/loadBalancer:LoadBalancer",
    networks: "hcloud:index/network:Network",
    firewalls: "hcloud:index/firewall:Firewall",
    volumes: "hcloud:index/volume:Volume",
    primary_ips: "hcloud:index/primaryIp:PrimaryIp",
    floating_ips: "hcloud:index/floatingIp:FloatingIp",
    placement_groups: "hcloud:index/placementGroup:PlacementGroup",
    certificates: "hcloud:index/uploadedCertificate:UploadedCertificate",
    ssh_keys: "hcloud:index/sshKey:SshKey",
} as const;

export type Collection = keyof typeof COLLECTIONS;

/** A resource in a project at Hetzner. */
export interface HetznerThing {
    readonly collection: Collection;
    /** Type of the resource that stands for it in a state. */
    readonly type: string;
    readonly id: string;
    readonly name: string;
}

const listed = z.looseObject({
    id: z.number(),
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
});

const paginated = z.looseObject({
    meta: z
        .object({ pagination: z.object({ next_page: z.number().nullish() }).nullish() })
        .nullish(),
});

/**
 * Everything in the project that carries the Sovereign's label; and what has one of `names` and no Sovereign's label at all, as after
 * somebody removed it. What carries another Sovereign's label is never in it.
 */
export async function hetznerInventory(
    access: HetznerAccess,
    fqdn: string,
    names: ReadonlySet<string>,
    signal: AbortSignal,
): Promise<readonly HetznerThing[]> {
    const found: HetznerThing[] = [];
    for (const [collection, type] of Object.entries(COLLECTIONS) as [Collection, string][])
        for (const { id, name, labels } of await all(access, collection, signal)) {
            const label = labels[SOVEREIGN_LABEL];
            const ours = label === undefined ? names.has(name) : label === sovereignLabel(fqdn);
            if (ours) found.push({ collection, type, id: String(id), name });
        }
    return found;
}

async function all(access: HetznerAccess, collection: Collection, signal: AbortSignal) {
    const result: z.infer<typeof listed>[] = [];
    for (let page: number | null | undefined = 1; page;) {
        const path = `${collection}?page=${page}&per_page=50`;
        const { body } = await hetznerRequest(access, "GET", path, { signal });
        const { meta, ...rest } = paginated.parse(body);
        result.push(...z.array(listed).parse(rest[collection]));
        page = meta?.pagination?.next_page;
    }
    return result;
}
