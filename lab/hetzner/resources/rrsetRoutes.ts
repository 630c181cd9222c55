import { z } from "zod";
import { ApiError, invalidField, isProtected } from "../errors.ts";
import type { Cloud } from "../cloud.ts";
import { listReply } from "../http/query.ts";
import { type ApiCall, type Route, created, field, ok, readBody } from "../http/route.ts";
import type { RrsetRecord, ZoneRecord, ZoneRecordValue } from "../state/model.ts";
import {
    checkDistinct,
    checkNewRrset,
    recordBody,
    recordsBody,
    rrsetBody,
    rrsetTtl,
} from "./rrsets.ts";
import { findZone } from "./zones.ts";

const LIST_PATH = "/zones/:id/rrsets";
const PATH = `${LIST_PATH}/:name/:type`;
const MAX_PER_PAGE = 100;

function view(zone: ZoneRecord, rrset: RrsetRecord) {
    return {
        id: `${rrset.name}/${rrset.type}`,
        name: rrset.name,
        type: rrset.type,
        ttl: rrset.ttl,
        labels: rrset.labels,
        protection: { ...rrset.protection },
        records: rrset.records.map((record) => ({ ...record })),
        zone: zone.id,
    };
}

function locate({ project, params }: ApiCall): { zone: ZoneRecord; rrset: RrsetRecord } {
    const zone = findZone(project, params.id ?? "");
    const rrset = zone.rrsets.find(
        (candidate) => candidate.name === params.name && candidate.type === params.type,
    );
    if (rrset === undefined)
        throw new ApiError(
            "not_found",
            `RRSet '${params.name ?? ""}/${params.type ?? ""}' not found`,
        );
    return { zone, rrset };
}

function checkChangeable(zone: ZoneRecord, rrset: RrsetRecord): void {
    if (zone.mode !== "primary")
        throw new ApiError("incorrect_zone_mode", "zone is not a primary zone");
    if (rrset.protection.change) throw isProtected("RRSet(s) is/are change protected");
}

/** Checks a request and returns what is going to be done with the record set. */
type Prepare = (rrset: RrsetRecord, body: unknown, zone: ZoneRecord) => () => void;

function withRecords(rrset: RrsetRecord, records: ZoneRecordValue[]): () => void {
    checkDistinct(records);
    return () => {
        rrset.records = records;
    };
}

function removeRecords(rrset: RrsetRecord, body: unknown, zone: ZoneRecord): () => void {
    const { records } = readBody(z.object({ records: z.array(recordBody).min(1) }), body);
    const gone = new Set(records.map((record) => record.value));
    const left = rrset.records.filter((record) => !gone.has(record.value));
    if (left.length + gone.size > rrset.records.length)
        throw new ApiError("not_found", "record not found");
    return () => {
        rrset.records = left;
        // A set without records doesn't exist.
        if (left.length === 0) zone.rrsets = zone.rrsets.filter((other) => other !== rrset);
    };
}

function updateRecords(rrset: RrsetRecord, body: unknown): () => void {
    const { records } = readBody(z.object({ records: recordsBody }), body);
    const comments = new Map(records.map((record) => [record.value, record.comment]));
    for (const value of comments.keys())
        if (!rrset.records.some((record) => record.value === value))
            throw invalidField("records", `no record has the value '${value}'`);
    return () => {
        rrset.records = rrset.records.map((record) => ({
            value: record.value,
            comment: comments.get(record.value) ?? record.comment,
        }));
    };
}

const ACTIONS: Readonly<Record<string, readonly [command: string, prepare: Prepare]>> = {
    set_records: [
        "set_rrset_records",
        (rrset, body) =>
            withRecords(rrset, readBody(z.object({ records: recordsBody }), body).records),
    ],
    add_records: [
        "add_rrset_records",
        (rrset, body) => {
            const input = readBody(z.object({ records: recordsBody, ttl: rrsetTtl }), body);
            const apply = withRecords(rrset, [...rrset.records, ...input.records]);
            return () => {
                apply();
                if (input.ttl != null) rrset.ttl = input.ttl;
            };
        },
    ],
    remove_records: ["remove_rrset_records", removeRecords],
    update_records: ["update_rrset_records", updateRecords],
    change_ttl: [
        "change_rrset_ttl",
        (rrset, body) => {
            const { ttl } = readBody(z.object({ ttl: rrsetTtl }), body);
            return () => {
                rrset.ttl = ttl ?? null;
            };
        },
    ],
    change_protection: [
        "change_rrset_protection",
        (rrset, body) => {
            const { change } = readBody(z.object({ change: z.boolean() }), body);
            return () => {
                rrset.protection.change = change;
            };
        },
    ],
};

export function rrsetRoutes(cloud: Cloud): Route[] {
    const start = ({ project }: ApiCall, zone: ZoneRecord, command: string, apply: () => void) => ({
        ...cloud.actions.start(project, {
            command,
            resources: [{ id: zone.id, type: "zone" }],
            apply,
        }),
    });
    return [
        {
            method: "GET",
            path: LIST_PATH,
            handle: ({ project, params, query }) => {
                const zone = findZone(project, params.id ?? "");
                const rrsets = zone.rrsets.map((rrset) => view(zone, rrset));
                return listReply(rrsets, query, {
                    key: "rrsets",
                    filters: ["type"],
                    maxPerPage: MAX_PER_PAGE,
                });
            },
        },
        {
            method: "POST",
            path: LIST_PATH,
            handle: (call) => {
                const zone = findZone(call.project, call.params.id ?? "");
                const rrset = checkNewRrset(zone, readBody(rrsetBody, call.body));
                const action = start(call, zone, "create_rrset", () => zone.rrsets.push(rrset));
                return created({ rrset: view(zone, rrset), action });
            },
        },
        {
            method: "GET",
            path: PATH,
            handle: (call) => {
                const { zone, rrset } = locate(call);
                return ok({ rrset: view(zone, rrset) });
            },
        },
        {
            method: "PUT",
            path: PATH,
            handle: (call) => {
                const { zone, rrset } = locate(call);
                const { labels } = readBody(z.object({ labels: field.labels }), call.body);
                rrset.labels = labels ?? rrset.labels;
                cloud.store.changed();
                return ok({ rrset: view(zone, rrset) });
            },
        },
        {
            method: "DELETE",
            path: PATH,
            handle: (call) => {
                const { zone, rrset } = locate(call);
                checkChangeable(zone, rrset);
                const action = start(call, zone, "delete_rrset", () => {
                    zone.rrsets = zone.rrsets.filter((other) => other !== rrset);
                });
                return created({ action });
            },
        },
        ...Object.entries(ACTIONS).map(([name, [command, prepare]]): Route => ({
            method: "POST",
            path: `${PATH}/actions/${name}`,
            handle: (call) => {
                const { zone, rrset } = locate(call);
                if (name !== "change_protection") checkChangeable(zone, rrset);
                const action = start(call, zone, command, prepare(rrset, call.body, zone));
                return { status: name === "update_records" ? 200 : 201, body: { action } };
            },
        })),
    ];
}
