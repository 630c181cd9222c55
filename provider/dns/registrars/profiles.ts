/** Registrars whose API can give a domain its name servers. */
export type RegistrarKey = "dynadot" | "cloudflare" | "namecheap" | "godaddy" | "ovh";

/** `via` of a delegation that is written at a registrar. */
export type RegistrarVia = `${RegistrarKey}-registrar`;

/** What a registrar's API takes besides name servers. */
export interface RegistrarProfile {
    readonly key: RegistrarKey;
    /** Its name, for people. */
    readonly name: string;
    /** Host records, the glue of name servers below the domain: none, one IPv4 address each, or any. */
    readonly glue: "none" | "one-ipv4" | "any";
    /** Whether it takes DS records (or the keys that it makes them of). */
    readonly signers: boolean;
}

/**
 * What the APIs offer, by their documentation:
 * - Dynadot: https://www.dynadot.com/domain/api-document
 * - Cloudflare: https://developers.cloudflare.com/api/resources/zones/methods/edit has neither host nor DS records, and lists no
 *   name servers among what can be edited: they are sent, and believed only once they are read back.
 * - Namecheap: https://www.namecheap.com/support/api/methods/domains-ns/create has one `IP` of at most 15 characters; there is no
 *   method for DNSSEC in https://www.namecheap.com/support/api/methods/
 * - GoDaddy: https://developer.godaddy.com/doc/endpoint/domains, whose version 1 has neither.
 * - OVHcloud: https://eu.api.ovh.com/console/ (`/domain`); it takes keys and makes the DS records of them.
 */
export const REGISTRARS: Readonly<Record<RegistrarKey, RegistrarProfile>> = {
    dynadot: { key: "dynadot", name: "Dynadot", glue: "any", signers: true },
    cloudflare: { key: "cloudflare", name: "Cloudflare", glue: "none", signers: false },
    namecheap: { key: "namecheap", name: "Namecheap", glue: "one-ipv4", signers: false },
    godaddy: { key: "godaddy", name: "GoDaddy", glue: "none", signers: false },
    ovh: { key: "ovh", name: "OVHcloud", glue: "any", signers: true },
};

/** The registrar that a delegation is written at; undefined where it is written elsewhere. */
export function registrarOf(via: string): RegistrarProfile | undefined {
    return Object.values(REGISTRARS).find(({ key }) => via === `${key}-registrar`);
}

/** Why the API cannot hold a name server below the domain with these addresses; undefined where it can. */
export function glueObstacle(
    { name, glue }: RegistrarProfile,
    addresses: readonly string[],
): string | undefined {
    if (glue === "none") return `${name}'s API has no host records`;
    if (glue === "any") return undefined;
    const [first, ...more] = addresses;
    if (first === undefined || (more.length === 0 && !first.includes(":"))) return undefined;
    return `a host record in ${name}'s API has exactly one address, an IPv4 one`;
}
