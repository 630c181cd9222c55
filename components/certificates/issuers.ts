/** Directories of Let's Encrypt (https://letsencrypt.org/docs/acme-protocol-updates/, https://letsencrypt.org/docs/staging-environment/). */
export const ACME_DIRECTORIES = {
    staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
    production: "https://acme-v02.api.letsencrypt.org/directory",
} as const;

/** Which ACME server: a trial one, whose certificates nobody trusts but whose limits are wide, or the real one. */
export type AcmeIssuer = keyof typeof ACME_DIRECTORIES;

/** Namespace of cert-manager; Secrets that a ClusterIssuer refers to are looked up in it. */
export const CERT_MANAGER_NAMESPACE = "cert-manager";

/** Class of the ingress that answers challenges by HTTP. */
export const INGRESS_CLASS = "cilium";

/** Secret with the key that may update the challenge zone. */
export const TSIG_SECRET = { name: "acme-tsig", key: "secret" } as const;

/** Proof by a TXT record, written by dynamic update (RFC 2136) under a TSIG key. */
export interface Dns01 {
    readonly type: "dns-01";
    /** `host:port` or `address:port` of the server that takes updates. */
    readonly server: string;
    /** Name of the TSIG key, without a trailing dot. */
    readonly tsigKeyName: string;
    /** As cert-manager spells it: `HMACSHA256`. */
    readonly tsigAlgorithm: string;
}

/** Proof by a file below `/.well-known/acme-challenge/`, served through the cluster's ingress. */
export interface Http01 {
    readonly type: "http-01";
    readonly ingressClass: string;
}

export interface IssuerSpec {
    readonly issuer: AcmeIssuer;
    /** Instead of Let's Encrypt's, for both issuers. */
    readonly directory?: string;
    /** Authorities that the directory's own certificate is checked with, PEM. The system's unless given. */
    readonly caBundle?: string;
    /** Contact of the account. None unless given: Let's Encrypt no longer writes to it. */
    readonly email?: string;
    readonly challenge: Dns01 | Http01;
}

/** Name of the ClusterIssuer. */
export function issuerName(issuer: AcmeIssuer): string {
    return `acme-${issuer}`;
}

/**
 * Specification of a ClusterIssuer. Pure.
 *
 * Challenge names are followed through their CNAME: `_acme-challenge` records of the Sovereign's zone lead to a zone of their own,
 * the only one that the key may change.
 *
 * @see https://cert-manager.io/docs/configuration/acme/
 */
export function issuerSpec(spec: IssuerSpec) {
    const { issuer, directory, caBundle, email, challenge } = spec;
    return {
        acme: {
            server: directory ?? ACME_DIRECTORIES[issuer],
            ...(caBundle !== undefined && {
                caBundle: Buffer.from(caBundle).toString("base64"),
            }),
            ...(email !== undefined && { email }),
            privateKeySecretRef: { name: `${issuerName(issuer)}-account` },
            solvers: [solver(challenge)],
        },
    };
}

function solver(challenge: Dns01 | Http01) {
    if (challenge.type === "http-01")
        return {
            http01: {
                ingress: {
                    ingressClassName: challenge.ingressClass,
                    // The ingress goes to pods by themselves: no port of the nodes is opened, as cert-manager would otherwise.
                    serviceType: "ClusterIP",
                },
            },
        };
    return {
        dns01: {
            cnameStrategy: "Follow",
            rfc2136: {
                nameserver: challenge.server,
                tsigKeyName: challenge.tsigKeyName,
                tsigAlgorithm: challenge.tsigAlgorithm,
                tsigSecretSecretRef: TSIG_SECRET,
            },
        },
    };
}

/** An algorithm of PowerDNS (`hmac-sha256`) as cert-manager spells it. */
export function tsigAlgorithm(algorithm: string): string {
    return algorithm.replaceAll("-", "").toUpperCase();
}
