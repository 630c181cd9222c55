import type { LabAddresses } from "../../addresses.ts";
import type { LabCredentials } from "../../parts.ts";
import { dynadotRemains } from "./dynadot.ts";
import { hetznerRemains } from "./hetzner.ts";
import { powerDnsRemains } from "./powerdns.ts";

/** Where to look, and for which Sovereign. */
export interface Search {
    readonly addresses: LabAddresses;
    readonly credentials: LabCredentials;
    readonly fqdn: string;
}

/** What is left of a Sovereign at Hetzner, PowerDNS and Dynadot, one line each; empty when nothing is. */
export async function remains(search: Search): Promise<readonly string[]> {
    const { addresses, credentials, fqdn } = search;
    const found = await Promise.all([
        hetznerRemains(addresses, credentials.hcloudToken, fqdn),
        powerDnsRemains(addresses, credentials.powerdnsApiKey, fqdn),
        dynadotRemains(addresses, fqdn),
    ]);
    return found.flat();
}
