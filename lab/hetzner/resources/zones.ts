import { z } from "zod";
import { ApiError, invalidField, isProtected } from "../errors.ts";
import type { Cloud } from "../cloud.ts";
import { listReply } from "../http/query.ts";
import {
    type Route,
    created,
    field,
    ok,
    protectionBody,
    readBody,
    started,
} from "../http/route.ts";
import { checkUnique, drop } from "../state/lookup.ts";
import type { ProjectState, ZoneRecord } from "../state/model.ts";
import { checkNewRrset, initialRrsets, rrsetBody } from "./rrsets.ts";
import { parseZonefile, zonefileOf } from "./zonefile.ts";

/** Name servers that Hetzner assigns to every zone. */
export const NAME_SERVERS = [
    "hydrogen.ns.hetzner.com.",
    "oxygen.ns.hetzner.com.",
    "helium.ns.hetzner.de.",
] as const;

const ZONE_NAME =
    /^(?=.{1,253}$)(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

export const ttl = z.number().int().min(60).max(2_147_483_647);

const primaryNameserver = z.object({
    address: z.string(),
    port: z.number().int().default(53),
    tsig_algorithm: z.string().optional(),
    tsig_key: z.string().optional(),
});

const createBody = z.object({
    name: z.string().regex(ZONE_NAME, "must be a lower-case domain name"),
    mode: z.enum(["primary", "secondary"]),
    ttl: ttl.default(3600),
    primary_nameservers: z.array(primaryNameserver).default([]),
    rrsets: z.array(rrsetBody).default([]),
    zonefile: z.string().optional(),
    labels: field.labels,
});

const nameserversBody = z.object({ primary_nameservers: z.array(primaryNameserver) });

/** A zone by id or name. Throws `not_found`. */
export function findZone(project: ProjectState, idOrName: string): ZoneRecord {
    const zone = project.zones.find(
        (candidate) => String(candidate.id) === idOrName || candidate.name === idOrName,
    );
    if (zone === undefined) throw new ApiError("not_found", `zone '${idOrName}' not found`);
    return zone;
}

function view(zone: ZoneRecord) {
    return {
        id: zone.id,
        name: zone.name,
        created: zone.created,
        ttl: zone.ttl,
        mode: zone.mode,
        primary_nameservers: zone.primaryNameservers,
        protection: { ...zone.protection },
        labels: zone.labels,
        authoritative_nameservers: {
            assigned: [...NAME_SERVERS],
            delegated: [],
            delegation_last_check: null,
            delegation_status: "unregistered",
        },
        registrar: "unknown",
        status: "ok",
        record_count: zone.rrsets.reduce((count, rrset) => count + rrset.records.length, 0),
    };
}

function createZone(cloud: Cloud, project: ProjectState, body: unknown) {
    const input = readBody(createBody, body);
    checkUnique(project, "zones", input.name);
    if (project.zones.some((other) => input.name.endsWith(`.${other.name}`)))
        throw invalidField("name", "zones for sub-domains are not supported");
    if (input.mode === "secondary" && (input.rrsets.length > 0 || input.zonefile !== undefined))
        throw new ApiError("incorrect_zone_mode", "zone is a secondary zone");
    const zone: ZoneRecord = {
        id: cloud.store.nextId(),
        name: input.name,
        mode: input.mode,
        ttl: input.ttl,
        primaryNameservers: input.primary_nameservers,
        protection: { delete: false },
        labels: input.labels ?? {},
        rrsets: initialRrsets(NAME_SERVERS),
        created: new Date().toISOString(),
    };
    for (const rrset of input.rrsets) zone.rrsets.push(checkNewRrset(zone, rrset));
    if (input.zonefile !== undefined) zone.rrsets = parseZonefile(zone, input.zonefile);
    project.zones.push(zone);
    const action = cloud.actions.start(project, {
        command: "create_zone",
        resources: [{ id: zone.id, type: "zone" }],
    });
    return created({ zone: view(zone), action: { ...action } });
}

type Prepare = (zone: ZoneRecord, body: unknown) => () => void;

const ACTIONS: Readonly<Record<string, Prepare>> = {
    change_protection: (zone, body) => {
        const wanted = readBody(protectionBody, body).delete ?? zone.protection.delete;
        return () => {
            zone.protection.delete = wanted;
        };
    },
    change_ttl: (zone, body) => {
        const wanted = readBody(z.object({ ttl }), body).ttl;
        return () => {
            zone.ttl = wanted;
        };
    },
    change_primary_nameservers: (zone, body) => {
        if (zone.mode !== "secondary")
            throw new ApiError("incorrect_zone_mode", "zone is not a secondary zone");
        const wanted = readBody(nameserversBody, body).primary_nameservers;
        return () => {
            zone.primaryNameservers = wanted;
        };
    },
    import_zonefile: (zone, body) => {
        if (zone.mode !== "primary")
            throw new ApiError("incorrect_zone_mode", "zone is not a primary zone");
        const { zonefile } = readBody(z.object({ zonefile: z.string() }), body);
        if (zone.rrsets.some((rrset) => rrset.protection.change))
            throw isProtected("RRSet(s) is/are change protected");
        const rrsets = parseZonefile(zone, zonefile);
        return () => {
            zone.rrsets = rrsets;
        };
    },
};

export function zoneRoutes(cloud: Cloud): Route[] {
    const zoneOf = (project: ProjectState, params: Readonly<Record<string, string>>) =>
        findZone(project, params.id ?? "");
    const run = (project: ProjectState, zone: ZoneRecord, command: string, apply: () => void) =>
        started(
            cloud.actions.start(project, {
                command,
                resources: [{ id: zone.id, type: "zone" }],
                apply,
            }),
        );
    return [
        {
            method: "GET",
            path: "/zones",
            handle: ({ project, query }) =>
                listReply(project.zones.map(view), query, { key: "zones", filters: ["mode"] }),
        },
        {
            method: "POST",
            path: "/zones",
            handle: ({ project, body }) => createZone(cloud, project, body),
        },
        {
            method: "GET",
            path: "/zones/:id",
            handle: ({ project, params }) => ok({ zone: view(zoneOf(project, params)) }),
        },
        {
            method: "PUT",
            path: "/zones/:id",
            handle: ({ project, params, body }) => {
                const zone = zoneOf(project, params);
                zone.labels =
                    readBody(z.object({ labels: field.labels }), body).labels ?? zone.labels;
                cloud.store.changed();
                return ok({ zone: view(zone) });
            },
        },
        {
            method: "DELETE",
            path: "/zones/:id",
            handle: ({ project, params }) => {
                const zone = zoneOf(project, params);
                if (zone.protection.delete) throw isProtected("zone is delete protected");
                return run(project, zone, "delete_zone", () => {
                    drop(project, "zones", zone.id);
                });
            },
        },
        {
            method: "GET",
            path: "/zones/:id/zonefile",
            handle: ({ project, params }) => ok({ zonefile: zonefileOf(zoneOf(project, params)) }),
        },
        ...Object.entries(ACTIONS).map(([command, prepare]): Route => ({
            method: "POST",
            path: `/zones/:id/actions/${command}`,
            handle: ({ project, params, body }) => {
                const zone = zoneOf(project, params);
                return run(project, zone, command, prepare(zone, body));
            },
        })),
    ];
}
