import { generateKeyPairSync } from "node:crypto";
import { MAILBOX_DOMAIN, MAILBOX_HOST } from "../../../lab/powerdns/world.ts";
import { FQDN } from "../sovereignLab.ts";
import type { Injected, World } from "./world.ts";

/** One thing that is wrong, and what the doctor must say of it. */
export interface Fault {
    readonly name: string;
    /** Check that it is for. */
    readonly check: string;
    /** Every check that does not pass, as `<id>` or `<id> unknown`, in the doctor's order; @default `check` alone */
    readonly breaks?: readonly string[];
    /** Why it breaks more than its own check. */
    readonly because?: string;
    /** Part of one of the check's problems. */
    readonly problem: string;
    readonly inject: (world: World) => Promise<Injected>;
}

/** Whatever stands in the zone otherwise than the stack wrote it is drift as well. */
const DRIFT = "every record set is compared with the stack's";

function dnsFault(
    check: string,
    name: string,
    [owner, type, contents]: readonly [string, string, readonly string[]],
    problem: string,
): Fault {
    return {
        name,
        check,
        breaks: [check, "drift"],
        because: DRIFT,
        problem,
        inject: (world) => world.records(owner, type, contents),
    };
}

function otherKey(): string {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = publicKey.export({ type: "spki", format: "der" }).toString("base64");
    return `"v=DKIM1; k=rsa; h=sha256; p=${key.slice(0, 200)}" "${key.slice(200)}"`;
}

