import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { GatewayConfig } from "../../config/model.ts";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import {
    certificateGrantName,
    certificateGrantSpec,
    GATEWAY,
    gatewayCiliumValues,
    gatewaySpec,
    redirectSpec,
} from "./gatewaySpecs.ts";
import type { GatewayZone } from "./gatewaySpecs.ts";
import type { Installation } from "./installation.ts";

/** Seconds for the definitions to be there; no pod is started for them. */
const RELEASE_TIMEOUT = 300;

/** How many revisions of a release Helm keeps. */
const RELEASE_HISTORY = 3;

const GROUP = "gateway.networking.k8s.io";

export interface GatewayArgs {
    readonly fqdn: string;
    readonly gateway: GatewayConfig;
    readonly zones: readonly GatewayZone[];
    readonly cluster: ClusterAccess;
    readonly installation: Installation;
    /** What its chart's digest is compared by, before the release; empty where none is pinned. */
    readonly chartPin: readonly pulumi.Resource[];
}

/** The way in to the platform: the Gateway API's definitions, Cilium as their controller, one Gateway with listeners for every zone. */
export class Gateway extends pulumi.ComponentResource {
    constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:bootstrap:Gateway", name, { fqdn: args.fqdn }, opts);
        const { installation } = args;
        installation.install("gateway-definitions", (after) => ({
            resources: [this.createDefinitions(name, args, after)],
        }));
        installation.install("gateway-class", (after) => ({
            resources: [this.createController(name, args, after)],
        }));
        installation.install("gateway", (after) => ({
            resources: this.createGateway(name, args, after),
        }));
        this.registerOutputs({ gateway: `${GATEWAY.namespace}/${GATEWAY.name}` });
    }

    private createDefinitions(
        name: string,
        args: GatewayArgs,
        after: readonly pulumi.Resource[],
    ): pulumi.Resource {
        const { chart, chartVersion } = args.gateway;
        return new kubernetes.helm.v3.Release(
            `${name}-definitions`,
            {
                name: "gateway-api",
                namespace: GATEWAY.namespace,
                chart,
                ...(chartVersion !== undefined && { version: chartVersion }),
                timeout: RELEASE_TIMEOUT,
                maxHistory: RELEASE_HISTORY,
            },
            // With a definition go all objects of its kind.
            {
                ...inCluster(args.cluster, this),
                dependsOn: [...after, ...args.chartPin],
                retainOnDelete: true,
            },
        );
    }

    /**
     * k3s' way to change the values of a chart in its manifests (https://docs.k3s.io/helm#customizing-packaged-components-with-helmchartconfig):
     * it reaches clusters whose servers have been there for long, and comes after the definitions, without which Cilium's operator would
     * leave the Gateway API alone.
     */
    private createController(
        name: string,
        args: GatewayArgs,
        after: readonly pulumi.Resource[],
    ): pulumi.Resource {
        return new kubernetes.apiextensions.CustomResource(
            `${name}-cilium`,
            {
                apiVersion: "helm.cattle.io/v1",
                kind: "HelmChartConfig",
                metadata: {
                    name: "cilium",
                    namespace: "kube-system",
                    labels: clusterLabels(args.fqdn),
                },
                spec: { valuesContent: stringify(gatewayCiliumValues()) },
            },
            { ...inCluster(args.cluster, this), dependsOn: [...after] },
        );
    }

    private createGateway(
        name: string,
        args: GatewayArgs,
        after: readonly pulumi.Resource[],
    ): pulumi.Resource[] {
        const options = { ...inCluster(args.cluster, this), dependsOn: [...after] };
        const labels = clusterLabels(args.fqdn);
        const secrets = new Map(
            args.zones.map(({ certificate }) => [certificate.secret, certificate]),
        );
        const grants = [...secrets.values()].map(
            ({ namespace, secret }) =>
                new kubernetes.apiextensions.CustomResource(
                    `${name}-grant-${secret}`,
                    {
                        apiVersion: `${GROUP}/v1beta1`,
                        kind: "ReferenceGrant",
                        metadata: { name: certificateGrantName(secret), namespace, labels },
                        spec: certificateGrantSpec(secret),
                    },
                    options,
                ),
        );
        const gateway = new kubernetes.apiextensions.CustomResource(
            `${name}-gateway`,
            {
                apiVersion: `${GROUP}/v1`,
                kind: "Gateway",
                metadata: { ...GATEWAY, labels },
                spec: gatewaySpec(args.fqdn, args.zones),
            },
            options,
        );
        const redirect = new kubernetes.apiextensions.CustomResource(
            `${name}-redirect`,
            {
                apiVersion: `${GROUP}/v1`,
                kind: "HTTPRoute",
                metadata: { name: "https-redirect", namespace: GATEWAY.namespace, labels },
                spec: redirectSpec(),
            },
            options,
        );
        return [...grants, gateway, redirect];
    }
}
