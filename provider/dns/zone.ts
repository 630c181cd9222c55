import { z } from "zod";
import {
    defineResource,
    PartialFailure,
    type CallContext,
    type CheckFailure,
} from "../framework/resource.ts";
import { isUnknown, known, UNKNOWN, type PreviewProps } from "../framework/values.ts";
import { describe } from "../framework/failures.ts";
import { powerDns } from "./connections.ts";
import { canonicalName, InvalidDnsData, mailboxName } from "./names.ts";
import { adoptSchema, newClaim, ownerSchema, sameOwner } from "./ownerSchema.ts";
import { lookAhead } from "./previewLook.ts";
import { Refusal } from "./recordSetDecisions.ts";
import { liveApex } from "./zone/apex.ts";
import { foreignRecords, listed } from "./zone/foreignRecords.ts";
import { refuseWhileDelegated } from "./zone/parentSide.ts";
import { refuseWhileSigned } from "./zone/parentSigners.ts";
import { foreseeRollover, recallKeys } from "./zone/keyRollover.ts";
import { kindOf, nsecOf } from "./zone/settings.ts";
import { FIRST_KEY, type SigningKey } from "./zone/signingKeys.ts";
import { refuseForeign, ZoneAtPowerDns, type DesiredZone } from "./zone/zoneAtPowerDns.ts";

const inputs = z.object({
    name: z.string().describe("Zone name, with or without trailing dot."),
    kind: z.enum(["Native", "Primary"]).default("Native").describe("Kind of the zone."),
    nameServers: z
        .array(z.string())
        .min(1, "is empty; a zone needs at least one name server")
        .describe("Names of the authoritative servers: the NS record set of the apex."),
    hostmaster: z
        .string()
        .optional()
        .describe("Mail address in the SOA; `hostmaster@<zone>` by default."),
    dnssec: z.boolean().default(true).describe("Whether the zone is signed."),
    nsec: z.enum(["nsec", "nsec3"]).default("nsec").describe("How a signed zone denies existence."),
    signingKeys: z
        .array(z.string().regex(/^[\w.-]{1,32}$/, "is no name of a key; expected such as 2026-11"))
        .min(1, "is empty; a signed zone has at least one key")
        .default([FIRST_KEY])
        .describe(
            "Names of the zone's keys, which all sign. A key is rolled over by naming its successor beside it, then alone.",
        ),
    owner: ownerSchema,
    adopt: adoptSchema.describe("Takes over an existing zone that carries no mark."),
    forceDestroy: z
        .boolean()
        .default(false)
        .describe(
            "Lets a destroy delete the zone with foreign records in it, and while it is delegated.",
        ),
});

const outputs = z.object({
    name: z.string().describe("The zone name with trailing dot."),
    nameServers: z.array(z.string()).describe("The name servers with trailing dots."),
    ds: z
        .array(z.string())
        .describe("DS records for the parent, SHA-256 only; empty without DNSSEC."),
    dnskeys: z.array(z.string()).describe("DNSKEY records; empty without DNSSEC."),
    keys: z
        .array(
            z.object({
                name: z.string().describe("As the program calls it."),
                ds: z.string().describe("Its DS record."),
                since: z.string().describe("When it began to sign."),
                vouchedSince: z
                    .string()
                    .describe("When the parent was first seen to publish its DS; empty before."),
            }),
        )
        .describe("The signing keys; their private parts stay at PowerDNS."),
    claim: z.string().describe("Tells this resource's zone from one taken over by another."),
});

type Inputs = z.output<typeof inputs>;

