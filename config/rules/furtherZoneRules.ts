import {
    apexListenerName,
    certificateGrantName,
    listenerName,
} from "../../components/bootstrap/gatewaySpecs.ts";
import { furtherZoneCertificate } from "../../components/certificates/certificateSpecs.ts";
import { challengeTarget } from "../../components/certificates/challengeNames.ts";
import { isWithin, MAX_NAME } from "../names.ts";
import { removeLine, setLine, show } from "../problem.ts";
import type { Problem } from "../problem.ts";
import { rule, when } from "./rule.ts";
import type { Rule } from "./rule.ts";

/** How many listeners a Gateway may have (https://gateway-api.sigs.k8s.io/reference/spec/#gatewayspec). */
const MAX_LISTENERS = 64;

/** Zones that fit: one listener is for plain HTTP, and each zone, the Sovereign's own first, has one for its apex and one for its wildcard. */
const MAX_FURTHER_ZONES = Math.floor((MAX_LISTENERS - 1) / 2) - 1;

/** Longest name of an object (DNS subdomain name, https://kubernetes.io/docs/concepts/overview/working-with-objects/names/), and of a listener. */
const MAX_OBJECT_NAME = 253;

/** A problem with one zone of the list. */
function zoneProblem(zones: readonly string[], index: number, expected: string): Problem {
    return {
        key: `furtherZones[${index}]`,
        found: show(zones[index]),
        expected,
        remedy: [removeLine(`furtherZones[${index}]`)],
    };
}

/** What an earlier zone, or the Sovereign's own, has by the same name; undefined where nothing does. */
function sharedListener(zone: string, earlier: readonly string[]): string | undefined {
    const names = (of: string) => [listenerName(of), apexListenerName(of)];
    return earlier.find((other) => names(other).some((name) => names(zone).includes(name)));
}

/** Rules about zones beside the Sovereign's own. */
export const furtherZoneRules: readonly Rule[] = [
    rule(["furtherZones", "gatewayApiChart"], ({ furtherZones, gatewayApiChart }) =>
        when(furtherZones.length > 0 && gatewayApiChart === undefined, () => ({
            key: "gatewayApiChart",
            found: "nothing",
            expected:
                "the chart with the Gateway API's definitions, since furtherZones are served by listeners of a Gateway",
            remedy: [setLine("gatewayApiChart", "oci://registry.example/charts/gateway-api")],
            alternative: [removeLine("furtherZones")],
        })),
    ),
    rule(["furtherZones"], ({ furtherZones }) =>
        when(furtherZones.length > MAX_FURTHER_ZONES, () => ({
            key: "furtherZones",
            found: `${furtherZones.length} zones`,
            expected: `at most ${MAX_FURTHER_ZONES}, since a Gateway has at most ${MAX_LISTENERS} listeners`,
            remedy: [removeLine(`furtherZones[${MAX_FURTHER_ZONES}]`)],
        })),
    ),
    rule(["furtherZones", "fqdn", "nameServers"], ({ furtherZones, fqdn, nameServers }) =>
        furtherZones.flatMap((zone, i) => {
            const earlier = furtherZones.slice(0, i);
            if (isWithin(zone, fqdn))
                return [
                    zoneProblem(furtherZones, i, `a zone outside of the Sovereign's own, ${fqdn}`),
                ];
            if (isWithin(fqdn, zone))
                return [
                    zoneProblem(
                        furtherZones,
                        i,
                        `a zone that the Sovereign's own does not lie in; ${fqdn} is delegated from it`,
                    ),
                ];
            const around = earlier.find((other) => isWithin(zone, other) || isWithin(other, zone));
            if (around !== undefined)
                return [
                    zoneProblem(
                        furtherZones,
                        i,
                        `a zone apart from ${around}: none may be another one or lie in it`,
                    ),
                ];
            const inside = nameServers.find(({ name }) => isWithin(name, zone));
            const shared = sharedListener(zone, [fqdn, ...earlier]);
            return [
                ...when(shared !== undefined, () =>
                    zoneProblem(
                        furtherZones,
                        i,
                        `a zone whose listeners, ${listenerName(zone)} and ${apexListenerName(zone)}, are not called like those of ${shared ?? ""}`,
                    ),
                ),
                ...when(inside !== undefined, () =>
                    zoneProblem(
                        furtherZones,
                        i,
                        `a zone that no name server lies in: the wildcard would answer for ${inside?.name ?? ""}`,
                    ),
                ),
            ];
        }),
    ),
    rule(["furtherZones", "fqdn", "certificateIssuer"], (values) => {
        const { furtherZones, fqdn, certificateIssuer } = values;
        return furtherZones.flatMap((zone, i) => {
            // Of all that is called by the zone in the cluster, this has the longest name.
            const grant = certificateGrantName(furtherZoneCertificate(zone).secret);
            const proof = challengeTarget(fqdn, zone);
            if (grant.length > MAX_OBJECT_NAME)
                return [
                    zoneProblem(
                        furtherZones,
                        i,
                        `a shorter name: the grant for its certificate, ${certificateGrantName(furtherZoneCertificate("<zone>").secret)}, would have ${grant.length} characters in its name, and may have ${MAX_OBJECT_NAME}`,
                    ),
                ];
            return when(certificateIssuer !== "none" && proof.length > MAX_NAME, () =>
                zoneProblem(
                    furtherZones,
                    i,
                    `a shorter name: _acme-challenge.<zone>.acme.<fqdn>, where it is proven, would have ${proof.length} characters, and a name has at most ${MAX_NAME}`,
                ),
            );
        });
    }),
    rule(
        ["furtherZones", "gatewayApiChart", "certificateIssuer", "acmeChallenge"],
        ({ furtherZones, gatewayApiChart, certificateIssuer, acmeChallenge }) =>
            when(
                furtherZones.length > 0 &&
                    // With it, a Gateway refuses http-01 already.
                    gatewayApiChart === undefined &&
                    certificateIssuer !== "none" &&
                    acmeChallenge === "http-01",
                () => ({
                    key: "acmeChallenge",
                    found: show(acmeChallenge),
                    expected:
                        "dns-01, since each of furtherZones is served under a certificate with its wildcard, which nobody proves by HTTP",
                    remedy: [setLine("acmeChallenge", "dns-01")],
                    alternative: [removeLine("furtherZones")],
                }),
            ),
    ),
    rule(
        ["furtherZones", "dmarcReportAddress", "smartHost"],
        ({ furtherZones, dmarcReportAddress, smartHost }) =>
            furtherZones.flatMap((zone, i) => {
                const domain = dmarcReportAddress?.slice(dmarcReportAddress.lastIndexOf("@") + 1);
                return [
                    ...when(domain !== undefined && isWithin(domain, zone), () =>
                        zoneProblem(
                            furtherZones,
                            i,
                            `a zone without the mailbox of dmarcReportAddress, ${dmarcReportAddress ?? ""}: nothing in a further zone takes mail`,
                        ),
                    ),
                    ...when(smartHost !== undefined && isWithin(smartHost.host, zone), () =>
                        zoneProblem(
                            furtherZones,
                            i,
                            `a zone that smartHost.host does not lie in: the wildcard would answer for ${smartHost?.host ?? ""}`,
                        ),
                    ),
                ];
            }),
    ),
];
