import type { CertificatesConfig } from "../../config/model.ts";
import { hostNames, NAMESPACES, slug } from "../names.ts";
import { INGRESS_SECRET } from "../platform/ingressSecret.ts";
import { MAIL_SECRETS } from "../mail/stalwartValues.ts";
import { issuerName } from "./issuers.ts";
import type { AcmeIssuer } from "./issuers.ts";

/** A certificate to be issued into a Secret that is there already, with the certificate of our own authority. */
export interface PublicCertificate {
    /** `mail`, `mta-sts`, `ingress`, or `zone-<zone with dashes>` for a further zone. */
    readonly key: string;
    readonly namespace: string;
    /** The Secret whose contents are replaced when the certificate is issued. */
    readonly secret: string;
    readonly dnsNames: readonly string[];
    /**
     * The key that the Secret has stays through the switch and every renewal; a new one each time otherwise. A TLSA record is made
     * of the program's own key.
     */
    readonly keepsKey: boolean;
}

/** Where the certificate of a zone's apex and wildcard lies, for what serves its hosts. */
export const ZONE_CERTIFICATE = { namespace: NAMESPACES.platform, secret: INGRESS_SECRET } as const;

/** Where the certificate of a further zone's apex and wildcard lies. */
export function furtherZoneCertificate(zone: string) {
    return { namespace: NAMESPACES.platform, secret: `zone-${slug(zone)}-tls` } as const;
}

/**
 * Whether names are proven by HTTP: then plain requests for them have to reach the proofs. Cilium redirects a host with TLS as a whole, the
 * proofs included, unless its Ingress says otherwise. Pure.
 */
export function provenByHttp({
    issuer,
    challenge,
}: Pick<CertificatesConfig, "issuer" | "challenge">): boolean {
    return issuer !== "none" && challenge === "http-01";
}

export interface PublicCertificatesSpec {
    readonly fqdn: string;
    /** `none`: the MTA-STS host needs no certificate. */
    readonly mtaSts: "none" | "testing" | "enforce";
    readonly challenge: "dns-01" | "http-01";
    /** Zones beside the Sovereign's own; their wildcards need dns-01. @default none */
    readonly furtherZones?: readonly string[];
}

/**
 * The certificates of a Sovereign. Pure.
 *
 * Each has its names in full: a wildcard covers neither the apex nor a name two labels below it (RFC 9525, 6.3), so apex and wildcard
 * stand side by side, and mail does not rely on the wildcard.
 *
 * HTTP cannot prove `mail.`, which leads to the nodes that mail leaves from and not to the ingress: then mail keeps the certificate of
 * our own authority.
 */
export function publicCertificates(spec: PublicCertificatesSpec): readonly PublicCertificate[] {
    const { fqdn, mtaSts, challenge, furtherZones = [] } = spec;
    const hosts = hostNames(fqdn);
    return [
        ...(challenge === "http-01"
            ? []
            : [
                  {
                      key: "mail",
                      namespace: NAMESPACES.mail,
                      secret: MAIL_SECRETS.tls,
                      dnsNames: [hosts.mail, hosts.mx],
                      keepsKey: true,
                  },
              ]),
        ...(mtaSts === "none"
            ? []
            : [
                  {
                      key: "mta-sts",
                      namespace: NAMESPACES.mail,
                      secret: MAIL_SECRETS.ingress,
                      dnsNames: [hosts.mtaSts],
                      keepsKey: false,
                  },
              ]),
        {
            key: "ingress",
            ...ZONE_CERTIFICATE,
            keepsKey: false,
            // A wildcard can be proven in DNS alone (Let's Encrypt; RFC 8555, 7.1.3).
            dnsNames:
                challenge === "dns-01"
                    ? [fqdn, `*.${fqdn}`]
                    : [fqdn, hosts.console, hosts.api, hosts.gitea, hosts.harbor],
        },
        ...furtherZones.map((zone) => ({
            key: `zone-${slug(zone)}`,
            ...furtherZoneCertificate(zone),
            keepsKey: false,
            dnsNames: [zone, `*.${zone}`],
        })),
    ];
}

/** Names that are proven: a wildcard is proven at the name below its asterisk. Sorted, each once. */
export function challengeNames(certificates: readonly PublicCertificate[]): string[] {
    const names = certificates.flatMap(({ dnsNames }) =>
        dnsNames.map((name) => name.replace(/^\*\./, "")),
    );
    return [...new Set(names)].sort();
}

/**
 * Specification of a cert-manager Certificate. Pure. The kind of key is that of our own authority's certificates, so that a key that is
 * kept fits.
 *
 * @see https://cert-manager.io/docs/usage/certificate/
 */
export function certificateSpec(certificate: PublicCertificate, issuer: AcmeIssuer) {
    return {
        secretName: certificate.secret,
        dnsNames: [...certificate.dnsNames],
        issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: issuerName(issuer) },
        privateKey: {
            algorithm: "ECDSA",
            size: 256,
            encoding: "PKCS8",
            rotationPolicy: certificate.keepsKey ? "Never" : "Always",
        },
        usages: ["digital signature", "key encipherment", "server auth"],
    };
}
