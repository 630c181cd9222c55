import { ROLE_LABEL } from "../../../components/names.ts";
import type { Plan, PlannedResource } from "../plan.ts";
import { joined, words } from "../words.ts";
import { firstText, isLost, textOf } from "./risk.ts";
import type { Risk, RiskRule } from "./risk.ts";

const SERVER = "hcloud:index/server:Server";

function isControlPlane({ before, after }: PlannedResource): boolean {
    const labels = before?.inputs?.labels ?? after?.inputs?.labels;
    return (
        typeof labels === "object" &&
        labels !== null &&
        (labels as Record<string, unknown>)[ROLE_LABEL] === "control-plane"
    );
}

/** Servers that go, or are off for a while. */
export const serverLoss: RiskRule = (resource, { resources }) => {
    if (resource.type !== SERVER) return [];
    const name = firstText(textOf(resource, "before", "name"), resource.name);
    if (!isLost(resource)) return powerOff(resource, name);
    const gone = resource.operation === "delete";
    if (!isControlPlane(resource))
        return [
            {
                kind: "server replaced",
                text: gone
                    ? words`${name} is drained and deleted; volumes on its disk go with it`
                    : words`${name} is drained and built anew; volumes on its disk go with it`,
            },
        ];
    const standing = resources.filter(
        (other) => other.type === SERVER && other.before && isControlPlane(other),
    );
    const others = standing.filter((other) => other !== resource && !isLost(other)).length;
    return [controlPlaneLoss(name, gone, standing.length, others)];
};

function controlPlaneLoss(name: string, gone: boolean, all: number, staying: number): Risk {
    const what = gone ? words` is deleted` : words` is built anew`;
    const rest =
        all === 1
            ? words`: it is the only one, so the cluster's data goes with it`
            : staying === 0
              ? words`, as are all ${all} control planes`
              : words`: etcd has ${all - 1} of ${all} members until it has joined`;
    return { kind: "control plane replaced", text: joined(words`${name}`, what, rest) };
}

function powerOff(resource: PlannedResource, name: string): Risk[] {
    const was = textOf(resource, "before", "serverType");
    const is = textOf(resource, "after", "serverType");
    if (resource.operation !== "update" || was === is) return [];
    return [
        {
            kind: "server off",
            text: words`${name} is switched off to become ${is} instead of ${was}`,
        },
    ];
}

/** Whether the whole cluster goes, which says everything about what is in it. */
export function isRebuilt({ resources }: Plan): boolean {
    return resources.some(
        (resource) => resource.type === "pulumi:providers:kubernetes" && isLost(resource),
    );
}

/** The cluster as a whole: its provider is another one only when the cluster is. */
export const clusterRebuild: RiskRule = (resource) => {
    if (resource.type !== "pulumi:providers:kubernetes" || !isLost(resource)) return [];
    return resource.operation === "delete"
        ? [
              {
                  kind: "cluster deleted",
                  text: words`the cluster goes with everything in it: releases, Secrets, volumes`,
              },
          ]
        : [
              {
                  kind: "cluster rebuilt",
                  text: words`everything in the cluster is made anew: releases, Secrets, volumes`,
              },
          ];
};

/** What in the cluster takes data with it when it goes. */
const HOLDERS: Readonly<Record<string, string>> = {
    "kubernetes:core/v1:Namespace": "namespace",
    "kubernetes:core/v1:PersistentVolumeClaim": "volume claim",
    "kubernetes:helm.sh/v3:Release": "release",
};

/** Volumes, namespaces and releases that go. */
export const dataLoss: RiskRule = (resource, plan) => {
    if (!isLost(resource)) return [];
    if (resource.type === "hcloud:index/volume:Volume")
        return [
            { kind: "data loss", text: words`volume ${resource.name} goes with what is on it` },
        ];
    const holder = HOLDERS[resource.type];
    if (holder === undefined || isRebuilt(plan)) return [];
    const name = firstText(
        metadataName(resource),
        textOf(resource, "before", "name"),
        resource.name,
    );
    return [{ kind: "data loss", text: words`${holder} ${name} goes with everything in it` }];
};

function metadataName({ before }: PlannedResource): string {
    const metadata = before?.inputs?.metadata;
    if (typeof metadata !== "object" || metadata === null || !("name" in metadata)) return "";
    return typeof metadata.name === "string" ? metadata.name : "";
}
