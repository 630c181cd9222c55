import { dkimName } from "../../components/mail/dkim.ts";
import { isWithin, MAX_NAME } from "../names.ts";
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

const RSA_EXPECTED = "exactly one active rsa2048 selector (large receivers do not verify ed25519)";

/** Makes the first RSA selector active, or adds one. */
function activateRsa(dkim: readonly { readonly algorithm: string }[]): string[] {
    const first = dkim.findIndex((k) => k.algorithm === "rsa2048");
    if (first >= 0) return [setLine(`dkim[${first}].state`, "active")];
    const added = `dkim[${dkim.length}]`;
    return [
        setLine(`${added}.selector`, "r1"),
        setLine(`${added}.algorithm`, "rsa2048"),
        setLine(`${added}.state`, "active"),
    ];
}

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
                remedy: [removeLine("smartHost")],
                alternative: [setLine("mailEgress", "smart-host")],
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
                    remedy: [removeLine("mailPinnedNode")],
                    alternative: [setLine("mailEgress", "pinned")],
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
            remedy: [setLine("mailIpv6", false)],
            alternative: [setLine("ipv6", true)],
        })),
    ),
    rule(["dkim"], ({ dkim }) => {
        const active = (algorithm: string): number[] =>
            dkim.flatMap((k, i) => (k.algorithm === algorithm && k.state === "active" ? [i] : []));
        const [rsa, ed25519] = [active("rsa2048"), active("ed25519")];
        return [
            ...when(rsa.length === 0, () => ({
                key: "dkim",
                found: "no active rsa2048 selector",
                expected: RSA_EXPECTED,
                remedy: activateRsa(dkim),
            })),
            ...when(rsa.length > 1, () => ({
                key: "dkim",
                found: `${rsa.length} active rsa2048 selectors: ${rsa.map((i) => dkim[i]?.selector).join(", ")}`,
                expected: RSA_EXPECTED,
                remedy: rsa.slice(1).map((i) => setLine(`dkim[${i}].state`, "pending")),
            })),
            ...when(ed25519.length > 1, () => ({
                key: "dkim",
                found: `${ed25519.length} active ed25519 selectors: ${ed25519.map((i) => dkim[i]?.selector).join(", ")}`,
                expected: "at most one active ed25519 selector",
                remedy: ed25519.slice(1).map((i) => setLine(`dkim[${i}].state`, "pending")),
            })),
            ...duplicates(dkim.map((k) => k.selector)).map((i) => ({
                key: `dkim[${i}].selector`,
                found: show(dkim[i]?.selector),
                expected: "a selector that no other entry has",
                remedy: [setLine(`dkim[${i}].selector`, `r${i + 1}`)],
            })),
        ];
    }),
    rule(["dkim", "fqdn"], ({ dkim, fqdn }) => {
        const longest = Math.max(...dkim.map(({ selector }) => selector.length));
        const length = dkimName("x".repeat(longest), fqdn).length;
        return when(length > MAX_NAME, () => ({
            key: "fqdn",
            found: show(fqdn),
            expected: `a shorter name (or shorter selectors in dkim): the name of its DKIM record has ${length} characters, DNS allows ${MAX_NAME}`,
            remedy: [setLine("fqdn", "omantel.omani.works")],
        }));
    }),
    rule(["tlsa", "dnssec"], ({ tlsa, dnssec }) =>
        when(tlsa && !dnssec, () => ({
            key: "tlsa",
            found: show(tlsa),
            expected:
                "false, since dnssec is false and TLSA records count only in a signed zone (RFC 7672 2.1.1)",
            remedy: [setLine("tlsa", false)],
            alternative: [setLine("dnssec", true)],
        })),
    ),
];
