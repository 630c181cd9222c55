import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { ADMIN_GROUP } from "../names.ts";
import { CA_NAMES } from "./bootFiles.ts";
import type { AuthorityFiles } from "./userData.ts";

/** Ten years, as long as the CAs that k3s makes for itself. */
const CA_VALIDITY_HOURS = 87_600;

const CA_USES = ["cert_signing", "crl_signing", "digital_signature"];

export interface ClusterPkiArgs {
    readonly fqdn: string;
    /** `cluster.epoch`. Another epoch gets another root, so that what is left of the old cluster cannot be mistaken for it. */
    readonly epoch: number;
    /** Raise it to renew the admin certificate. */
    readonly adminCertificateGeneration: number;
    readonly adminCertificateValidityHours: number;
}

interface Authority {
    readonly key: tls.PrivateKey;
    readonly certificatePem: pulumi.Output<string>;
}

/**
 * The certificate authorities of the cluster, made before its first server: one root, and under it the five that k3s takes
 * from {@link https://docs.k3s.io/cli/certificate#using-custom-ca-certificates | custom CA files}. The root's key never
 * leaves the state.
 */
export class ClusterPki extends pulumi.ComponentResource {
    /** Root certificate, PEM. */
    readonly rootPem: pulumi.Output<string>;
    /** What the API server's certificate is checked against: its CA and the root, PEM. */
    readonly serverCaPem: pulumi.Output<string>;
    /** The five CAs with their keys by name; secret. */
    readonly authorities: pulumi.Output<Record<string, AuthorityFiles>>;
    /** Key that signs service account tokens, PEM; secret. */
    readonly serviceAccountKeyPem: pulumi.Output<string>;
    /** Client certificate of the admin group, PEM. */
    readonly adminCertificatePem: pulumi.Output<string>;
    /** Secret. */
    readonly adminKeyPem: pulumi.Output<string>;

    constructor(name: string, args: ClusterPkiArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:cluster:ClusterPki", name, { ...args }, opts);
        const root = this.root(name, args);
        const authorities = new Map(
            CA_NAMES.map((ca) => [ca, this.authority(name, ca, root, args)]),
        );
        this.rootPem = root.certificatePem;
        this.serverCaPem = this.chain(get(authorities, "server-ca"), root);
        this.authorities = this.files(authorities, root);
        this.serviceAccountKeyPem = this.key(`${name}-service-account-key`, args.epoch);
        const admin = this.admin(name, get(authorities, "client-ca"), args);
        this.adminCertificatePem = admin.certificatePem;
        this.adminKeyPem = admin.key.privateKeyPem;
        this.registerOutputs({ rootPem: this.rootPem });
    }

    private root(name: string, args: ClusterPkiArgs): Authority {
        const key = this.privateKey(`${name}-root-key`, args.epoch);
        const certificate = new tls.SelfSignedCert(
            `${name}-root`,
            {
                privateKeyPem: key.privateKeyPem,
                subject: { commonName: `${args.fqdn} root` },
                isCaCertificate: true,
                setSubjectKeyId: true,
                setAuthorityKeyId: true,
                allowedUses: CA_USES,
                validityPeriodHours: CA_VALIDITY_HOURS,
            },
            { parent: this },
        );
        return { key, certificatePem: certificate.certPem };
    }

    private authority(name: string, ca: string, root: Authority, args: ClusterPkiArgs): Authority {
        const resource = `${name}-${ca.replace("/", "-")}`;
        const key = this.privateKey(`${resource}-key`, args.epoch);
        const request = new tls.CertRequest(
            `${resource}-request`,
            {
                privateKeyPem: key.privateKeyPem,
                subject: { commonName: `${args.fqdn} ${ca.replace("/", " ")}` },
            },
            { parent: this },
        );
        const certificate = new tls.LocallySignedCert(
            resource,
            {
                certRequestPem: request.certRequestPem,
                caPrivateKeyPem: root.key.privateKeyPem,
                caCertPem: root.certificatePem,
                isCaCertificate: true,
                setSubjectKeyId: true,
                allowedUses: CA_USES,
                validityPeriodHours: CA_VALIDITY_HOURS,
            },
            { parent: this },
        );
        return { key, certificatePem: certificate.certPem };
    }

    private admin(name: string, clientCa: Authority, args: ClusterPkiArgs): Authority {
        const generation = args.adminCertificateGeneration;
        const key = this.privateKey(`${name}-admin-key`, generation);
        const request = new tls.CertRequest(
            `${name}-admin-request`,
            {
                privateKeyPem: key.privateKeyPem,
                subject: { commonName: "sovereign-admin", organization: ADMIN_GROUP },
            },
            { parent: this },
        );
        const certificate = new tls.LocallySignedCert(
            `${name}-admin`,
            {
                certRequestPem: request.certRequestPem,
                caPrivateKeyPem: clientCa.key.privateKeyPem,
                caCertPem: clientCa.certificatePem,
                allowedUses: ["client_auth", "digital_signature", "key_encipherment"],
                validityPeriodHours: args.adminCertificateValidityHours,
            },
            { parent: this },
        );
        return { key, certificatePem: certificate.certPem };
    }

    private files(
        authorities: ReadonlyMap<string, Authority>,
        root: Authority,
    ): pulumi.Output<Record<string, AuthorityFiles>> {
        const entries = [...authorities].map(([ca, authority]) =>
            pulumi
                .all([this.chain(authority, root), authority.key.privateKeyPem])
                .apply(([chainPem, keyPem]) => [ca, { chainPem, keyPem }] as const),
        );
        return pulumi.secret(pulumi.all(entries).apply((all) => Object.fromEntries(all)));
    }

    /** k3s tells a chain from a single CA by its second certificate, and pins the root only then. */
    private chain(authority: Authority, root: Authority): pulumi.Output<string> {
        return pulumi
            .all([authority.certificatePem, root.certificatePem])
            .apply(([ca, rootPem]) => `${ca.trimEnd()}\n${rootPem.trimEnd()}\n`);
    }

    private key(name: string, generation: number): pulumi.Output<string> {
        return this.privateKey(name, generation).privateKeyPem;
    }

    private privateKey(name: string, generation: number): tls.PrivateKey {
        return new tls.PrivateKey(
            name,
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            { parent: this, replacementTrigger: String(generation) },
        );
    }
}

function get(authorities: ReadonlyMap<string, Authority>, ca: (typeof CA_NAMES)[number]) {
    const authority = authorities.get(ca);
    if (!authority) throw new Error(`CA_NAMES lacks ${ca}`);
    return authority;
}
