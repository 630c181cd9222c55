import {
    LOAD_BALANCER_LIMITS,
    loadBalancerServices,
} from "../../components/cloud/loadBalancerServices.ts";
import { publicMailPorts } from "../../components/mail/publicPorts.ts";
import { architectureOf } from "../cloudKeys.ts";
import { contains, ipv4Number, overlap, parseIpv4Network } from "../network.ts";
import { lastOffset, nodeKeys } from "../nodes.ts";
import { removeLine, setLine, show } from "../problem.ts";
import type { Problem } from "../problem.ts";
import { rule, when } from "./rule.ts";
import type { Rule } from "./rule.ts";

/** What the type of load balancer holds; a type without a row would have failed by itself. */
function limitsOf(type: string) {
    return LOAD_BALANCER_LIMITS[type] ?? { services: 0, targets: 0 };
}

/** The smallest type that holds so much. */
function smallestType(fits: (limits: { services: number; targets: number }) => boolean): string {
    return Object.entries(LOAD_BALANCER_LIMITS).find(([, limits]) => fits(limits))?.[0] ?? "lb31";
}

const RANGES = ["networkCidr", "podCidr", "serviceCidr"] as const;
const SUBNETS = ["nodesCidr", "loadBalancerCidr"] as const;

type RangeValues = Readonly<Record<(typeof RANGES)[number] | (typeof SUBNETS)[number], string>>;

function subnetRules(values: RangeValues): Problem[] {
    const network = parseIpv4Network(values.networkCidr);
    return SUBNETS.flatMap((key) => {
        const subnet = parseIpv4Network(values[key]);
        if (!network || !subnet || contains(network, subnet)) return [];
        return [
            {
                key,
                found: show(values[key]),
                expected: `a subnet of networkCidr, ${values.networkCidr}`,
                remedy: [setLine(key, key === "nodesCidr" ? "10.0.1.0/24" : "10.0.2.0/24")],
            },
        ];
    });
}

function pairs<T>(list: readonly T[]): [T, T][] {
    return list.flatMap((a, i) => list.slice(i + 1).map((b): [T, T] => [a, b]));
}

function overlapRules(values: RangeValues): Problem[] {
    const examples: Readonly<Record<string, string>> = {
        podCidr: "10.42.0.0/16",
        serviceCidr: "10.43.0.0/16",
        loadBalancerCidr: "10.0.2.0/24",
    };
    return [...pairs(RANGES), ...pairs(SUBNETS)].flatMap(([a, b]) => {
        const first = parseIpv4Network(values[a]);
        const second = parseIpv4Network(values[b]);
        return when(first !== undefined && second !== undefined && overlap(first, second), () => ({
            key: b,
            found: show(values[b]),
            expected: `a network that shares no address with ${a}, ${values[a]}`,
            remedy: [setLine(b, examples[b] ?? "")],
        }));
    });
}

