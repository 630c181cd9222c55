import type { KubernetesObject } from "@kubernetes/client-node";

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const flag: Schema = { type: "boolean" };
const count: Schema = { type: "integer", format: "int64" };
const anything: Schema = { "x-kubernetes-preserve-unknown-fields": true };
const object = (properties: Readonly<Record<string, Schema>>, ...required: string[]): Schema => ({
    type: "object",
    properties,
    ...(required.length > 0 ? { required } : {}),
});
const list = (items: Schema): Schema => ({ type: "array", items });
const map = (values: Schema): Schema => ({ type: "object", additionalProperties: values });

const reference = object(
    {
        type: text,
        secret: object({ name: text, key: text, namespace: text }, "key", "name"),
        literal: object({ value: text }, "value"),
        env: object({ name: text }, "name"),
        filesystem: object({ path: text }, "path"),
    },
    "type",
);

const workspace = object({
    image: text,
    imagePullPolicy: text,
    securityProfile: { type: "string", enum: ["baseline", "restricted"] },
    serviceAccountName: text,
    local: object({ dir: text }),
    envFrom: list(object({ secretRef: object({ name: text, optional: flag }) })),
    resources: object({
        requests: map({ "x-kubernetes-int-or-string": true }),
        limits: map({ "x-kubernetes-int-or-string": true }),
    }),
    podTemplate: object({ spec: { type: "object", ...anything } }),
});

const stackSpec = object(
    {
        stack: text,
        backend: text,
        secretsProvider: text,
        serviceAccountName: text,
        config: anything,
        secretsRef: map(reference),
        envRefs: map(reference),
        programRef: object({ name: text }, "name"),
        projectRepo: text,
        branch: text,
        commit: text,
        repoDir: text,
        refresh: flag,
        preview: flag,
        destroyOnFinalize: flag,
        useLocalStackOnly: flag,
        retryOnUpdateConflict: flag,
        continueResyncOnCommitMatch: flag,
        resyncFrequencySeconds: count,
        retryMaxBackoffDurationSeconds: count,
        targets: list(text),
        targetDependents: flag,
        prerequisites: list(
            object({ name: text, requirement: object({ succeededWithinDuration: text }) }, "name"),
        ),
        updateTemplate: object({
            metadata: { type: "object", ...anything },
            spec: object({ parallel: count, expectNoChanges: flag, ttlAfterCompleted: text }),
        }),
        workspaceReclaimPolicy: { type: "string", enum: ["Retain", "Delete"] },
        workspaceTemplate: object({ metadata: { type: "object", ...anything }, spec: workspace }),
    },
    "stack",
);

const program = object({
    configuration: map(
        object({
            type: {
                type: "string",
                enum: ["String", "Number", "List<Number>", "List<String>"],
            },
            default: anything,
        }),
    ),
    resources: map(
        object(
            {
                type: { type: "string", minLength: 1 },
                properties: map(anything),
                get: object({ id: { type: "string", minLength: 1 }, state: map(anything) }, "id"),
                options: { type: "object", ...anything },
            },
            "type",
        ),
    ),
    variables: map(anything),
    outputs: map(anything),
});

function definition(kind: string, plural: string, properties: Schema, rules: readonly Schema[]) {
    return {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: `${plural}.pulumi.com` },
        spec: {
            group: "pulumi.com",
            scope: "Namespaced",
            names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
            versions: [
                {
                    name: "v1",
                    served: true,
                    storage: true,
                    schema: {
                        openAPIV3Schema: {
                            type: "object",
                            properties,
                            "x-kubernetes-validations": rules,
                        },
                    },
                },
            ],
        },
    } as KubernetesObject;
}

/**
 * The kinds Stack and Program with the fields that the operator's reference names, and nothing it does not: the parts of a Stack that a
 * Sovereign has no use for (git credentials, Flux sources, environments) are left out, so that an object with a misspelt field is
 * refused. The API server keeps the operator's rule of 42 characters for a Stack's name.
 *
 * @see https://github.com/pulumi/pulumi-kubernetes-operator/blob/v2.3.0/docs/stacks.md
 * @see https://github.com/pulumi/pulumi-kubernetes-operator/blob/v2.3.0/docs/programs.md
 */
export const OPERATOR_DEFINITIONS: readonly KubernetesObject[] = [
    definition("Stack", "stacks", { spec: stackSpec }, [
        { rule: "size(self.metadata.name) <= 42", message: "name must be 42 characters or less" },
    ]),
    definition("Program", "programs", { program }, []),
];
