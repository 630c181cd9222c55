import type { KubernetesObject } from "@kubernetes/client-node";
import { z } from "zod";

/** API group of the Gateway API. */
export const GATEWAY_GROUP = "gateway.networking.k8s.io";

const metadata = z.looseObject({
    name: z.string(),
    namespace: z.string().default(""),
    generation: z.number().default(1),
    uid: z.string().default(""),
});

const objectReference = z.object({
    group: z.string().default(""),
    kind: z.string().default("Secret"),
    name: z.string(),
    namespace: z.string().optional(),
});

const condition = z.looseObject({ type: z.string(), status: z.string() });

export const gatewaySchema = z.object({
    metadata,
    spec: z.object({
        gatewayClassName: z.string(),
        listeners: z.array(
            z.object({
                name: z.string(),
                hostname: z.string().optional(),
                port: z.number(),
                protocol: z.string(),
                tls: z
                    .object({
                        mode: z.string().default("Terminate"),
                        certificateRefs: z.array(objectReference).default([]),
                    })
                    .optional(),
                allowedRoutes: z
                    .object({
                        namespaces: z
                            .object({
                                from: z.string().default("Same"),
                                selector: z
                                    .object({
                                        matchLabels: z.record(z.string(), z.string()).default({}),
                                    })
                                    .prefault({}),
                            })
                            .prefault({}),
                    })
                    .prefault({}),
            }),
        ),
    }),
    status: z.looseObject({ conditions: z.array(condition).default([]) }).prefault({}),
});
/** A Gateway, as far as the lab acts on it. */
export type Gateway = z.output<typeof gatewaySchema>;
export type Listener = Gateway["spec"]["listeners"][number];

const pathMatch = z.object({
    type: z.string().default("PathPrefix"),
    value: z.string().default("/"),
});

export const routeSchema = z.object({
    metadata,
    spec: z.object({
        parentRefs: z
            .array(
                z.object({
                    group: z.string().default(GATEWAY_GROUP),
                    kind: z.string().default("Gateway"),
                    name: z.string(),
                    namespace: z.string().optional(),
                    sectionName: z.string().optional(),
                }),
            )
            .default([]),
        hostnames: z.array(z.string()).default([]),
        rules: z
            .array(
                z.object({
                    matches: z.array(z.object({ path: pathMatch.prefault({}) })).default([]),
                    filters: z
                        .array(
                            z.object({
                                type: z.string(),
                                requestRedirect: z
                                    .object({
                                        scheme: z.string().optional(),
                                        statusCode: z.number().default(302),
                                    })
                                    .optional(),
                            }),
                        )
                        .default([]),
                    backendRefs: z
                        .array(z.object({ name: z.string(), port: z.number().optional() }))
                        .default([]),
                }),
            )
            .default([]),
    }),
});
/** An HTTPRoute, as far as the lab acts on it. */
export type Route = z.output<typeof routeSchema>;
export type ParentReference = Route["spec"]["parentRefs"][number];

export const gatewayClassSchema = z.object({
    metadata,
    spec: z.object({ controllerName: z.string() }),
});
export type GatewayClass = z.output<typeof gatewayClassSchema>;

export const referenceGrantSchema = z.object({
    metadata,
    spec: z.object({
        from: z.array(z.object({ group: z.string(), kind: z.string(), namespace: z.string() })),
        to: z.array(z.object({ group: z.string(), kind: z.string(), name: z.string().optional() })),
    }),
});
export type ReferenceGrant = z.output<typeof referenceGrantSchema>;

/** The objects that a schema accepts; others are left alone, as a controller does with what it cannot decode. */
export function parseObjects<S extends z.ZodType>(
    schema: S,
    objects: readonly KubernetesObject[],
): z.output<S>[] {
    return objects.flatMap((object) => {
        const parsed = schema.safeParse(JSON.parse(JSON.stringify(object)));
        return parsed.success ? [parsed.data] : [];
    });
}
