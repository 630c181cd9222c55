import { MAX_NAME, isWithin } from "../names.ts";
import { nodeKeys } from "../nodes.ts";
import { removeLine, setLine, setSecretLine, show } from "../problem.ts";
import type { Problem } from "../problem.ts";
import { rule, when } from "./rule.ts";
import type { Rule } from "./rule.ts";

/** Hetzner drops outbound connections to these ports (https://docs.hetzner.com/cloud/servers/faq/#why-can-i-not-send-any-mails-from-my-server). */
const BLOCKED_PORTS = [25, 465];

const smartHostLines = [
    setLine("smartHost.host", "smtp.relay.example"),
    setLine("smartHost.port", 587),
    setLine("smartHost.username", "sovereign"),
];

function duplicates(list: readonly string[]): number[] {
    return list.flatMap((item, i) => (list.indexOf(item) < i ? [i] : []));
}

/** Rules across the keys of mail. */
export const mailRules: readonly Rule[] = [
    rule(["mailEgress", "smartHost"], ({ mailEgress, smartHost }, { secrets }): Problem[] => {
        const relayed = mailEgress === "smart-host";
        return [
            ...when(relayed && smartHost === undefined, () => ({
                key: "smartHost",
                found: "nothing",
                expected: "host, port and username of a relay, since mailEgress is smart-host",
                remedy: smartHostLines,
            })),
            ...when(!relayed && smartHost !== undefined, () => ({
                key: "smartHost",
                found: show(smartHost),
                expected: `nothing, since mailEgress is ${mailEgress}; or mailEgress smart-host`,
                remedy: [setLine("mailEgress", "smart-host"), removeLine("smartHost")],
            })),
            ...when(relayed && !secrets.has("smartHostPassword"), () => ({
                key: "smartHostPassword",
                found: "nothing",
                expected: "the password at the relay, since mailEgress is smart-host",
                remedy: [setSecretLine("smartHostPassword")],
            })),
        ];
    }),
    rule(["smartHost"], ({ smartHost }) =>
        when(smartHost !== undefined && BLOCKED_PORTS.includes(smartHost.port), () => ({
            key: "smartHost.port",
            found: show(smartHost?.port),
            expected: "a port that Hetzner lets out, 587 or 2525 (it blocks 25 and 465)",
            remedy: [setLine("smartHost.port", 587)],
        })),
    ),
    rule(["smartHost", "fqdn"], ({ smartHost, fqdn }) =>
        when(smartHost !== undefined && isWithin(smartHost.host, fqdn), () => ({
            key: "smartHost.host",
            found: show(smartHost?.host),
            expected: `a relay outside ${fqdn}, or mail would go round in a circle`,
            remedy: [setLine("smartHost.host", "smtp.relay.example")],
        })),
    ),
    rule(
        ["mailEgress", "mailPinnedNode", "controlPlaneCount", "workerCount"],
        ({ mailEgress, mailPinnedNode, ...counts }) => {
            const known = nodeKeys(counts);
            if (mailEgress !== "pinned")
                return when(mailPinnedNode !== undefined, () => ({
                    key: "mailPinnedNode",
                    found: show(mailPinnedNode),
                    expected: `nothing, since mailEgress is ${mailEgress}; or mailEgress pinned`,
                    remedy: [setLine("mailEgress", "pinned"), removeLine("mailPinnedNode")],
                }));
            return when(mailPinnedNode === undefined || !known.includes(mailPinnedNode), () => ({
                key: "mailPinnedNode",
                found: show(mailPinnedNode),
                expected: `one of the nodes of this configuration, since mailEgress is pinned: ${known.join(", ")}`,
                remedy: [setLine("mailPinnedNode", known.at(-1) ?? "cp1")],
            }));
        },
    ),
    rule(["mailIpv6", "ipv6"], ({ mailIpv6, ipv6 }) =>
        when(mailIpv6 && !ipv6, () => ({
            key: "mailIpv6",
            found: show(mailIpv6),
            expected: "false, since ipv6 is false and the nodes have no IPv6 address",
            remedy: [setLine("mailIpv6", false), setLine("ipv6", true)],
        })),
    ),
    rule(["dkim"], ({ dkim }) => {
        const active = dkim.filter((k) => k.algorithm === "rsa2048" && k.state === "active");
        const names = active.map((k) => k.selector);
        return [
            ...when(active.length !== 1, () => ({
                key: "dkim",
                found:
                    active.length === 0
                        ? "no active rsa2048 selector"
                        : `${active.length} active rsa2048 selectors: ${names.join(", ")}`,
                expected:
                    "exactly one active rsa2048 selector (large receivers do not verify ed25519)",
                remedy: [
                    setLine(
                        `dkim[${active.length === 0 ? 0 : dkim.findLastIndex((k) => names.includes(k.selector))}].state`,
                        active.length === 0 ? "active" : "pending",
                    ),
                ],
            })),
            ...when(
                dkim.filter((k) => k.algorithm === "ed25519" && k.state === "active").length > 1,
                () => ({
                    key: "dkim",
                    found: "more than one active ed25519 selector",
                    expected: "at most one active ed25519 selector",
                    remedy: [
                        setLine(
                            `dkim[${dkim.findLastIndex((k) => k.algorithm === "ed25519" && k.state === "active")}].state`,
                            "pending",
                        ),
                    ],
                }),
            ),
            ...duplicates(dkim.map((k) => k.selector)).map((i) => ({
                key: `dkim[${i}].selector`,
                found: show(dkim[i]?.selector),
                expected: "a selector that no other entry has",
                remedy: [setLine(`dkim[${i}].selector`, `r${i + 1}`)],
            })),
        ];
    }),
    rule(["dkim", "fqdn"], ({ dkim, fqdn }) =>
        dkim.flatMap(({ selector }, i) => {
            const length = `${selector}._domainkey.${fqdn}`.length;
            return when(length > MAX_NAME, () => ({
                key: `dkim[${i}].selector`,
                found: show(selector),
                expected: `a selector short enough for its record's name, ${length} characters where DNS allows ${MAX_NAME}`,
                remedy: [setLine(`dkim[${i}].selector`, `r${i + 1}`)],
            }));
        }),
    ),
    rule(["tlsa", "dnssec"], ({ tlsa, dnssec }) =>
        when(tlsa && !dnssec, () => ({
            key: "tlsa",
            found: show(tlsa),
            expected:
                "false, since dnssec is false and TLSA records count only in a signed zone (RFC 7672 2.1.1)",
            remedy: [setLine("tlsa", false), setLine("dnssec", true)],
        })),
    ),
];
