import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import { CERT_MANAGER_NAMESPACE } from "./issuers.ts";
import { certManagerPolicies } from "./networkPolicies.ts";

/** Seconds for cert-manager to be up: image pulls included. */
const RELEASE_TIMEOUT = 600;

/** How many revisions of a release Helm keeps. */
const RELEASE_HISTORY = 5;

export interface CertManagerArgs {
    readonly fqdn: string;
    /** OCI reference (`oci://…`) or a local path. */
    readonly chart: string;
    readonly version: string;
    /** What its chart's digest is compared by, before the release; empty where none is pinned. */
    readonly chartPin: readonly pulumi.Resource[];
    readonly cluster: ClusterAccess;
    /** `address:port` of the resolver that it asks whether a proof can be seen. The cluster's, and the name servers themselves, unless given. */
    readonly resolver?: string;
    /** Ports beside the usual ones that it has to reach. */
    readonly egressPorts: readonly number[];
    /** Further values of the chart; they win over the program's own. */
    readonly values?: Readonly<Record<string, unknown>>;
}

/**
 * cert-manager in the cluster, in a namespace that lets nothing through but what it needs.
 *
 * @see https://cert-manager.io/docs/installation/helm/
 */
export class CertManager extends pulumi.ComponentResource {
    readonly namespace: pulumi.Output<string>;
    readonly release: kubernetes.helm.v3.Release;

    constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:certificates:CertManager", name, { fqdn: args.fqdn }, opts);
        this.namespace = this.createNamespace(name, args).metadata.name;
        const policies = this.createPolicies(name, args);
        this.release = this.createRelease(name, args, policies);
        this.registerOutputs({ namespace: this.namespace, status: this.release.status });
    }

    private createNamespace(name: string, args: CertManagerArgs): kubernetes.core.v1.Namespace {
        return new kubernetes.core.v1.Namespace(
            `${name}-namespace`,
            {
                metadata: {
                    name: CERT_MANAGER_NAMESPACE,
                    labels: {
                        ...clusterLabels(args.fqdn),
                        "pod-security.kubernetes.io/enforce": "restricted",
                    },
                },
            },
            inCluster(args.cluster, this),
        );
    }

    private createPolicies(
        name: string,
        args: CertManagerArgs,
    ): kubernetes.networking.v1.NetworkPolicy[] {
        return Object.entries(certManagerPolicies(args.egressPorts)).map(
            ([key, spec]) =>
                new kubernetes.networking.v1.NetworkPolicy(
                    `${name}-${key}`,
                    {
                        metadata: {
                            name: key,
                            namespace: this.namespace,
                            labels: clusterLabels(args.fqdn),
                        },
                        spec,
                    },
                    inCluster(args.cluster, this),
                ),
        );
    }

    private createRelease(
        name: string,
        args: CertManagerArgs,
        policies: readonly pulumi.Resource[],
    ): kubernetes.helm.v3.Release {
        return new kubernetes.helm.v3.Release(
            `${name}-release`,
            {
                name: "cert-manager",
                namespace: this.namespace,
                chart: args.chart,
                ...(args.chart.startsWith("oci://") && { version: args.version }),
                values: { ...certManagerValues(args.resolver), ...args.values },
                timeout: RELEASE_TIMEOUT,
                maxHistory: RELEASE_HISTORY,
            },
            { ...inCluster(args.cluster, this), dependsOn: [...policies, ...args.chartPin] },
        );
    }
}

/** Values of cert-manager's chart. Definitions stay when the release goes: with them every Certificate and its account would go. */
export function certManagerValues(resolver?: string) {
    return {
        crds: { enabled: true, keep: true },
        ...(resolver !== undefined && {
            extraArgs: [
                `--dns01-recursive-nameservers=${resolver}`,
                "--dns01-recursive-nameservers-only",
                `--acme-http01-solver-nameservers=${resolver}`,
            ],
        }),
    };
}
