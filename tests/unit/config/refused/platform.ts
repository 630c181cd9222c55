import type { RefusedConfig } from "./refusedConfig.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;

/** Configurations of the platform, of secrets and of keys that nobody knows. */
export const platform: readonly RefusedConfig[] = [
    {
        name: "a chart from a registry without a version",
        change: { platformChartVersion: undefined },
        message: [
            "  platformChartVersion: found nothing; expected a version of the chart, since platformChart is an OCI reference",
            "      pulumi config set platformChartVersion 1.4.20",
        ],
    },
    {
        name: "a chart by a web address",
        change: { platformChart: "https://charts.example/catalyst" },
        message: [
            '  platformChart: found "https://charts.example/catalyst"; expected an OCI reference without a tag, or a path beginning with ./ or /',
            "      pulumi config set platformChart oci://ghcr.io/openova-io/bp-catalyst-platform",
        ],
    },
    {
        name: "a chart version that is a range",
        change: { platformChartVersion: "^1.4" },
        message: [
            '  platformChartVersion: found "^1.4"; expected a version of the chart, for example 1.4.20, or 1.4.20@sha256:<64 hex digits>',
            "      pulumi config set platformChartVersion 1.4.20",
        ],
    },
    {
        name: "a digest that is too short, and one without a version",
        change: {
            platformChartVersion: "1.4.20@sha256:abc",
            certManagerChartVersion: `@${DIGEST}`,
        },
        message: [
            '  platformChartVersion: found "1.4.20@sha256:abc"; expected a version of the chart, for example 1.4.20, or 1.4.20@sha256:<64 hex digits>',
            "      pulumi config set platformChartVersion 1.4.20",
            `  certManagerChartVersion: found "@${DIGEST}"; expected a version of the chart, for example v1.19.1, or v1.19.1@sha256:<64 hex digits>`,
            "      pulumi config set certManagerChartVersion v1.19.1",
        ],
    },
    {
        name: "digests of charts that no registry has",
        change: {
            platformChart: "./charts/catalyst-platform",
            platformChartVersion: `1.4.20@${DIGEST}`,
            gatewayApiChart: "./charts/gateway-api",
            gatewayApiChartVersion: `1.4.0@${DIGEST}`,
        },
        message: [
            `  platformChartVersion: found "1.4.20@${DIGEST}"; expected a version without a digest, since platformChart is a path: only a registry has digests`,
            "      pulumi config set platformChartVersion 1.4.20",
            `  gatewayApiChartVersion: found "1.4.0@${DIGEST}"; expected a version without a digest, since gatewayApiChart is a path: only a registry has digests`,
            "      pulumi config set gatewayApiChartVersion 1.4.0",
        ],
    },
    {
        name: "a Gateway API chart from a registry without a version",
        change: { gatewayApiChart: "oci://registry.example/charts/gateway-api" },
        message: [
            "  gatewayApiChartVersion: found nothing; expected a version of the chart, since gatewayApiChart is an OCI reference",
            "      pulumi config set gatewayApiChartVersion 1.4.0",
        ],
    },
    {
        name: "a version of no Gateway API chart",
        change: { gatewayApiChartVersion: "1.4.0" },
        message: [
            "  gatewayApiChart: found nothing; expected the chart whose version gatewayApiChartVersion is",
            "      pulumi config set gatewayApiChart oci://registry.example/charts/gateway-api",
            "   or pulumi config rm gatewayApiChartVersion",
        ],
    },
    {
        name: "a challenge by an Ingress behind a Gateway",
        change: {
            gatewayApiChart: "./charts/gateway-api",
            certificateIssuer: "staging",
            acmeChallenge: "http-01",
        },
        message: [
            '  acmeChallenge: found "http-01"; expected dns-01: http-01 is answered by an Ingress, and gatewayApiChart has a Gateway serve the platform',
            "      pulumi config set acmeChallenge dns-01",
            "   or pulumi config rm gatewayApiChart",
        ],
    },
    {
        name: "values that are a list",
        change: { platformValues: [1] },
        message: [
            "  platformValues: found something else; expected an object with values of the platform chart",
            "      pulumi config set --path platformValues.images.api.tag '<tag>'",
            "      pulumi config set --path platformValues.images.ui.tag '<tag>'",
        ],
    },
    {
        name: "a registry with a scheme",
        change: { imageRegistry: "https://ghcr.io" },
        message: [
            '  imageRegistry: found "https://ghcr.io"; expected the host of a container registry, with its port where it has one',
            "      pulumi config set imageRegistry ghcr.io",
        ],
    },
    {
        name: "a login without a token",
        change: { imageRegistryUsername: "robot" },
        message: [
            "  imageRegistryToken: found nothing; expected a token that may pull from ghcr.io, since imageRegistryUsername is set",
            "      pulumi config set --secret imageRegistryToken",
        ],
    },
    {
        name: "a token without a login",
        change: { imageRegistryToken: "x" },
        message: [
            "  imageRegistryUsername: found nothing; expected the login name at ghcr.io, since imageRegistryToken is set",
            "      pulumi config set imageRegistryUsername robot",
        ],
    },
    {
        name: "no key of the PowerDNS API",
        change: { powerdnsApiKey: undefined },
        message: [
            "  powerdnsApiKey: found nothing; expected the key of the PowerDNS API",
            "      pulumi config set --secret powerdnsApiKey",
        ],
    },
    {
        name: "a key with a line break",
        change: { powerdnsApiKey: "secret\nkey" },
        message: [
            "  powerdnsApiKey: found a value with white space in it; expected the key of the PowerDNS API",
            "      pulumi config set --secret powerdnsApiKey",
        ],
    },
    {
        name: "a Hetzner token of a wrong length",
        change: { "hcloud:token": "short-secret" },
        message: [
            "  hcloud:token: found a value that is not 64 characters long; expected an API token of Hetzner Cloud, 64 characters",
            "      pulumi config set --secret hcloud:token",
        ],
    },
    {
        name: "a key that nobody knows",
        change: { controlPlaneCounts: 3 },
        message: [
            "  controlPlaneCounts: found a key that this program does not know; expected controlPlaneCount, perhaps",
            "      pulumi config rm controlPlaneCounts",
        ],
    },
    {
        name: "a key that looks like no other",
        change: { foo: "bar" },
        message: [
            "  foo: found a key that this program does not know; expected one of the keys in Pulumi.yaml",
            "      pulumi config rm foo",
        ],
    },
    {
        name: "a list that is text",
        change: { locations: "fsn1" },
        message: [
            '  locations: found "fsn1"; expected one location of Hetzner or more, in order of preference',
            "      pulumi config set --path 'locations[0]' fsn1",
        ],
    },
];
