import type { RefusedConfig } from "./refusedConfig.ts";

const FLUX = {
    bootstrap: "flux",
    fluxChartVersion: "1.1.2",
    imageRegistryUsername: "robot",
    imageRegistryToken: "registry-token-of-a-test",
};

/** Configurations of the bootstrap. */
export const gitops: readonly RefusedConfig[] = [
    {
        name: "a kit's mail server without a kit",
        change: { mailServerOwner: "kit" },
        message: [
            '  mailServerOwner: found "kit"; expected program: without bootstrap flux there is no kit',
            "      pulumi config rm mailServerOwner",
            "   or pulumi config set bootstrap flux",
        ],
    },
    {
        name: "a digest of a platform that the kit releases",
        change: {
            ...FLUX,
            platformOwner: "kit",
            platformChartVersion: `1.4.20@sha256:${"ab".repeat(32)}`,
        },
        message: [
            `  platformChartVersion: found "1.4.20@sha256:${"ab".repeat(32)}"; expected a version without a digest: the kit releases the platform, and its slot 13 says which chart it takes`,
            "      pulumi config set platformChartVersion 1.4.20",
            "   or pulumi config set platformOwner program",
        ],
    },
    {
        name: "Flux without a version",
        change: { ...FLUX, fluxChartVersion: undefined },
        message: [
            "  fluxChartVersion: found nothing; expected the version that the kit's slot 03 names: another one would fight over Flux's definitions",
            "      pulumi config set fluxChartVersion 1.1.2",
        ],
    },
    {
        name: "Flux without the credentials that its kit names",
        change: { ...FLUX, imageRegistryUsername: undefined, imageRegistryToken: undefined },
        message: [
            "  imageRegistryToken: found nothing; expected a token that may pull from ghcr.io: the kit's sources name the Secret ghcr-pull and wait for it for ever",
            "      pulumi config set --secret imageRegistryToken",
            "      pulumi config set imageRegistryUsername robot",
        ],
    },
    {
        name: "a kit of one Sovereign's own",
        change: { ...FLUX, gitopsKitPath: "./clusters/omantel.example.org/bootstrap-kit" },
        message: [
            '  gitopsKitPath: found "./clusters/omantel.example.org/bootstrap-kit"; expected the path of the template that all Sovereigns share: nobody commits a directory for each, and Flux puts the name in',
            "      pulumi config set gitopsKitPath ./clusters/_template/bootstrap-kit",
        ],
    },
    {
        name: "a path that leaves the repository",
        change: { ...FLUX, gitopsKitPath: "./../elsewhere" },
        message: [
            '  gitopsKitPath: found "./../elsewhere"; expected a path in the repository, beginning with ./',
            "      pulumi config set gitopsKitPath ./clusters/_template/bootstrap-kit",
        ],
    },
    {
        name: "credentials for a Crossplane that nobody installs",
        change: { crossplaneCredentials: true },
        message: [
            "  crossplaneCredentials: found true; expected false: without bootstrap flux there is no Crossplane",
            "      pulumi config rm crossplaneCredentials",
            "   or pulumi config set bootstrap flux",
        ],
    },
    {
        name: "a token for Crossplane that is not there",
        change: { ...FLUX, crossplaneCredentials: true },
        message: [
            "  hcloud:token: found nothing; expected the token that crossplaneCredentials gives to the kit's Crossplane",
            "      pulumi config set --secret hcloud:token",
            "   or pulumi config rm crossplaneCredentials",
        ],
    },
];
