import { z } from "zod";
import { diffProps } from "../framework/diff.ts";
import { defineResource } from "../framework/resource.ts";
import { isUnknown, known, type PreviewProps } from "../framework/values.ts";
import { powerDns } from "./connections.ts";
import { declarations } from "./declarations.ts";
import { checkLuaUpdates } from "./luaUpdates.ts";
import { adoptSchema, newClaim, ownerSchema, sameOwner } from "./ownerSchema.ts";
import { lookAhead } from "./previewLook.ts";
import { checkRecordSet, type RecordSetInputs } from "./recordSetCheck.ts";
import { decideCreate, decideDelete, decideUpdate, Refusal } from "./recordSetDecisions.ts";
import { leftBehind, replacedBy, rememberReplaced } from "./replacedRecordSets.ts";
import { formatRecordSetId, parseRecordSetId } from "./recordSetId.ts";
import {
    desiredRecordSet,
    MAX_TTL,
    programForm,
    sameContents,
    type DesiredRecordSet,
} from "./recordSets.ts";

const inputs = z.object({
    zone: z.string().describe("Zone the record set lies in."),
    name: z.string().describe("Fully qualified owner name, with or without trailing dot."),
    type: z.string().describe("Record type, for example `A`."),
    ttl: z
        .number()
        .int()
        .min(0)
        .max(MAX_TTL, `is above ${MAX_TTL} seconds, the longest TTL there is (RFC 2181, 8)`)
        .describe("Time to live in seconds."),
    records: z
        .array(z.string())
        .min(1, "is empty; a record set has at least one record")
        .describe("Contents in presentation format; TXT as plain text."),
    owner: ownerSchema,
    adopt: adoptSchema.describe("Takes over an equal record set that carries no mark."),
});

const outputs = z.object({
    zone: z.string().describe("The zone, with trailing dot."),
    name: z.string().describe("The owner name, with trailing dot."),
    type: z.string().describe("The record type, in capitals."),
    ttl: z.number().int().describe("Time to live in seconds."),
    records: z.array(z.string()).describe("The records, canonical; TXT as plain text."),
    claim: z.string().describe("Tells this resource's record set from one taken over by another."),
});

type Outputs = z.output<typeof outputs>;

const RULES = {
    replaceOn: ["zone", "name", "type"],
    equal: { records: sameSet, owner: sameOwner, adopt: () => true },
} as const;

