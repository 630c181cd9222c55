import { z } from "zod";
import { ofType } from "../engine/resource.ts";
import type { Resource } from "../engine/resource.ts";
import { NotApplicable, rule } from "../engine/rule.ts";
import type { Finding } from "../engine/rule.ts";
import { isOpen, properties, text, texts } from "../engine/values.ts";
import type { Value } from "../engine/values.ts";
import { TYPES } from "./types.ts";

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
const PROFILES = ["privileged", "baseline", "restricted"];

const LABEL = "pod-security.kubernetes.io";

function labelled(namespace: Resource, modes: readonly string[]): boolean {
    const { labels } = properties(namespace.inputs.metadata);
    return (
        isOpen(labels) ||
        modes.some((mode) => PROFILES.includes(text(properties(labels)[`${LABEL}/${mode}`]) ?? ""))
    );
}

/** A policy that selects every pod and lets nothing in. */
function deniesAll({ inputs }: Resource): boolean {
    const spec = properties(inputs.spec);
    const types = texts(spec.policyTypes);
    const selector = properties(spec.podSelector);
    const everyPod = Object.values(selector).every(
        (part) => part === null || Object.keys(part).length === 0,
    );
    return everyPod && types.includes("Ingress") && (spec.ingress ?? null) === null;
}

/** A release that brings such a policy, as `charts/stalwart-sovereign` does. */
function bringsPolicy({ inputs }: Resource): boolean {
    return properties(properties(inputs.values).networkPolicy).enabled === true;
}

/** Whether something is in a namespace, or may be: the program hands names on as outputs, which a first preview does not know. */
function isIn(namespace: Value | undefined, name: string): boolean {
    return namespace === name || isOpen(namespace);
}

function isClosed(name: string, resources: readonly Resource[]): boolean {
    return (
        ofType(resources, TYPES.networkPolicy).some(
            (policy) =>
                isIn(properties(policy.inputs.metadata).namespace, name) && deniesAll(policy),
        ) ||
        ofType(resources, TYPES.release).some(
            (release) => isIn(release.inputs.namespace, name) && bringsPolicy(release),
        )
    );
}

/** What pods may do and whom they may talk to is decided for every namespace. */
export const guardedNamespaces = rule({
    name: "guarded-namespaces",
    description: "Namespaces carry a pod security profile, and let nothing in that is not named.",
    severity: "medium",
    config: z.object({
        shared: z
            .array(z.string())
            .default(["catalyst-system"])
            .describe(
                "Namespaces that the program takes over and others put pods into: a profile that warns or audits is enough, and their traffic is the others' to close.",
            ),
    }),
    stack(resources, { shared }) {
        const namespaces = ofType(resources, TYPES.namespace);
        if (namespaces.length === 0) return new NotApplicable("the stack has no namespace");
        return namespaces.flatMap((namespace): Finding[] => {
            const { urn } = namespace;
            const name = text(properties(namespace.inputs.metadata).name) ?? namespace.name;
            const taken = shared.includes(name);
            const modes = taken ? ["enforce", "warn", "audit"] : ["enforce"];
            return [
                ...(labelled(namespace, modes)
                    ? []
                    : [
                          {
                              urn,
                              message: `the namespace ${name} has no pod security profile: label it ${LABEL}/${modes.join(` or ${LABEL}/`)} with ${PROFILES.join(", ")}`,
                          },
                      ]),
                ...(taken || isClosed(name, resources)
                    ? []
                    : [
                          {
                              urn,
                              message: `the namespace ${name} lets everything in: add a NetworkPolicy with an empty podSelector and the policy type Ingress, or a release with networkPolicy.enabled`,
                          },
                      ]),
            ];
        });
    },
});
