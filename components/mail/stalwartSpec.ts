import ipaddr from "ipaddr.js";

/** A DKIM key that signs. Pending, retiring and revoked selectors are not the server's business. */
export interface StalwartDkimKey {
    readonly selector: string;
    readonly algorithm: "rsa2048" | "ed25519";
    /** PEM in the pod: PKCS#1 or PKCS#8 for RSA, PKCS#8 for Ed25519. */
    readonly keyFile: string;
}

/** A smart host that takes all outbound mail. */
export interface StalwartRelay {
    readonly host: string;
    /** A port on which the host speaks STARTTLS: 587 or 2525 (Hetzner blocks outbound 25 and 465). */
    readonly port: number;
    readonly username: string;
    readonly passwordFile: string;
}

/** What distinguishes one Sovereign's mail server from another's. */
export interface StalwartSpec {
    /** The mail domain: the Sovereign's FQDN. */
    readonly fqdn: string;
    /** Name of the server in its greeting. */
    readonly mailHost: string;
    /** Name under which it greets other servers; the PTR of every egress address. */
    readonly ehlo: string;
    /** Target of the domain's MX, and the only host of its MTA-STS policy. */
    readonly mxHost: string;
    readonly dkim: readonly StalwartDkimKey[];
    /** bcrypt hash of the submission password of `noreply@<fqdn>`. */
    readonly passwordHash: string;
    readonly certificateFile: string;
    readonly keyFile: string;
    /** Without it mail goes to the recipients' MX directly. */
    readonly relay?: StalwartRelay;
    /** Whether mail may leave over IPv6. @default false */
    readonly ipv6?: boolean;
    /** Never banned: pods and probes. */
    readonly podCidr: string;
    /** Never banned: nodes. */
    readonly nodeCidr: string;
    /**
     * Addresses or CIDRs whose connections to the SMTP listeners begin with a PROXY protocol header (v1 or v2): the load
     * balancer. The server refuses such a connection without a header, and one with a header from anywhere else
     * (https://stalw.art/docs/server/reverse-proxy/proxy-protocol).
     */
    readonly proxyTrustedNetworks: readonly string[];
    readonly mtaSts: "none" | "testing" | "enforce";
    /** Address that the listeners bind. @default "[::]" */
    readonly bindAddress?: string;
}

/** What the server stores verbatim as a bcrypt hash; anything else it would take for a plain password. */
const BCRYPT = /^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/;

const HOST_NAME =
    /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** Shortest prefix that the server takes for a trusted network. */
const SHORTEST_TRUSTED_PREFIX = 8;

function hostProblems(spec: StalwartSpec): string[] {
    const names = {
        fqdn: spec.fqdn,
        mailHost: spec.mailHost,
        ehlo: spec.ehlo,
        mxHost: spec.mxHost,
        ...(spec.relay ? { "relay.host": spec.relay.host } : {}),
    };
    return Object.entries(names)
        .filter(([, name]) => !HOST_NAME.test(name))
        .map(([key, name]) => `${key}: "${name}" is not a host name in lower case`);
}

function isNetwork(text: string): boolean {
    return ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}

function networkProblems(spec: StalwartSpec): string[] {
    const problems: string[] = [];
    for (const key of ["podCidr", "nodeCidr"] as const)
        if (!ipaddr.isValidCIDR(spec[key]))
            problems.push(`${key}: "${spec[key]}" is not a CIDR, for example 10.42.0.0/16`);
    for (const network of spec.proxyTrustedNetworks)
        if (!isNetwork(network))
            problems.push(`proxyTrustedNetworks: "${network}" is neither an address nor a CIDR`);
        else if (
            ipaddr.isValidCIDR(network) &&
            ipaddr.parseCIDR(network)[1] < SHORTEST_TRUSTED_PREFIX
        )
            problems.push(
                `proxyTrustedNetworks: "${network}" is too wide; name the load balancer's address`,
            );
    return problems;
}

function dkimProblems(keys: readonly StalwartDkimKey[]): string[] {
    const selectors = keys.map((key) => key.selector);
    const problems: string[] = [];
    if (!keys.some((key) => key.algorithm === "rsa2048"))
        problems.push("dkim: no active RSA key; large receivers do not verify Ed25519 alone");
    if (new Set(selectors).size !== selectors.length)
        problems.push(`dkim: a selector is named twice (${selectors.join(", ")})`);
    return problems;
}

/** What is wrong with a spec, one line each; empty when a plan can be made of it. Never names a secret. */
export function specProblems(spec: StalwartSpec): string[] {
    const problems = [...hostProblems(spec), ...networkProblems(spec), ...dkimProblems(spec.dkim)];
    if (!BCRYPT.test(spec.passwordHash))
        problems.push(
            "passwordHash: not a bcrypt hash of 60 characters; the server would take it for the password itself",
        );
    if (spec.relay && (spec.relay.port === 25 || spec.relay.port === 465))
        problems.push(
            `relay.port: ${spec.relay.port} is blocked at Hetzner; use the smart host's 587 or 2525`,
        );
    return problems;
}
