import { hostNames } from "../../components/names.ts";
import type { DelegationMode, DomainMode } from "../model.ts";
import { isPoolLabel, isWithin, RESERVED_LABELS } from "../names.ts";
import { removeLine, setLine, show } from "../problem.ts";
import { registrarRules } from "./registrarRules.ts";
import { rule, when } from "./rule.ts";
import type { Rule } from "./rule.ts";

/** Who can write the parent side in each mode; the first is the default. */
const DELEGATIONS: Readonly<Record<DomainMode, readonly [DelegationMode, ...DelegationMode[]]>> = {
    pool: ["powerdns", "dynadot", "external"],
    "byo-api": ["dynadot", "cloudflare", "namecheap", "godaddy", "ovh"],
    "byo-manual": ["external"],
};

/** Who writes the parent side unless the stack says otherwise. */
export function defaultDelegation(mode: DomainMode): DelegationMode {
    return DELEGATIONS[mode][0];
}

/** Whether DS records can reach the parent: Dynadot-hosted zones take none. */
function chainPossible(mode: DomainMode, delegation: DelegationMode): boolean {
    return !(mode === "pool" && delegation === "dynadot");
}

/** Rules across the keys of DNS. */
export const dnsRules: readonly Rule[] = [
    rule(["domainMode", "poolDomain", "fqdn"], ({ domainMode, poolDomain, fqdn }) => {
        if (domainMode !== "pool")
            return when(poolDomain !== undefined, () => ({
                key: "poolDomain",
                found: show(poolDomain),
                expected: `nothing, since domainMode is ${domainMode}`,
                remedy: [removeLine("poolDomain")],
                alternative: [setLine("domainMode", "pool")],
            }));
        if (poolDomain === undefined)
            return [
                {
                    key: "poolDomain",
                    found: "nothing",
                    expected: "the pool's domain, since domainMode is pool",
                    remedy: [setLine("poolDomain", fqdn.slice(fqdn.indexOf(".") + 1))],
                },
            ];
        const label = fqdn.endsWith(`.${poolDomain}`)
            ? fqdn.slice(0, -poolDomain.length - 1)
            : undefined;
        if (label === undefined || label.includes("."))
            return [
                {
                    key: "fqdn",
                    found: show(fqdn),
                    expected: `one label under poolDomain, ${poolDomain}`,
                    remedy: [setLine("fqdn", `omantel.${poolDomain}`)],
                },
            ];
        return [
            ...when(!isPoolLabel(label), () => ({
                key: "fqdn",
                found: show(fqdn),
                expected: "a first label that begins with a letter, since domainMode is pool",
                remedy: [setLine("fqdn", `omantel.${poolDomain}`)],
            })),
            ...when(RESERVED_LABELS.has(label), () => ({
                key: "fqdn",
                found: show(fqdn),
                expected: `a first label that the pool does not reserve; ${label} is reserved`,
                remedy: [setLine("fqdn", `omantel.${poolDomain}`)],
            })),
        ];
    }),
    rule(["domainMode", "delegation"], ({ domainMode, delegation }) => {
        const possible = DELEGATIONS[domainMode];
        return when(delegation !== undefined && !possible.includes(delegation), () => ({
            key: "delegation",
            found: show(delegation),
            expected: `${possible.join(" or ")}, since domainMode is ${domainMode}`,
            remedy: [setLine("delegation", possible[0])],
        }));
    }),
    ...registrarRules(({ domainMode, delegation }) => delegation ?? defaultDelegation(domainMode)),
    rule(["fqdn", "nameServers"], ({ fqdn, nameServers }) =>
        nameServers.flatMap((server, i) => [
            ...when(
                isWithin(server.name, fqdn) &&
                    server.ipv4 === undefined &&
                    server.ipv6 === undefined,
                () => ({
                    key: `nameServers[${i}]`,
                    found: show(server),
                    expected: `an ipv4 or ipv6 address beside the name, since it lies under ${fqdn} and the parent needs glue`,
                    remedy: [setLine(`nameServers[${i}].ipv4`, "203.0.113.53")],
                }),
            ),
            ...when(Object.values<string>(hostNames(fqdn)).includes(server.name), () => ({
                key: `nameServers[${i}].name`,
                found: show(server.name),
                expected: "a name that is not one of the Sovereign's own host names",
                remedy: [setLine(`nameServers[${i}].name`, `ns${i + 1}.${fqdn}`)],
            })),
            ...when(nameServers.findIndex((s) => s.name === server.name) < i, () => ({
                key: `nameServers[${i}].name`,
                found: show(server.name),
                expected: "a name server that the list does not name already",
                remedy: [setLine(`nameServers[${i}].name`, `ns${i + 1}.${fqdn}`)],
            })),
        ]),
    ),
    rule(
        ["tlsa", "dnssec", "domainMode", "delegation"],
        ({ tlsa, dnssec, domainMode, delegation }) =>
            when(
                tlsa &&
                    dnssec &&
                    !chainPossible(domainMode, delegation ?? defaultDelegation(domainMode)),
                () => ({
                    key: "tlsa",
                    found: show(tlsa),
                    expected:
                        "false, since a zone hosted at Dynadot takes no DS records and nobody could validate the TLSA record",
                    remedy: [setLine("tlsa", false)],
                    alternative: [setLine("delegation", "powerdns")],
                }),
            ),
    ),
];