/** `sovereign:dns:Zone`: an authoritative zone at PowerDNS, signed with one combined signing key. */
export const zone = defineResource({
    token: "sovereign:dns:Zone",
    description: "An authoritative zone at PowerDNS, signed with one CSK. Import by its name.",
    inputs,
    outputs,
    replaceOn: ["name"],
    equal: { owner: sameOwner, adopt: () => true },

    check(given) {
        const failures: CheckFailure[] = [];
        const attempt = (property: string, value: string, parse: (text: string) => string) => {
            try {
                return parse(value);
            } catch (error) {
                if (!(error instanceof InvalidDnsData)) throw error;
                failures.push({ property, reason: error.message });
                return value;
            }
        };
        const name = isUnknown(given.name)
            ? given.name
            : attempt("name", given.name, canonicalName);
        const nameServers = isUnknown(given.nameServers)
            ? given.nameServers
            : given.nameServers.map((server, i) =>
                  isUnknown(server) ? server : attempt(`nameServers[${i}]`, server, canonicalName),
              );
        const hostmaster =
            given.hostmaster ??
            (isUnknown(name) ? UNKNOWN : `hostmaster@${name.replace(/\.$/, "")}`);
        if (!isUnknown(hostmaster)) attempt("hostmaster", hostmaster, mailboxName);
        const { signingKeys } = given;
        if (!isUnknown(signingKeys) && new Set(signingKeys).size < signingKeys.length)
            failures.push({ property: "signingKeys", reason: "names a key twice" });
        return { inputs: { ...given, name, nameServers, hostmaster }, failures };
    },

    async previewCreate(after, context) {
        const given = known<Inputs>(after);
        if (given !== undefined)
            await lookAhead(context, async () => {
                const connection = powerDns(context.config);
                const at = new ZoneAtPowerDns(connection, given.name, context);
                const live = await at.read();
                if (live !== undefined) refuseForeign(live, given.owner, given.adopt);
            });
        return foretold(after);
    },

    async create(given, context) {
        const desired = desiredZone(given, newClaim());
        const connection = powerDns(context.config);
        connection.declare(given.name, context.urn);
        const at = new ZoneAtPowerDns(connection, given.name, context);
        await at.create(desired, given.adopt);
        const { name, nameServers, claim } = desired;
        const outputsBefore = { name, nameServers: [...nameServers], claim };
        try {
            const keys = await at.converge(desired, []);
            return { id: name, outputs: { ...outputsBefore, ...keys } };
        } catch (error) {
            throw new PartialFailure(
                name,
                { ...outputsBefore, ds: [], dnskeys: [], keys: [] },
                `the zone ${name} was created, but is not complete: ${describe(error)}`,
            );
        }
    },

    async read(id, before, context) {
        const name = canonicalName(id);
        const at = new ZoneAtPowerDns(powerDns(context.config), name, context);
        const live = await at.read();
        if (live === undefined) return undefined;
        const settings = live.snapshot.zone;
        const apex = liveApex(live.snapshot, before?.inputs.nameServers ?? []);
        const nameServers = [...apex.nameServers];
        const dnssec = settings.dnssec;
        const wanted = before?.inputs.signingKeys ?? [FIRST_KEY, "2"];
        const rollover = { zone: live.snapshot, wanted, before: before?.state.keys ?? [] };
        const keys = dnssec ? await recallKeys(rollover, context) : [];
        return {
            id: name,
            inputs: {
                name,
                kind: kindOf(settings) as Inputs["kind"],
                nameServers,
                hostmaster: apex.hostmaster,
                dnssec,
                // Without signatures the server does not remember how it would deny existence.
                nsec: dnssec ? nsecOf(settings) : (before?.inputs.nsec ?? "nsec"),
                signingKeys: dnssec ? inOrder(keys, wanted) : [...wanted.slice(0, 1)],
                owner: live.mark?.owner ?? before?.inputs.owner ?? "",
                adopt: before?.inputs.adopt ?? false,
                forceDestroy: before?.inputs.forceDestroy ?? false,
            },
            outputs: {
                name,
                nameServers,
                ...(dnssec ? await at.keys() : { ds: [], dnskeys: [] }),
                keys,
                claim: before?.state.claim ?? live.mark?.claim ?? "",
            },
        };
    },

    async previewUpdate(_id, before, after, context) {
        if (before.inputs.dnssec && after.dnssec === false)
            await lookAhead(context, () => refuseWhileSigned(before.inputs.name, context));
        const rolled = await foreseeKeys(before, after.signingKeys, context);
        const keys =
            before.inputs.dnssec === after.dnssec && !rolled
                ? {}
                : { ds: UNKNOWN, dnskeys: UNKNOWN, keys: UNKNOWN };
        return { ...keys, ...foretold(after) };
    },

    async update(_id, before, given, context) {
        const at = new ZoneAtPowerDns(powerDns(context.config), given.name, context);
        const live = await at.read();
        if (live?.mark !== undefined) refuseForeign(live, given.owner, false);
        const desired = desiredZone(given, before.state.claim || newClaim());
        const keys = await at.converge(desired, knownKeys(before.state));
        const { name, nameServers, claim } = desired;
        return { name, nameServers: [...nameServers], claim, ...keys };
    },

    async delete(id, state, context) {
        const connection = powerDns(context.config);
        const at = new ZoneAtPowerDns(connection, id, context);
        const live = await at.read();
        connection.release(id, context.urn);
        if (live === undefined) return;
        const { mark, snapshot } = live;
        if (mark !== undefined && (mark.owner !== state.owner || mark.claim !== state.claim)) {
            const holder = mark.owner === state.owner ? "another resource" : mark.owner;
            context.log.warning(`the zone ${id} belongs to ${holder} now, so it is left as it is`);
            return;
        }
        const foreign = foreignRecords(snapshot, state.owner);
        if (foreign.length > 0 && !state.forceDestroy)
            throw new Refusal(
                `the zone ${id} holds ${foreign.length} record sets that are not ours and would be lost with it:\n${listed(foreign)}\n` +
                    "Nothing was changed. Remove them, or set `forceDestroy: true` on the zone, run `pulumi up`, then destroy it.",
            );
        if (!state.forceDestroy)
            await refuseWhileDelegated(id, liveApex(snapshot, []).nameServers, context);
        await at.delete();
    },
});

