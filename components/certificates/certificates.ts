import * as pulumi from "@pulumi/pulumi";
import type { CertificatesConfig, DnsConfig } from "../../config/model.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import type { Provider } from "../../provider/resources/provider.ts";
import { CertManager } from "./certManager.ts";
import { challengeNames } from "./certificateSpecs.ts";
import type { PublicCertificate } from "./certificateSpecs.ts";
import { ChallengeZone, TSIG_ALGORITHM } from "./challengeZone.ts";
import { INGRESS_CLASS, tsigAlgorithm } from "./issuers.ts";
import type { AcmeIssuer, Dns01, Http01 } from "./issuers.ts";
import { PublicCertificates } from "./publicCertificates.ts";

export interface CertificatesArgs {
    readonly fqdn: string;
    readonly certificates: CertificatesConfig;
    /** The issuer that is configured. */
    readonly issuer: AcmeIssuer;
    readonly dns: DnsConfig;
    /** The Sovereign's zone. */
    readonly zone: pulumi.Input<string>;
    /** Zones beside it, by name. */
    readonly furtherZones: ReadonlyMap<string, pulumi.Input<string>>;
    /** Public addresses of the nodes, which dynamic updates come from unless the configuration says otherwise. */
    readonly nodeAddresses: readonly pulumi.Input<string>[];
    readonly wanted: readonly PublicCertificate[];
    /** See `CertManagerArgs.chartPin`. */
    readonly chartPin: readonly pulumi.Resource[];
    readonly cluster: ClusterAccess;
    /** The Secrets that certificates are put into. */
    readonly after: readonly pulumi.Resource[];
    /** Protects the challenge zone from deletion. */
    readonly protect: boolean;
    /** The `sovereign` provider. */
    readonly provider: Provider;
}

/** Publicly trusted certificates: how names are proven, who asks for them, and which ones. */
export class Certificates extends pulumi.ComponentResource {
    readonly certManager: CertManager;
    readonly publicCertificates: PublicCertificates;

    constructor(name: string, args: CertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:certificates:Certificates", name, { fqdn: args.fqdn }, opts);
        const { fqdn, cluster, certificates } = args;
        const challengeZone = this.createChallengeZone(name, args);
        this.certManager = new CertManager(
            `${name}-cert-manager`,
            {
                fqdn,
                cluster,
                chart: certificates.chart,
                version: certificates.chartVersion,
                chartPin: args.chartPin,
                values: certificates.values,
                egressPorts: egressPorts(certificates, args.dns.resolver),
                ...(args.dns.resolver !== undefined && { resolver: args.dns.resolver }),
            },
            { parent: this },
        );
        const { directory, caBundle, email } = certificates;
        this.publicCertificates = new PublicCertificates(
            `${name}-public`,
            {
                fqdn,
                issuer: args.issuer,
                acme: {
                    ...(directory !== undefined && { directory }),
                    ...(caBundle !== undefined && { caBundle }),
                    ...(email !== undefined && { email }),
                    challenge: challengeOf(certificates, challengeZone),
                },
                certificates: args.wanted,
                ...(challengeZone && { tsigSecret: challengeZone.secret }),
                certManager: this.certManager,
                cluster,
                after: [...args.after, ...(challengeZone?.ready ?? [])],
            },
            { parent: this },
        );
        this.registerOutputs({ certManager: this.certManager.release.status });
    }

    private createChallengeZone(name: string, args: CertificatesArgs): ChallengeZone | undefined {
        const { fqdn, dns, provider, certificates } = args;
        if (certificates.challenge !== "dns-01") return undefined;
        return new ChallengeZone(
            `${name}-challenges`,
            {
                fqdn,
                dns,
                parentZone: args.zone,
                furtherZones: args.furtherZones,
                names: challengeNames(args.wanted),
                sources: certificates.updateSources ?? args.nodeAddresses.map(hostRange),
                protect: args.protect,
                provider,
            },
            { parent: this },
        );
    }
}

/** Ports of what the configuration tells cert-manager to ask: name servers (`host:port`) and an ACME directory. */
function egressPorts(
    { dnsUpdateServer, directory }: CertificatesConfig,
    resolver: string | undefined,
): number[] {
    return [
        `tcp://${dnsUpdateServer}`,
        ...(resolver === undefined ? [] : [`tcp://${resolver}`]),
        ...(directory === undefined ? [] : [directory]),
    ]
        .map((text) => Number(URL.parse(text)?.port ?? 0))
        .filter((port) => port > 0);
}

/** The range of one address. */
function hostRange(address: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi.output(address).apply((ip) => `${ip}/${ip.includes(":") ? 128 : 32}`);
}

function challengeOf(
    { dnsUpdateServer }: CertificatesConfig,
    zone: ChallengeZone | undefined,
): Dns01 | Http01 {
    if (zone === undefined) return { type: "http-01", ingressClass: INGRESS_CLASS };
    return {
        type: "dns-01",
        server: dnsUpdateServer,
        tsigKeyName: zone.keyName,
        tsigAlgorithm: tsigAlgorithm(TSIG_ALGORITHM),
    };
}