/** One fault for each check; the last one cannot be undone. */
export const FAULTS: readonly Fault[] = [
    dnsFault(
        "host-addresses",
        "an address more than the load balancer has",
        [`mx.${FQDN}`, "A", ["198.51.100.9"]],
        `mx.${FQDN} A is "198.51.100.9", the stack publishes`,
    ),
    dnsFault(
        "mail-exchanger",
        "a second MX",
        [FQDN, "MX", [`10 mx.${FQDN}.`, `20 ${MAILBOX_HOST}.`]],
        `${FQDN} MX is`,
    ),
    dnsFault(
        "sender-policy",
        "an SPF record that lets everybody send",
        [FQDN, "TXT", ['"v=spf1 +all"']],
        `${FQDN} TXT is "v=spf1 +all"`,
    ),
    dnsFault(
        "greeting-policy",
        "an SPF record that lets everybody greet as the mail host",
        [`mail.${FQDN}`, "TXT", ['"v=spf1 +all"']],
        `mail.${FQDN} TXT is "v=spf1 +all"`,
    ),
    {
        ...dnsFault(
            "signing-keys",
            "another DKIM key",
            [`r1._domainkey.${FQDN}`, "TXT", [otherKey()]],
            `r1._domainkey.${FQDN} TXT is`,
        ),
        breaks: ["signing-keys", "drift", "end-to-end", "seed-mailbox"],
        because: `${DRIFT}, and no receiver can verify what the old key signs`,
    },
    dnsFault(
        "dmarc-policy",
        "a weaker DMARC policy",
        [`_dmarc.${FQDN}`, "TXT", ['"v=DMARC1; p=none"']],
        `_dmarc.${FQDN} TXT is "v=DMARC1; p=none"`,
    ),
    dnsFault(
        "transport-policy",
        "an MTA-STS record of another policy",
        [`_mta-sts.${FQDN}`, "TXT", ['"v=STSv1; id=old"']],
        `_mta-sts.${FQDN} TXT is "v=STSv1; id=old"`,
    ),
    dnsFault(
        "tls-reports",
        "no address for TLS reports",
        [`_smtp._tls.${FQDN}`, "TXT", []],
        `_smtp._tls.${FQDN} has no valid record (RFC 8460)`,
    ),
    dnsFault(
        "pinned-key",
        "a TLSA record of another key",
        [`_25._tcp.mx.${FQDN}`, "TLSA", [`3 1 1 ${"ab".repeat(32)}`]],
        `_25._tcp.mx.${FQDN} TLSA is`,
    ),
    dnsFault(
        "silent-names",
        "a console that takes mail",
        [`console.${FQDN}`, "MX", [`10 mx.${FQDN}.`]],
        `console.${FQDN} MX is`,
    ),
    dnsFault(
        "certificate-authorities",
        "another authority",
        [FQDN, "CAA", ['0 issue "other.example"']],
        `${FQDN} CAA is`,
    ),
    {
        name: "the cloud's generic PTR on an address that mail may leave from",
        check: "reverse-names",
        problem: "static.test.clients.your-server.de is the cloud's generic name",
        inject: async (world) =>
            world.reverseName((await world.idleNode()).ip, "static.test.clients.your-server.de"),
    },
    {
        name: "a node that leaves by an address of its own",
        check: "egress-address",
        problem: "leaves by 198.51.100.77, which is not among",
        inject: async (world) =>
            world.nodeSees((await world.idleNode()).key, (text) =>
                text.replace(/"sees":"[^"]+"/, '"sees":"198.51.100.77"'),
            ),
    },
    {
        name: "an address on a blocklist",
        check: "blocklists",
        problem: ".zen.openova.example is listed: 127.0.0.2",
        inject: (world) => {
            const [ip = ""] = world.outputs.mail.egressIpv4;
            const listed = ip.split(".").reverse().join(".");
            return world.records(
                `${listed}.zen.openova.example`,
                "A",
                ["127.0.0.2"],
                "openova.example.",
            );
        },
    },
    {
        name: "a node that port 25 is blocked for",
        check: "way-out",
        problem: `does not reach ${MAILBOX_HOST}:25: no answer in 15 s`,
        inject: async (world) =>
            world.nodeSees((await world.idleNode()).key, (text) =>
                text
                    .replace('"open":true', '"open":false')
                    .replace(/"answer":"[^"]*"/, '"answer":"no answer in 15 s"'),
            ),
    },
    {
        name: "a server that greets by another name",
        check: "inbound-server",
        problem: "it greets: 220 localhost ",
        inject: (world) => world.sickInbound({ name: "localhost" }),
    },
    {
        name: "a server that takes passwords without TLS",
        check: "submission-server",
        problem: "it offers AUTH without TLS",
        inject: (world) => world.sickSubmission({ plainLogin: true }),
    },
    {
        name: "a server that lets the platform send as anybody",
        check: "foreign-sender",
        problem: `someone-else@${FQDN} may send: 250`,
        inject: (world) => world.sickSubmission({ anySender: true }),
    },
    {
        name: "an open relay",
        check: "open-relay",
        problem: "a stranger's mail is relayed: 250",
        inject: (world) => world.sickInbound({ openRelay: true }),
    },
    {
        name: "a server without the mailbox for abuse",
        check: "mailboxes",
        problem: `abuse@${FQDN}: 550`,
        inject: (world) => world.sickInbound({ missing: ["abuse"] }),
    },
    {
        name: "a port of mail access",
        check: "closed-ports",
        problem: "has port 4190 open",
        inject: (world) => world.listener(world.outputs.cloud.loadBalancerIpv4, 4190),
    },
    {
        name: "a record that was changed by hand",
        check: "drift",
        problem: `gitea.${FQDN} A is "198.51.100.9"`,
        inject: (world) => world.records(`gitea.${FQDN}`, "A", ["198.51.100.9"]),
    },
    {
        name: "a receiver that keeps mail waiting",
        check: "end-to-end",
        problem: `nothing arrived at deferred@${MAILBOX_DOMAIN}`,
        inject: (world) => world.slowReceiver(),
    },
    {
        name: "a receiver that calls it junk",
        check: "seed-mailbox",
        problem: "the message lies in Junk",
        inject: (world) => world.suspiciousReceiver(),
    },
    {
        name: "a message that was given up",
        check: "queue",
        problem: "1 messages were given up",
        inject: (world) => world.bounce(),
    },
];
