import { stringify } from "yaml";
import { NAMESPACES } from "../names.ts";
import { BOOTSTRAP_GRAPH } from "./bootstrapGraph.ts";

const NAME = "bp-stalwart-sovereign";

/** File of the mail server's slot in a bootstrap kit. */
export const MAIL_SLOT_FILE = `${BOOTSTRAP_GRAPH[NAME].slot}-${NAME}.yaml`;

export interface MailSlotSpec {
    readonly fqdn: string;
    /** Version of the chart `stalwart-sovereign`. */
    readonly chartVersion: string;
    /** OCI registry with the chart, `oci://…`. */
    readonly repository: string;
    /** Secret in `flux-system` with the registry's credentials. */
    readonly pullSecret: string;
    /** Values of the release as the program gives them. */
    readonly values: Readonly<Record<string, unknown>>;
}

/** The mail server's slot for a kit that Flux runs: what the program's own release is, as objects of Flux. Pure. */
export function mailSlot(spec: MailSlotSpec): string {
    const labels = { "catalyst.openova.io/sovereign": spec.fqdn };
    const objects = [
        {
            apiVersion: "v1",
            kind: "Namespace",
            metadata: {
                name: NAMESPACES.mail,
                // The server listens on ports of the node, which every stricter profile forbids.
                labels: { ...labels, "pod-security.kubernetes.io/enforce": "privileged" },
            },
        },
        {
            apiVersion: "source.toolkit.fluxcd.io/v1",
            kind: "HelmRepository",
            metadata: { name: NAME, namespace: "flux-system", labels },
            spec: {
                type: "oci",
                interval: "15m",
                url: spec.repository,
                secretRef: { name: spec.pullSecret },
            },
        },
        {
            apiVersion: "helm.toolkit.fluxcd.io/v2",
            kind: "HelmRelease",
            metadata: { name: NAME, namespace: "flux-system", labels },
            spec: {
                interval: "15m",
                releaseName: "stalwart-sovereign",
                targetNamespace: NAMESPACES.mail,
                dependsOn: BOOTSTRAP_GRAPH[NAME].dependsOn.map((name) => ({ name })),
                chart: {
                    spec: {
                        chart: NAME,
                        version: spec.chartVersion,
                        sourceRef: { kind: "HelmRepository", name: NAME },
                    },
                },
                install: { disableWait: true, remediation: { retries: 3 } },
                upgrade: { disableWait: true, remediation: { retries: 3 } },
                values: spec.values,
            },
        },
    ];
    return objects.map((object) => stringify(object)).join("---\n");
}