/** Rules across the keys of the cloud. */
export const cloudRules: readonly Rule[] = [
    rule(["networkCidr", "nodesCidr", "loadBalancerCidr", "podCidr", "serviceCidr"], (values) => [
        ...subnetRules(values),
        ...overlapRules(values),
    ]),
    rule(["loadBalancerCidr", "loadBalancerIp"], ({ loadBalancerCidr, loadBalancerIp }) => {
        const subnet = parseIpv4Network(loadBalancerCidr);
        const ip = ipv4Number(loadBalancerIp);
        const usable = subnet !== undefined && ip > subnet.first + 1 && ip < subnet.last;
        return when(!usable, () => ({
            key: "loadBalancerIp",
            found: show(loadBalancerIp),
            expected: `an address in loadBalancerCidr, ${loadBalancerCidr}, other than its first two and its last`,
            remedy: [setLine("loadBalancerIp", loadBalancerCidr.replace(/[0-9]+\/.*$/, "2"))],
        }));
    }),
    rule(["nodesCidr", "controlPlaneCount", "workerCount"], ({ nodesCidr, ...counts }) => {
        const subnet = parseIpv4Network(nodesCidr);
        const fits = subnet !== undefined && subnet.first + lastOffset(counts) < subnet.last;
        return when(!fits, () => ({
            key: "nodesCidr",
            found: show(nodesCidr),
            expected: `room for ${counts.controlPlaneCount} control planes and ${counts.workerCount} workers (w1 has the subnet's address 10)`,
            remedy: [setLine("nodesCidr", "10.0.1.0/24")],
        }));
    }),
    rule(["generations", "controlPlaneCount", "workerCount"], ({ generations, ...counts }) => {
        const known = nodeKeys(counts);
        return Object.keys(generations)
            .filter((key) => !known.includes(key))
            .map((key) => ({
                key: `generations.${key}`,
                found: show(generations[key]),
                expected: `one of the nodes of this configuration: ${known.join(", ")}`,
                remedy: [removeLine(`generations.${key}`)],
            }));
    }),
    rule(["workerCount", "workerTypes"], ({ workerCount, workerTypes }) =>
        when(workerCount > 0 && workerTypes.length === 0, () => ({
            key: "workerTypes",
            found: show(workerTypes),
            expected: "one server type or more, since workerCount is above 0",
            remedy: [setLine("workerTypes[0]", "cx43")],
        })),
    ),
    rule(
        ["controlPlaneTypes", "workerTypes", "workerCount", "k3sSha256"],
        ({ controlPlaneTypes, workerTypes, workerCount, k3sSha256 }) => {
            const types = [...controlPlaneTypes, ...(workerCount > 0 ? workerTypes : [])];
            return (["amd64", "arm64"] as const)
                .filter((a) => k3sSha256[a] === undefined)
                .flatMap((architecture) => {
                    const needing = types.find((t) => architectureOf(t) === architecture);
                    if (needing === undefined) return [];
                    return [
                        {
                            key: `k3sSha256.${architecture}`,
                            found: "nothing",
                            expected: `the SHA-256 of the k3s binary for ${architecture}, since ${needing} is a candidate (from sha256sum-${architecture}.txt of the release)`,
                            remedy: [setLine(`k3sSha256.${architecture}`, "<sha256>")],
                        },
                    ];
                });
        },
    ),
    rule(["apiExposure", "apiAllowedCidrs"], ({ apiExposure, apiAllowedCidrs }) =>
        apiExposure === "nodes"
            ? when(apiAllowedCidrs.length === 0, () => ({
                  key: "apiAllowedCidrs",
                  found: show(apiAllowedCidrs),
                  expected:
                      "one network or more, since apiExposure is nodes and its firewall lets in nobody else",
                  remedy: [setLine("apiAllowedCidrs[0]", "203.0.113.7/32")],
              }))
            : when(apiAllowedCidrs.length > 0, () => ({
                  key: "apiAllowedCidrs",
                  found: show(apiAllowedCidrs),
                  expected:
                      "an empty list, since Hetzner's load balancers have no firewall; or apiExposure nodes",
                  remedy: [removeLine("apiAllowedCidrs")],
                  alternative: [setLine("apiExposure", "nodes")],
              })),
    ),
    rule(
        ["loadBalancerType", "apiExposure", "publicSubmission"],
        ({ loadBalancerType, apiExposure, publicSubmission }) => {
            const { services } = limitsOf(loadBalancerType);
            const wanted = loadBalancerServices(apiExposure, publicMailPorts(publicSubmission));
            return when(wanted.length > services, () => ({
                key: "loadBalancerType",
                found: show(loadBalancerType),
                expected: `a type that takes ${wanted.length} services (${loadBalancerType} takes ${services})`,
                remedy: [
                    setLine(
                        "loadBalancerType",
                        smallestType((l) => l.services >= wanted.length),
                    ),
                ],
            }));
        },
    ),
    rule(
        ["loadBalancerType", "controlPlaneCount", "workerCount"],
        ({ loadBalancerType, controlPlaneCount, workerCount }) => {
            const { targets } = limitsOf(loadBalancerType);
            const wanted = controlPlaneCount + workerCount;
            return when(wanted > targets, () => ({
                key: "loadBalancerType",
                found: show(loadBalancerType),
                expected: `a type that takes ${wanted} targets (${loadBalancerType} takes ${targets})`,
                remedy: [
                    setLine(
                        "loadBalancerType",
                        smallestType((l) => l.targets >= wanted),
                    ),
                ],
            }));
        },
    ),
];
