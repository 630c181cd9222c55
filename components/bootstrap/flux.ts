import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { GitopsConfig } from "../../config/model.ts";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import { dockerConfigJson } from "../platform/pullSecret.ts";
import { TAKE_OVER } from "./fieldOwnership.ts";
import {
    FLUX_NAMESPACE,
    FLUX_PULL_SECRET,
    gitRepositorySpec,
    infrastructureSpec,
    KIT_SOURCE,
    kitSpec,
    KUSTOMIZATIONS,
} from "./fluxSpecs.ts";

/** Seconds for Flux to be up: image pulls included. */
const RELEASE_TIMEOUT = 600;

/** How many revisions of a release Helm keeps. */
const RELEASE_HISTORY = 5;

/** What Flux runs stays when this program has no use for Flux any more: its end would take all of it along. */
const STAYS = { retainOnDelete: true } as const;

export interface FluxArgs {
    readonly fqdn: string;
    readonly gitops: GitopsConfig;
    readonly cluster: ClusterAccess;
    readonly registry: string;
    readonly username: string;
    /** Token that may pull charts and images; secret. */
    readonly token: pulumi.Output<string>;
    readonly after: readonly pulumi.Resource[];
    /** What its chart's digest is compared by, before the release; empty where none is pinned. */
    readonly chartPin: readonly pulumi.Resource[];
    /** Makes the release's name free, after the namespace. */
    readonly handOver: (after: readonly pulumi.Resource[]) => pulumi.Resource;
}

/** Flux itself, by the chart of the kit's own slot, with the credentials that every source of the kit names. */
export class Flux extends pulumi.ComponentResource {
    readonly resources: readonly pulumi.Resource[];

    constructor(name: string, args: FluxArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:bootstrap:Flux", name, { fqdn: args.fqdn }, opts);
        const namespace = this.createNamespace(name, args);
        const pull = this.createPullSecret(name, args, namespace);
        const policy = this.createPolicy(name, args, namespace);
        const release = this.createRelease(name, args, [
            policy,
            pull,
            args.handOver([namespace]),
            ...args.chartPin,
        ]);
        this.resources = [pull, release];
        this.registerOutputs({ status: release.status });
    }

    private createNamespace(name: string, args: FluxArgs): kubernetes.core.v1.Namespace {
        return new kubernetes.core.v1.Namespace(
            `${name}-namespace`,
            {
                metadata: {
                    name: FLUX_NAMESPACE,
                    labels: {
                        ...clusterLabels(args.fqdn),
                        "pod-security.kubernetes.io/enforce": "restricted",
                    },
                    annotations: TAKE_OVER,
                },
            },
            { ...inCluster(args.cluster, this), ...STAYS, dependsOn: [...args.after] },
        );
    }

    /** Its chart says what its controllers let in; everything else in the namespace stays closed. */
    private createPolicy(
        name: string,
        args: FluxArgs,
        namespace: kubernetes.core.v1.Namespace,
    ): kubernetes.networking.v1.NetworkPolicy {
        return new kubernetes.networking.v1.NetworkPolicy(
            `${name}-default-deny`,
            {
                metadata: {
                    name: "default-deny",
                    namespace: namespace.metadata.name,
                    labels: clusterLabels(args.fqdn),
                    annotations: TAKE_OVER,
                },
                spec: { podSelector: {}, policyTypes: ["Ingress"] },
            },
            { ...inCluster(args.cluster, this), ...STAYS },
        );
    }

    private createPullSecret(
        name: string,
        args: FluxArgs,
        namespace: kubernetes.core.v1.Namespace,
    ): kubernetes.core.v1.Secret {
        return new kubernetes.core.v1.Secret(
            `${name}-pull`,
            {
                metadata: {
                    name: FLUX_PULL_SECRET,
                    namespace: namespace.metadata.name,
                    labels: clusterLabels(args.fqdn),
                    annotations: TAKE_OVER,
                },
                type: "kubernetes.io/dockerconfigjson",
                stringData: pulumi.secret(
                    args.token.apply((token): Record<string, string> => ({
                        ".dockerconfigjson": dockerConfigJson(args.registry, args.username, token),
                    })),
                ),
            },
            { ...inCluster(args.cluster, this), ...STAYS },
        );
    }

    private createRelease(
        name: string,
        args: FluxArgs,
        after: readonly pulumi.Resource[],
    ): kubernetes.helm.v3.Release {
        const { chart, chartVersion } = args.gitops;
        return new kubernetes.helm.v3.Release(
            `${name}-release`,
            {
                // The name of the kit's own release, whose slot is suspended.
                name: "flux",
                namespace: FLUX_NAMESPACE,
                chart,
                ...(chartVersion !== undefined && { version: chartVersion }),
                timeout: RELEASE_TIMEOUT,
                maxHistory: RELEASE_HISTORY,
            },
            { ...inCluster(args.cluster, this), ...STAYS, dependsOn: [...after] },
        );
    }
}

export interface BootstrapKitArgs {
    readonly fqdn: string;
    readonly gitops: GitopsConfig;
    readonly cluster: ClusterAccess;
    readonly after: readonly pulumi.Resource[];
}

/** The kit as Flux is told of it: its source, what is applied of it in which order, and which of its slots are not its own. */
export class BootstrapKit extends pulumi.ComponentResource {
    readonly resources: readonly pulumi.Resource[];

    constructor(name: string, args: BootstrapKitArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:bootstrap:BootstrapKit", name, { fqdn: args.fqdn }, opts);
        const { fqdn, gitops } = args;
        const source = this.create(
            name,
            args,
            "source.toolkit.fluxcd.io/v1",
            "GitRepository",
            KIT_SOURCE,
            gitRepositorySpec(gitops),
            args.after,
        );
        const kit = this.create(
            name,
            args,
            "kustomize.toolkit.fluxcd.io/v1",
            "Kustomization",
            KUSTOMIZATIONS.kit,
            kitSpec(fqdn, gitops, (value) => stringify(value)),
            [source],
        );
        const { infrastructurePath } = gitops;
        const infrastructure =
            infrastructurePath === undefined
                ? []
                : [
                      this.create(
                          name,
                          args,
                          "kustomize.toolkit.fluxcd.io/v1",
                          "Kustomization",
                          KUSTOMIZATIONS.infrastructure,
                          infrastructureSpec(fqdn, infrastructurePath),
                          [kit],
                      ),
                  ];
        this.resources = [source, kit, ...infrastructure];
        this.registerOutputs({});
    }

    private create(
        name: string,
        args: BootstrapKitArgs,
        apiVersion: string,
        kind: string,
        objectName: string,
        spec: object,
        after: readonly pulumi.Resource[],
    ): pulumi.Resource {
        return new kubernetes.apiextensions.CustomResource(
            `${name}-${objectName}`,
            {
                apiVersion,
                kind,
                metadata: {
                    name: objectName,
                    namespace: FLUX_NAMESPACE,
                    labels: clusterLabels(args.fqdn),
                    annotations: TAKE_OVER,
                },
                spec,
            },
            { ...inCluster(args.cluster, this), ...STAYS, dependsOn: [...after] },
        );
    }
}
