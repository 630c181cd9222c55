import { z } from "zod";
import type { PrerequisiteRequirement } from "../resources/prerequisite.ts";
import { statusOf, type KubernetesApi } from "./kubernetesApi.ts";

const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

const condition = z.object({
    type: z.string(),
    status: z.string(),
    reason: z.string().default(""),
    message: z.string().default(""),
});
type Condition = z.output<typeof condition>;

const withStatus = z.object({
    status: z
        .object({
            conditions: z.array(condition).default([]),
            listeners: z
                .array(z.object({ name: z.string(), conditions: z.array(condition).default([]) }))
                .default([]),
        })
        .prefault({}),
});

/** What of a prerequisite is missing or does not work, in words; all of it at once. */
export async function hindrances(
    api: KubernetesApi,
    requires: readonly PrerequisiteRequirement[],
): Promise<string[]> {
    const found = await Promise.all(requires.map((requirement) => hindrance(api, requirement)));
    return found.filter((text) => text !== undefined);
}

function hindrance(
    api: KubernetesApi,
    requirement: PrerequisiteRequirement,
): Promise<string | undefined> {
    return requirement.kind === "object"
        ? objectHindrance(api, requirement)
        : storageHindrance(api);
}

async function storageHindrance(api: KubernetesApi): Promise<string | undefined> {
    const { items } = await api.storage.listStorageClass({}, api.options());
    if (items.some(({ metadata }) => metadata?.annotations?.[DEFAULT_CLASS] === "true"))
        return undefined;
    const names = items.map(({ metadata }) => metadata?.name ?? "");
    return `no StorageClass is the default one (there ${names.length === 0 ? "is none" : `are: ${names.join(", ")}`})`;
}

type ObjectRequirement = Extract<PrerequisiteRequirement, { kind: "object" }>;

async function objectHindrance(
    api: KubernetesApi,
    requirement: ObjectRequirement,
): Promise<string | undefined> {
    const { apiVersion, plural, namespace, name } = requirement;
    const [group = "", version = ""] = apiVersion.split("/");
    const path = { group, version, plural, name };
    const what = `${plural}/${name}${namespace === undefined ? "" : ` in ${namespace}`}`;
    try {
        const object: unknown =
            namespace === undefined
                ? await api.custom.getClusterCustomObject(path, api.options())
                : await api.custom.getNamespacedCustomObject({ ...path, namespace }, api.options());
        const { status } = withStatus.parse(object);
        return (
            conditionHindrance(what, requirement.condition, status.conditions) ??
            (requirement.listeners === true ? listenerHindrance(what, status.listeners) : undefined)
        );
    } catch (error) {
        if (statusOf(error) !== 404) throw error;
        return `${what} is not there`;
    }
}

function conditionHindrance(
    what: string,
    type: string | undefined,
    conditions: readonly Condition[],
): string | undefined {
    if (type === undefined) return undefined;
    const found = conditions.find((c) => c.type === type);
    if (found?.status === "True") return undefined;
    return found === undefined
        ? `${what} is not ${type}: no controller has looked at it`
        : `${what} is not ${type} (${found.reason}${found.message === "" ? "" : `: ${found.message}`})`;
}

function listenerHindrance(
    what: string,
    listeners: readonly { readonly name: string; readonly conditions: readonly Condition[] }[],
): string | undefined {
    for (const { name, conditions } of listeners) {
        const found = conditionHindrance(`listener ${name} of ${what}`, "ResolvedRefs", conditions);
        if (found !== undefined) return found;
    }
    return undefined;
}
