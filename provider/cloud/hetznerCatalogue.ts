import { z } from "zod";

import type { Catalogue } from "./chooser.ts";
import { hetznerRequest } from "./hetznerRequest.ts";
import type { HetznerAccess } from "./hetznerRequest.ts";

const pagination = z.object({
    pagination: z.object({ next_page: z.number().nullish() }).nullish(),
});

const serverTypes = z.object({
    server_types: z.array(
        z.object({
            name: z.string(),
            architecture: z.enum(["x86", "arm"]),
            locations: z
                .array(
                    z.object({
                        name: z.string(),
                        available: z.boolean().optional(),
                        deprecation: z
                            .object({ unavailable_after: z.string() })
                            .nullable()
                            .optional(),
                    }),
                )
                .default([]),
        }),
    ),
    meta: pagination.nullish(),
});

const locations = z.object({
    locations: z.array(z.object({ name: z.string(), network_zone: z.string() })),
    meta: pagination.nullish(),
});

/**
 * Reads server types with their stock per location, and locations with their network zone
 * (https://docs.hetzner.cloud/reference/cloud#server-types). Retries what may be retried, three times.
 *
 * @throws Error with the status and Hetzner's code; never with the token.
 */
export async function readCatalogue(
    access: HetznerAccess,
    signal: AbortSignal,
    now = new Date(),
): Promise<Catalogue> {
    const types = await pages(access, "server_types", serverTypes, signal);
    const places = await pages(access, "locations", locations, signal);
    return {
        serverTypes: types
            .flatMap((p) => p.server_types)
            .map((t) => {
                const offered = t.locations.filter(
                    (l) => !l.deprecation || new Date(l.deprecation.unavailable_after) > now,
                );
                return {
                    name: t.name,
                    architecture: t.architecture,
                    offeredIn: offered.map((l) => l.name),
                    availableIn: offered.filter((l) => l.available !== false).map((l) => l.name),
                };
            }),
        locations: places
            .flatMap((p) => p.locations)
            .map((l) => ({ name: l.name, networkZone: l.network_zone })),
    };
}

async function pages<T extends { meta?: z.infer<typeof pagination> | null | undefined }>(
    access: HetznerAccess,
    path: string,
    schema: z.ZodType<T>,
    signal: AbortSignal,
): Promise<T[]> {
    const result: T[] = [];
    for (let page: number | null | undefined = 1; page;) {
        const query = `${path}?page=${page}&per_page=50`;
        const { status, body } = await hetznerRequest(access, "GET", query, { signal });
        if (status === 404) throw new Error(`Hetzner API: /${path} answered 404`);
        const parsed = schema.safeParse(body);
        if (!parsed.success)
            throw new Error(`Hetzner API: /${path} does not have the expected shape`);
        result.push(parsed.data);
        page = parsed.data.meta?.pagination?.next_page;
    }
    return result;
}