/** `sovereign:dns:RecordSet`: all records of one name and type, written with the others of its zone in one PATCH. */
export const recordSet = defineResource({
    token: "sovereign:dns:RecordSet",
    description: "All records of one name and type in a zone at PowerDNS.",
    inputs,
    outputs,
    ...RULES,

    check(given, context) {
        const result = checkRecordSet(given);
        const { zone, name, type } = result.inputs ?? given;
        if (isUnknown(zone) || isUnknown(name) || isUnknown(type)) return result;
        const clash = declarations(context.config).declare(context.urn, { zone, name, type });
        return clash === undefined
            ? result
            : {
                  ...result,
                  failures: [...(result.failures ?? []), { property: "name", reason: clash }],
              };
    },

    diff(_id, before, after, context) {
        // The new record set is made first and the old one makes way for it in the same transaction, also where their types
        // exclude each other: the name is answered all the time.
        rememberReplaced(context, before.state);
        return { changes: diffProps(before.inputs, after, RULES) };
    },

    async previewCreate(after, context) {
        const given = known<RecordSetInputs>(after);
        if (given !== undefined)
            await lookAhead(context, async () => {
                const { client } = powerDns(context.config);
                await checkLuaUpdates(client, given, context.signal);
                const zone = await powerDns(context.config).zone(given.zone).read(context.signal);
                if (zone === undefined) return;
                const mark = { owner: given.owner, claim: "" };
                decideCreate(zone, desired(given), mark, {
                    adopt: given.adopt,
                    attempted: false,
                    ...replacedBy(context),
                });
            });
        return foretold(after);
    },

    async create(given, context) {
        const wanted = desired(given);
        const mark = { owner: given.owner, claim: newClaim() };
        const clash = declarations(context.config).declare(context.urn, given);
        if (clash !== undefined) throw new Refusal(clash);
        await checkLuaUpdates(powerDns(context.config).client, given, context.signal);
        const zone = await powerDns(context.config)
            .zone(given.zone)
            .run(
                {
                    about: `the record set ${wanted.name} ${wanted.type}`,
                    decide: (live, attempted) =>
                        decideCreate(live, wanted, mark, {
                            adopt: given.adopt,
                            attempted,
                            ...replacedBy(context),
                        }),
                },
                context.signal,
            );
        if (zone === undefined) throw noZone(given.zone);
        return { id: formatRecordSetId(given), outputs: made(given, mark.claim) };
    },

    async read(id, before, context) {
        const address = parseRecordSetId(id);
        const zone = await powerDns(context.config).zone(address.zone).read(context.signal);
        const live = zone?.find(address.name, address.type);
        if (live === undefined) return undefined;
        const liveRecords = live.contents.map((content) => programForm(live.type, content));
        const previous = before?.inputs.records;
        const records =
            previous !== undefined && sameSet(previous, liveRecords) ? previous : liveRecords;
        const shown = { ...address, ttl: live.ttl, records };
        return {
            id: formatRecordSetId(address),
            inputs: {
                ...shown,
                owner: live.mark?.owner ?? before?.inputs.owner ?? "",
                adopt: before?.inputs.adopt ?? false,
            },
            outputs: { ...shown, claim: before?.state.claim ?? live.mark?.claim ?? "" },
        };
    },

    async previewUpdate(_id, before, after, context) {
        const given = known<RecordSetInputs>(after);
        if (given !== undefined)
            await lookAhead(context, async () => {
                const zone = await powerDns(context.config).zone(given.zone).read(context.signal);
                const mark = { owner: given.owner, claim: before.state.claim };
                if (zone !== undefined)
                    decideUpdate(zone, desired(given), leftBehind(before.state), mark);
            });
        return foretold(after);
    },

    async update(_id, before, given, context) {
        const wanted = desired(given);
        const claim = before.state.claim || newClaim();
        const zone = await powerDns(context.config)
            .zone(given.zone)
            .run(
                {
                    about: `the record set ${wanted.name} ${wanted.type}`,
                    decide: (live) =>
                        decideUpdate(live, wanted, leftBehind(before.state), {
                            owner: given.owner,
                            claim,
                        }),
                },
                context.signal,
            );
        if (zone === undefined) throw noZone(given.zone);
        return made(given, claim);
    },

    async delete(id, state, context) {
        const address = parseRecordSetId(id);
        let left: string | undefined;
        await powerDns(context.config)
            .zone(address.zone)
            .run(
                {
                    about: `the deletion of the record set ${address.name} ${address.type}`,
                    decide: (live) => {
                        const mark = { owner: state.owner, claim: state.claim };
                        const decision = decideDelete(live, address, leftBehind(state), mark);
                        left = decision.left;
                        return decision.changes;
                    },
                },
                context.signal,
            );
        declarations(context.config).withdraw(context.urn, address);
        if (left !== undefined) context.log.warning(left);
    },
});

function desired(given: RecordSetInputs): DesiredRecordSet {
    return desiredRecordSet(given.zone, given, given.records);
}

function made(given: RecordSetInputs, claim: string): Outputs {
    const { zone, name, type, ttl, records } = given;
    return { zone, name, type, ttl, records, claim };
}

function foretold(after: PreviewProps<RecordSetInputs>): Partial<PreviewProps<Outputs>> {
    const { zone, name, type, ttl, records } = after;
    return { zone, name, type, ttl, records };
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
    return sameContents("", a, b);
}

function noZone(zone: string): Refusal {
    return new Refusal(
        `PowerDNS has no zone ${zone}. Create it first (sovereign:dns:Zone), or let the record set depend on it.`,
    );
}
