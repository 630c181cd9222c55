import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { hostNames, slug } from "../names.ts";

const HOURS_PER_DAY = 24;

/** The authority lives ten years, a certificate two; both are made anew by the first update in their last two months. */
const AUTHORITY_HOURS = 3650 * HOURS_PER_DAY;
const CERTIFICATE_HOURS = 730 * HOURS_PER_DAY;
const RENEWAL_HOURS = 60 * HOURS_PER_DAY;

export interface MailCertificateArgs {
    readonly fqdn: string;
    /** Zones beside the Sovereign's own. @default none */
    readonly furtherZones?: readonly string[];
}

/** A certificate with its key, as a Secret of type `kubernetes.io/tls` holds them. */
export interface ServerCertificate {
    /** Certificate and authority, PEM. */
    readonly chainPem: pulumi.Output<string>;
    /** PKCS#8; secret. */
    readonly privateKeyPem: pulumi.Output<string>;
    readonly publicKeyPem: pulumi.Output<string>;
}

/**
 * Certificates of an authority of the Sovereign's own, so that mail and ingress speak TLS from the first minute; publicly
 * trusted ones take their place when they are issued. The keys outlive a renewal, and with them a TLSA record.
 */
export class MailCertificate extends pulumi.ComponentResource {
    /** Certificate of the authority, PEM. */
    readonly authorityPem: pulumi.Output<string>;
    /** For `mail.<fqdn>` and `mx.<fqdn>`. */
    readonly mail: ServerCertificate;
    /** For the apex and everything one label below it. */
    readonly ingress: ServerCertificate;
    /** The same for each further zone, by zone. */
    readonly zones: ReadonlyMap<string, ServerCertificate>;

    constructor(name: string, args: MailCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:mail:MailCertificate", name, { fqdn: args.fqdn }, opts);
        const { mail, mx } = hostNames(args.fqdn);
        const authority = this.createAuthority(`${name}-authority`, args.fqdn);
        this.authorityPem = authority.certPem;
        this.mail = this.issue(`${name}-mail`, authority, [mail, mx]);
        this.ingress = this.issue(`${name}-ingress`, authority, [args.fqdn, `*.${args.fqdn}`]);
        this.zones = new Map(
            (args.furtherZones ?? []).map((zone) => [
                zone,
                this.issue(`${name}-zone-${slug(zone)}`, authority, [zone, `*.${zone}`]),
            ]),
        );
        this.registerOutputs({ authorityPem: this.authorityPem });
    }

    private createAuthority(name: string, fqdn: string): tls.SelfSignedCert {
        const key = this.createKey(name);
        return new tls.SelfSignedCert(
            name,
            {
                privateKeyPem: key.privateKeyPemPkcs8,
                // The common name may have 64 characters, a domain name 253; the organisation stands in for it.
                subject: {
                    commonName: "Sovereign mail authority",
                    organization: fqdn.slice(0, 64),
                },
                isCaCertificate: true,
                setSubjectKeyId: true,
                setAuthorityKeyId: true,
                validityPeriodHours: AUTHORITY_HOURS,
                earlyRenewalHours: RENEWAL_HOURS,
                allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
            },
            { parent: this },
        );
    }

    private issue(
        name: string,
        authority: tls.SelfSignedCert,
        dnsNames: readonly string[],
    ): ServerCertificate {
        const key = this.createKey(name);
        const request = new tls.CertRequest(
            `${name}-request`,
            {
                privateKeyPem: key.privateKeyPemPkcs8,
                subject: { commonName: "Sovereign" },
                dnsNames: [...dnsNames],
            },
            { parent: this },
        );
        const certificate = new tls.LocallySignedCert(
            name,
            {
                certRequestPem: request.certRequestPem,
                caPrivateKeyPem: authority.privateKeyPem,
                caCertPem: authority.certPem,
                setSubjectKeyId: true,
                validityPeriodHours: CERTIFICATE_HOURS,
                earlyRenewalHours: RENEWAL_HOURS,
                allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
            },
            { parent: this },
        );
        return {
            chainPem: pulumi
                .all([certificate.certPem, authority.certPem])
                .apply((chain) => chain.map((pem) => `${pem.trimEnd()}\n`).join("")),
            privateKeyPem: pulumi.secret(key.privateKeyPemPkcs8),
            publicKeyPem: key.publicKeyPem,
        };
    }

    private createKey(name: string): tls.PrivateKey {
        return new tls.PrivateKey(
            `${name}-key`,
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            { parent: this },
        );
    }
}
