import { stringify } from "yaml";

/** Version of the kit's chart of Flux: that of its slot 03. */
export const FLUX_CHART_VERSION = "1.1.2";

/** Versions of the controllers of Flux 2.4.0 (`manifests/bases` of its module), by name. */
const CONTROLLERS = {
    "source-controller": "v1.4.1",
    "kustomize-controller": "v1.4.0",
    "helm-controller": "v1.1.0",
} as const;

/** The controllers of the lab's chart of Flux: Deployments as the real one has, whose pods nobody plays. */
export function fluxControllers(): string {
    return Object.entries(CONTROLLERS)
        .flatMap(([name, version]) => [
            { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } },
            {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { name, labels: { app: name } },
                spec: {
                    replicas: 1,
                    selector: { matchLabels: { app: name } },
                    template: {
                        metadata: { labels: { app: name } },
                        spec: {
                            serviceAccountName: name,
                            securityContext: {
                                runAsNonRoot: true,
                                seccompProfile: { type: "RuntimeDefault" },
                            },
                            containers: [
                                {
                                    name: "manager",
                                    image: `ghcr.io/fluxcd/${name}:${version}`,
                                    securityContext: {
                                        allowPrivilegeEscalation: false,
                                        capabilities: { drop: ["ALL"] },
                                    },
                                },
                            ],
                        },
                    },
                },
            },
        ])
        .map((object) => stringify(object))
        .join("---\n");
}
