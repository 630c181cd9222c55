import {
    glueObstacle,
    REGISTRARS,
    type RegistrarKey,
} from "../../provider/dns/registrars/profiles.ts";
import type { DelegationMode } from "../model.ts";
import { isWithin } from "../names.ts";
import { removeLine, setLine, setSecretLine, show, type Problem } from "../problem.ts";
import { SECRET_KEYS, type SecretKey } from "../secretKeys.ts";
import { rule, when, type Rule } from "./rule.ts";

/** Secrets by the registrar whose API needs them. */
const CREDENTIALS: Readonly<Record<RegistrarKey, readonly SecretKey[]>> = {
    dynadot: ["dynadotApiKey", "dynadotApiSecret"],
    cloudflare: ["cloudflareApiToken"],
    namecheap: ["namecheapApiKey"],
    godaddy: ["godaddyApiKey", "godaddyApiSecret"],
    ovh: ["ovhApplicationKey", "ovhApplicationSecret", "ovhConsumerKey"],
};

/** The registrar that a delegation is written at; undefined where it is not. */
export function registrarKey(delegation: DelegationMode): RegistrarKey | undefined {
    return delegation in REGISTRARS ? (delegation as RegistrarKey) : undefined;
}

/** What the API of the registrar needs: credentials, and at Namecheap who asks from where. */
export function registrarRules(
    delegationOf: (values: {
        readonly domainMode: "pool" | "byo-manual" | "byo-api";
        readonly delegation?: DelegationMode | undefined;
    }) => DelegationMode,
): readonly Rule[] {
    return [
        rule(["domainMode", "delegation"], (values, { secrets }) => {
            const key = registrarKey(delegationOf(values));
            return (key === undefined ? [] : CREDENTIALS[key])
                .filter((name) => !secrets.has(name))
                .map((name) => ({
                    key: name,
                    found: "nothing",
                    expected: `${SECRET_KEYS[name].expected}, since the delegation is written there`,
                    remedy: [setSecretLine(name)],
                }));
        }),
        rule(
            ["domainMode", "delegation", "namecheapApiUser", "namecheapClientIp"],
            (values): readonly Problem[] =>
                delegationOf(values) !== "namecheap"
                    ? []
                    : [
                          ...when(values.namecheapApiUser === undefined, () => ({
                              key: "namecheapApiUser",
                              found: "nothing",
                              expected:
                                  "the API user of the Namecheap account, since the delegation is written there",
                              remedy: [setLine("namecheapApiUser", "acme")],
                          })),
                          ...when(values.namecheapClientIp === undefined, () => ({
                              key: "namecheapClientIp",
                              found: "nothing",
                              expected:
                                  "the IPv4 address of this machine, as the allowlist of the Namecheap account has it, since the delegation is written there",
                              remedy: [setLine("namecheapClientIp", "203.0.113.10")],
                          })),
                      ],
        ),
        rule(["domainMode", "delegation", "dnssec", "byHand"], (values) => {
            const key = byoRegistrar(values, delegationOf);
            if (key === undefined) return [];
            const { name, signers } = REGISTRARS[key];
            return when(values.dnssec && !signers && !values.byHand.includes("ds"), () => ({
                key: "dnssec",
                found: show(values.dnssec),
                expected: `false, since ${name}'s API takes no DS records; or ds in byHand, to enter by hand the DS records that the preview names`,
                remedy: [setLine("dnssec", false)],
                alternative: [setLine(`byHand[${values.byHand.length}]`, "ds")],
            }));
        }),
        rule(["domainMode", "delegation", "fqdn", "nameServers", "byHand"], (values) => {
            const key = byoRegistrar(values, delegationOf);
            if (key === undefined || values.byHand.includes("glue")) return [];
            return values.nameServers.flatMap((server, i) => {
                const addresses = [server.ipv4, server.ipv6].filter((ip) => ip !== undefined);
                const obstacle = isWithin(server.name, values.fqdn)
                    ? glueObstacle(REGISTRARS[key], addresses)
                    : undefined;
                return when(obstacle !== undefined, () => ({
                    key: `nameServers[${i}]`,
                    found: show(server),
                    expected: `a name server outside of ${values.fqdn}, since ${obstacle ?? ""}; or glue in byHand, to enter by hand the hosts that the preview names`,
                    remedy: [setLine(`byHand[${values.byHand.length}]`, "glue")],
                }));
            });
        }),
        rule(["domainMode", "delegation", "byHand"], (values) =>
            when(
                values.byHand.length > 0 && byoRegistrar(values, delegationOf) === undefined,
                () => ({
                    key: "byHand",
                    found: show(values.byHand),
                    expected: "nothing, since the delegation is not written at a registrar",
                    remedy: [removeLine("byHand")],
                }),
            ),
        ),
    ];
}

/** The registrar of a domain of the customer's own; a pool whose zone Dynadot hosts has none. */
function byoRegistrar(
    values: Parameters<Parameters<typeof registrarRules>[0]>[0],
    delegationOf: Parameters<typeof registrarRules>[0],
): RegistrarKey | undefined {
    return values.domainMode === "byo-api" ? registrarKey(delegationOf(values)) : undefined;
}