/** Whether the keys will change. Throws, so that the preview fails, where that would be too early. */
async function foreseeKeys(
    before: { readonly inputs: Inputs; readonly state: { readonly keys?: readonly SigningKey[] } },
    wanted: PreviewProps<Inputs>["signingKeys"],
    context: CallContext,
): Promise<boolean> {
    if (isUnknown(wanted)) return true;
    const names = wanted.flatMap((name) => (isUnknown(name) ? [] : [name]));
    if (inOrder(knownKeys(before.state), names).join() === names.join()) return false;
    if (!before.inputs.dnssec) return false;
    let refused: Refusal | undefined;
    await lookAhead(context, async () => {
        const { name } = before.inputs;
        const zone = await powerDns(context.config).zone(name).read(context.signal);
        if (zone === undefined) return;
        const rollover = { zone, wanted: names, before: knownKeys(before.state) };
        await foreseeRollover(rollover, context).catch((error: unknown) => {
            if (!(error instanceof Refusal)) throw error;
            refused = error;
        });
    });
    if (refused !== undefined) throw refused;
    return true;
}

/** A state of before the keys had names has none. */
function knownKeys({ keys }: { readonly keys?: readonly SigningKey[] }): readonly SigningKey[] {
    return keys ?? [];
}

/** Names of the keys, in the order in which the program has them. */
function inOrder(keys: readonly SigningKey[], wanted: readonly string[]): string[] {
    const names = keys.map(({ name }) => name);
    return [
        ...wanted.filter((name) => names.includes(name)),
        ...names.filter((name) => !wanted.includes(name)),
    ];
}

function desiredZone(given: Inputs, claim: string): DesiredZone {
    const { name, kind, nameServers, dnssec, nsec, owner, signingKeys } = given;
    const hostmaster = given.hostmaster ?? `hostmaster@${name.replace(/\.$/, "")}`;
    return {
        zone: name,
        name,
        kind,
        nameServers,
        hostmaster,
        dnssec,
        nsec,
        owner,
        claim,
        signingKeys,
    };
}

function foretold(after: PreviewProps<Inputs>): Partial<PreviewProps<z.output<typeof outputs>>> {
    const { name, nameServers, dnssec } = after;
    return { name, nameServers, ...(dnssec === false ? { ds: [], dnskeys: [], keys: [] } : {}) };
}
