import type { CallContext } from "../../framework/resource.ts";
import { keysOf, type ZoneKey } from "../lookup/delegationSigners.ts";
import { queryServer } from "../lookup/query.ts";
import { Resolver } from "../lookup/resolver.ts";
import type { AtRegistrar } from "./byHand.ts";

/** Keys that the zone serves at the first of its name servers that answers. Throws where none does. */
export async function zoneKeys(
    { domain, nameServers }: Pick<AtRegistrar, "domain" | "nameServers">,
    context: Pick<CallContext, "config" | "signal">,
): Promise<readonly ZoneKey[]> {
    const { config, signal } = context;
    const resolver = new Resolver(config);
    let failure: unknown;
    for (const { name, addresses } of nameServers) {
        try {
            const known = addresses.length > 0 ? addresses : await resolver.addresses(name, signal);
            for (const address of known) {
                const server = resolver.authoritative(address);
                const options = { recursive: false, signal };
                const reply = await queryServer(server, domain, "DNSKEY", options);
                if (reply.code === "NOERROR" && reply.authoritative) return keysOf(reply.answers);
            }
        } catch (error) {
            signal.throwIfAborted();
            failure = error;
        }
    }
    throw new Error(`no name server of ${domain} answers for its keys`, { cause: failure });
}
