import { z } from "zod";
import { SOVEREIGN_LABEL, sovereignLabel } from "../../../components/names.ts";
import type { LabAddresses } from "../../addresses.ts";
import { readJson } from "./readJson.ts";

/** Collections of the API whose resources carry labels (https://docs.hetzner.cloud/reference/cloud). */
const COLLECTIONS = [
    "servers",
    "load_balancers",
    "primary_ips",
    "floating_ips",
    "networks",
    "firewalls",
    "placement_groups",
    "ssh_keys",
    "certificates",
    "volumes",
] as const;

const named = z.array(z.looseObject({ id: z.number(), name: z.string() }));

/** Resources at the emulated Hetzner that carry the Sovereign's label. */
export async function hetznerRemains(
    { hetzner }: Pick<LabAddresses, "hetzner">,
    token: string,
    fqdn: string,
): Promise<string[]> {
    const selector = encodeURIComponent(`${SOVEREIGN_LABEL}=${sovereignLabel(fqdn)}`);
    const found: string[] = [];
    for (const collection of COLLECTIONS) {
        const url = `http://${hetzner.host}:${hetzner.port}/v1/${collection}?label_selector=${selector}`;
        const body = await readJson(url, { Authorization: `Bearer ${token}` });
        const list = named.parse((body as Record<string, unknown>)[collection]);
        found.push(...list.map(({ id, name }) => `Hetzner ${collection} ${id} (${name})`));
    }
    return found;
}
