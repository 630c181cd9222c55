import { canonicalName, InvalidDnsData } from "../names.ts";
import { REGISTRARS, type RegistrarVia } from "../registrars/profiles.ts";
import type { DelegationInputs } from "./types.ts";

type Address = Pick<DelegationInputs, "domain" | "via" | "parent">;

const EXPECTED =
    "expected powerdns/<parent zone>/<domain>, dynadot-zone/<parent zone>/<domain> or <registrar>-registrar/<domain> (dynadot, cloudflare, namecheap, godaddy, ovh)";

/** What a person types at an import: the bare id, the domain, would not say where to look. */
export function parseImportId(id: string): Address {
    const [via = "", ...names] = id.split("/");
    if ((via === "powerdns" || via === "dynadot-zone") && names.length === 2) {
        const [parent = "", domain = ""] = names;
        return { via, parent: canonicalName(parent), domain: canonicalName(domain) };
    }
    if (isRegistrarVia(via) && names.length === 1)
        return { via, domain: canonicalName(names[0] ?? "") };
    throw new InvalidDnsData(`"${id}" does not say where a delegation is; ${EXPECTED}`);
}

function isRegistrarVia(via: string): via is RegistrarVia {
    return Object.keys(REGISTRARS).some((key) => via === `${key}-registrar`);
}
