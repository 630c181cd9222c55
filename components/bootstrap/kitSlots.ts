import { stringify } from "yaml";
import { NAMESPACES, SOVEREIGN_LABEL } from "../names.ts";
import { FLUX_NAMESPACE, FLUX_PULL_SECRET } from "./fluxSpecs.ts";
import { BOOTSTRAP_GRAPH } from "./kitGraph.ts";
import { kitValuesName } from "./kitValues.ts";

/** A slot that either this program or the kit owns. */
export type SharedSlot = "bp-stalwart-sovereign" | "bp-catalyst-platform";

/** What Flux puts the Sovereign's name in for (`postBuild.substitute`). */
const FQDN = "${SOVEREIGN_FQDN}";

const RELEASES: Readonly<
    Record<
        SharedSlot,
        { readonly release: string; readonly namespace: string; readonly values: object }
    >
> = {
    "bp-stalwart-sovereign": {
        release: "stalwart-sovereign",
        namespace: NAMESPACES.mail,
        values: { sovereignFQDN: FQDN },
    },
    "bp-catalyst-platform": {
        release: "catalyst-platform",
        namespace: NAMESPACES.platform,
        values: { global: { sovereignFQDN: FQDN } },
    },
};

/** Name of a slot's file in a bootstrap kit. */
export function slotFile(slot: SharedSlot): string {
    return `${BOOTSTRAP_GRAPH[slot].slot}-${slot}.yaml`;
}

export interface SlotSpec {
    readonly slot: SharedSlot;
    /** Version of the chart. */
    readonly chartVersion: string;
    /** OCI registry with the chart, `oci://…`. */
    readonly repository: string;
}

/**
 * A slot for a kit that Flux runs, the same for every Sovereign: what is a Sovereign's own comes from the ConfigMap that the program writes,
 * Secrets and the namespace are the program's. What the slot loses, when the program owns it, is not pruned. Pure.
 */
export function kitSlot({ slot, chartVersion, repository }: SlotSpec): string {
    const { release, namespace, values } = RELEASES[slot];
    const metadata = {
        name: slot,
        namespace: FLUX_NAMESPACE,
        labels: { [SOVEREIGN_LABEL]: FQDN },
        annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled" },
    };
    const remediation = { disableWait: true, remediation: { retries: 3 } };
    const objects = [
        {
            apiVersion: "source.toolkit.fluxcd.io/v1beta2",
            kind: "HelmRepository",
            metadata,
            spec: {
                type: "oci",
                interval: "15m",
                url: repository,
                secretRef: { name: FLUX_PULL_SECRET },
            },
        },
        {
            apiVersion: "helm.toolkit.fluxcd.io/v2",
            kind: "HelmRelease",
            metadata,
            spec: {
                interval: "15m",
                releaseName: release,
                targetNamespace: namespace,
                dependsOn: BOOTSTRAP_GRAPH[slot].dependsOn.map((name) => ({ name })),
                chart: {
                    spec: {
                        chart: slot,
                        version: chartVersion,
                        sourceRef: { kind: "HelmRepository", name: slot },
                    },
                },
                install: remediation,
                upgrade: remediation,
                valuesFrom: [
                    {
                        kind: "ConfigMap",
                        name: kitValuesName(slot),
                        valuesKey: "values.yaml",
                        // Without them the server of this Sovereign would be another one.
                        optional: false,
                    },
                ],
                values,
            },
        },
    ];
    return objects.map((object) => stringify(object)).join("---\n");
}
