import type { CheckFailure, CheckResult } from "../../framework/resource.ts";
import {
    containsUnknown,
    isUnknown,
    type MaybeUnknown,
    type PreviewProps,
} from "../../framework/values.ts";
import { canonicalAddress } from "../addresses.ts";
import { canonicalContent } from "../contents.ts";
import { canonicalName, InvalidDnsData, isWithin } from "../names.ts";
import { beyondApi } from "../registrars/byHand.ts";
import { registrarOf } from "../registrars/profiles.ts";
import type { DelegationInputs, NameServer } from "./types.ts";

type Attempt = (
    property: string,
    value: MaybeUnknown<string>,
    parse: (text: string) => string,
) => MaybeUnknown<string>;

/** Checks what is known of a delegation offline, and writes it the one canonical way. */
export function checkDelegation(
    inputs: PreviewProps<DelegationInputs>,
): CheckResult<DelegationInputs> {
    const failures: CheckFailure[] = [];
    const attempt: Attempt = (property, value, parse) => {
        if (isUnknown(value)) return value;
        try {
            return parse(value);
        } catch (error) {
            if (!(error instanceof InvalidDnsData)) throw error;
            failures.push({ property, reason: error.message });
            return value;
        }
    };
    const domain = attempt("domain", inputs.domain, canonicalName);
    const parent =
        inputs.parent === undefined ? undefined : attempt("parent", inputs.parent, canonicalName);
    const nameServers = isUnknown(inputs.nameServers)
        ? inputs.nameServers
        : inputs.nameServers.map((server, i) =>
              isUnknown(server) ? server : checkServer(server, `nameServers[${i}]`, attempt),
          );
    const ds = isUnknown(inputs.ds)
        ? inputs.ds
        : inputs.ds.map((record, i) =>
              attempt(`ds[${i}]`, record, (text) => canonicalContent("DS", text)),
          );
    const checked = {
        ...inputs,
        domain,
        ...(parent === undefined ? {} : { parent }),
        nameServers,
        ds,
    } as PreviewProps<DelegationInputs>;
    if (failures.length === 0) failures.push(...acrossProperties(checked));
    return { inputs: checked, failures };
}

function checkServer(
    server: { readonly [K in keyof NameServer]: MaybeUnknown<NameServer[K]> },
    path: string,
    attempt: Attempt,
) {
    return {
        name: attempt(`${path}.name`, server.name, canonicalName),
        addresses: isUnknown(server.addresses)
            ? server.addresses
            : server.addresses.map((address, i) =>
                  attempt(`${path}.addresses[${i}]`, address, canonicalAddress),
              ),
    };
}

function acrossProperties(inputs: PreviewProps<DelegationInputs>): CheckFailure[] {
    const failures: CheckFailure[] = [];
    const { via, parent, domain, nameServers } = inputs;
    const inZone = via === "powerdns" || via === "dynadot-zone";
    if (inZone && parent === undefined)
        failures.push({
            property: "parent",
            reason: `is required where the delegation is written in a zone (via: ${via}); expected the zone above ${isUnknown(domain) ? "the domain" : domain}`,
        });
    if (typeof parent === "string" && !isUnknown(domain) && !isBelow(domain, parent))
        failures.push({ property: "domain", reason: `${domain} does not lie below ${parent}` });
    if (via === "external" || isUnknown(domain) || isUnknown(nameServers)) return failures;
    for (const [i, server] of nameServers.entries()) {
        if (isUnknown(server) || containsUnknown(server)) continue;
        const { name, addresses } = server as NameServer;
        if (isWithin(name, domain) && addresses.length === 0)
            failures.push({
                property: `nameServers[${i}].addresses`,
                reason: `${name} lies in the delegated zone itself, so the parent must hold its address; expected at least one`,
            });
    }
    return [...failures, ...atRegistrar(inputs)];
}

/** What is known of a delegation that the registrar's API cannot write. */
function atRegistrar(inputs: PreviewProps<DelegationInputs>): CheckFailure[] {
    const { via, domain, nameServers, ds, byHand } = inputs;
    const profile = isUnknown(via) ? undefined : registrarOf(via);
    if (profile === undefined || isUnknown(domain) || containsUnknown(byHand)) return [];
    return beyondApi(profile, {
        domain,
        nameServers: containsUnknown(nameServers) ? [] : (nameServers as NameServer[]),
        ds: containsUnknown(ds) ? [] : (ds as string[]),
        byHand: byHand as DelegationInputs["byHand"],
    });
}

function isBelow(domain: string, parent: string): boolean {
    return domain !== parent && isWithin(domain, parent);
}
