import { Resolver } from "node:dns/promises";
import type { RegistryDelegation } from "../parts.ts";
import { DynadotRefusal } from "./accountState.ts";

/** Milliseconds that a name server has for its answer. */
const TIMEOUT = 1000;

/**
 * Asks every name server whose address the registry holds for the domain's SOA, as some registries do before they take a
 * delegation.
 *
 * @param port - on which the name servers are asked
 * @throws DynadotRefusal naming the first that has no answer
 */
export async function inspectDelegation(
    { domain, nameServers, glue }: RegistryDelegation,
    port: number,
): Promise<void> {
    for (const name of nameServers)
        for (const address of glue[name] ?? []) {
            const resolver = new Resolver({ timeout: TIMEOUT, tries: 1 });
            resolver.setServers([
                address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
            ]);
            try {
                await resolver.resolveSoa(domain);
            } catch {
                throw new DynadotRefusal(`DNS queries for ${domain} to ${name} must respond`);
            }
        }
}
