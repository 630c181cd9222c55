import { isWithin } from "../names.ts";
import { glueObstacle, type RegistrarProfile } from "./profiles.ts";

/** What a person enters at the registrar: `ds` the DS records, `glue` the addresses of name servers below the domain. */
export const BY_HAND = ["ds", "glue"] as const;

export type ByHand = (typeof BY_HAND)[number];

/** A delegation as far as it is written at a registrar. */
export interface AtRegistrar {
    readonly domain: string;
    readonly nameServers: readonly {
        readonly name: string;
        readonly addresses: readonly string[];
    }[];
    readonly ds: readonly string[];
    readonly byHand?: readonly ByHand[] | undefined;
}

/** Why the registrar's API cannot do one part of it, and what to do instead. */
export interface Beyond {
    /** Path of the property. */
    readonly property: string;
    readonly reason: string;
}

/** What is asked of the registrar's API that it does not offer, and that nobody has said to enter by hand. Pure. */
export function beyondApi(profile: RegistrarProfile, asked: AtRegistrar): Beyond[] {
    const { domain, nameServers, ds, byHand = [] } = asked;
    const { name } = profile;
    const found: Beyond[] = [];
    if (!byHand.includes("glue"))
        for (const [i, server] of nameServers.entries()) {
            if (!isWithin(server.name, domain)) continue;
            const obstacle = glueObstacle(profile, server.addresses);
            if (obstacle !== undefined)
                found.push({
                    property: `nameServers[${i}].addresses`,
                    reason: glueRefusal(name, obstacle, domain, server),
                });
        }
    if (!profile.signers && ds.length > 0 && !byHand.includes("ds"))
        found.push({
            property: "ds",
            reason:
                `${name}'s API takes no DS records. Either leave ${domain} unsigned, or say byHand: ["ds"] and enter by hand in ${name}'s ` +
                `control panel, once the name servers are set: ${ds.map((record) => `DS ${record}`).join("; ")}`,
        });
    return found;
}

/** Words for a name server whose addresses the API cannot hold. */
export function glueRefusal(
    registrar: string,
    obstacle: string,
    domain: string,
    server: { readonly name: string; readonly addresses: readonly string[] },
): string {
    return (
        `${obstacle}, and ${server.name} lies in ${domain} itself. Either use name servers outside of it, or say byHand: ["glue"] and ` +
        `first enter by hand in ${registrar}'s control panel: ${hostLine(server)}`
    );
}

/** What a person has to enter at the registrar, in order; empty where the API does it all. Pure. */
export function entriesByHand({ domain, nameServers, ds, byHand = [] }: AtRegistrar): string[] {
    return [
        ...(byHand.includes("glue")
            ? nameServers.filter(({ name }) => isWithin(name, domain)).map(hostLine)
            : []),
        ...(byHand.includes("ds") ? ds.map((record) => `DS ${record}`) : []),
    ];
}

function hostLine(server: {
    readonly name: string;
    readonly addresses: readonly string[];
}): string {
    return `the host ${server.name} with ${server.addresses.join(" and ")}`;
}
