import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { canonicalName } from "../dns/names.ts";
import { MAX_TTL } from "../dns/recordSets.ts";
import { diffProps } from "../framework/diff.ts";
import { defineResource, type CallContext, type Diff } from "../framework/resource.ts";
import { containsUnknown, isUnknown, UNKNOWN, type MaybeUnknown } from "../framework/values.ts";
import { lookUp, type AuthoritativeServer, type Publication } from "./publication.ts";
import {
    advance,
    listFailures,
    refusals,
    SELECTOR_STATES,
    type SelectorLife,
    type WantedSelector,
} from "./selectorLife.ts";

/** Seconds to wait for a key at every name server, and milliseconds between two looks. */
const DEFAULT_TIMEOUT = 900;
const INTERVAL = 1000;

const selectorSchema = z
    .object({
        selector: z.string().min(1).describe("Label of the selector."),
        algorithm: z.enum(["rsa2048", "ed25519"]).describe("Kind of its key."),
        state: z.enum(SELECTOR_STATES).describe("Where it is in its life."),
        value: z.string().min(1).describe("Value of its TXT record."),
    })
    .meta({ id: "DkimSelector", description: "A DKIM selector as the program wants it." });

const serverSchema = z
    .object({
        name: z.string().describe("Name of the server."),
        addresses: z.array(z.string()).default([]).describe("Its addresses, where it has no name."),
    })
    .meta({ id: "DkimNameServer", description: "An authoritative name server of the zone." });

const inputs = z.object({
    zone: z.string().describe("The mail domain, and the zone that holds its selectors."),
    selectors: z.array(selectorSchema).min(1).describe("Every selector of the domain."),
    nameServers: z.array(serverSchema).min(1).describe("Who is asked for the keys."),
    ttl: z.number().int().min(1).max(MAX_TTL).describe("TTL of the selectors' records, seconds."),
    signatureLifetime: z
        .number()
        .int()
        .min(1)
        .describe("How long after it was signed a message may still be verified, seconds."),
    wait: z
        .boolean()
        .default(true)
        .describe("Waits until every name server answers as expected, or only looks once."),
});

const outputs = z.object({
    lives: z
        .array(
            z
                .object({
                    selector: z.string(),
                    algorithm: z.enum(["rsa2048", "ed25519"]),
                    state: z.enum([...SELECTOR_STATES, "removed"]),
                    value: z.string(),
                    since: z.string(),
                    publishedAt: z.string().optional(),
                    lastSignatureAt: z.string().optional(),
                })
                .meta({ id: "DkimSelectorLife", description: "A selector's life so far." }),
        )
        .describe("What is known of each selector, those that have left included."),
});

type Inputs = z.output<typeof inputs>;

/**
 * `sovereign:mail:DkimSelectors`: the selectors of a mail domain through their lives. It stands between the records, which it
 * wants to see at every name server, and the mail server, which may sign with what it has let pass.
 */
export const dkimSelectors = defineResource({
    token: "sovereign:mail:DkimSelectors",
    description:
        "The DKIM selectors of a mail domain: knows when each was published and last signed, and refuses a step of a rotation that is illegal or too early.",
    inputs,
    outputs,
    replaceOn: ["zone"],

    check(given) {
        const selectors = wantedSelectors(given.selectors);
        const failures = (selectors === undefined ? [] : listFailures(selectors)).map(
            ({ index, reason }) => ({
                property: index === undefined ? "selectors" : `selectors[${index}].selector`,
                reason,
            }),
        );
        const zone = isUnknown(given.zone) ? given.zone : canonicalName(given.zone);
        return { inputs: { ...given, zone }, failures };
    },

    async diff(_id, before, after, context): Promise<Diff> {
        const changes = diffProps(before.inputs, after, {
            replaceOn: ["zone"],
            equal: { nameServers: sameServers, wait: () => true },
        });
        const selectors = wantedSelectors(after.selectors);
        if (selectors === undefined || changes.some(({ replace }) => replace)) return { changes };
        const { ttl, signatureLifetime, nameServers, zone } = after;
        if (containsUnknown([ttl, signatureLifetime, nameServers, zone])) return { changes };
        const wanted = { ...(after as Inputs), selectors };
        assertLegal(before.state.lives, wanted);
        await foreseeActivation(before.state.lives, wanted, context);
        return { changes };
    },

    async create(given, context) {
        const found = await whenPublished(given, context);
        return {
            id: given.zone,
            outputs: { lives: advance([], given.selectors, new Date(), found.everywhere) },
        };
    },

    async read(id, before, context) {
        if (before === undefined)
            throw new Error(
                `the selectors of ${id} cannot be imported: what matters is when they were published and last signed; run \`pulumi up\`, which begins with them as they are configured`,
            );
        const { lives } = before.state;
        const found = await look(before.inputs, context);
        for (const wrong of found.wrong)
            context.log.warning(`${wrong}; run \`pulumi up\` to write the record again`);
        return {
            inputs: before.inputs,
            outputs: { lives: refreshed(lives, before.inputs, found) },
        };
    },

    previewUpdate() {
        return Promise.resolve({ lives: UNKNOWN });
    },

    async update(_id, before, given, context) {
        const { lives } = before.state;
        assertLegal(lives, given);
        const found = await whenPublished(given, context);
        const unseen = activated(lives, given.selectors).filter(
            ({ selector }) => !found.everywhere.has(selector),
        );
        if (unseen.length > 0) throw new Error(notThere(unseen, found));
        return { lives: advance(lives, given.selectors, new Date(), found.everywhere) };
    },

    delete() {
        return Promise.resolve();
    },
});

/** The selectors as far as a preview knows them; undefined where their names or states are not known. */
function wantedSelectors(
    selectors: MaybeUnknown<Inputs["selectors"]>,
): readonly WantedSelector[] | undefined {
    if (isUnknown(selectors)) return undefined;
    const wanted: WantedSelector[] = [];
    for (const entry of selectors) {
        if (isUnknown(entry)) return undefined;
        const { selector, algorithm, state, value } = entry;
        if (isUnknown(selector) || isUnknown(algorithm) || isUnknown(state)) return undefined;
        wanted.push({ selector, algorithm, state, value: isUnknown(value) ? undefined : value });
    }
    return wanted;
}

type Wanted = Omit<Inputs, "selectors"> & { readonly selectors: readonly WantedSelector[] };

function assertLegal(lives: readonly SelectorLife[], wanted: Wanted): void {
    const reasons = refusals(lives, wanted.selectors, new Date(), wanted);
    if (reasons.length === 0) return;
    throw new Error(
        reasons.length === 1
            ? (reasons[0] ?? "")
            : ["several steps of the DKIM rotation are refused", ...reasons].join("\n  "),
    );
}

/** Selectors that the step makes sign. */
function activated(
    lives: readonly SelectorLife[],
    wanted: readonly WantedSelector[],
): WantedSelector[] {
    if (lives.length === 0) return [];
    return wanted.filter(
        ({ selector, state }) =>
            state === "active" &&
            lives.find((life) => life.selector === selector)?.state !== "active",
    );
}

/** A preview refuses to sign with a key that a server denies; servers that it cannot reach are left to the update. */
async function foreseeActivation(
    lives: readonly SelectorLife[],
    wanted: Wanted,
    context: CallContext,
): Promise<void> {
    const selectors = activated(lives, wanted.selectors);
    if (selectors.length === 0) return;
    const found = await look({ ...wanted, selectors }, context);
    if (found.wrong.length > 0) throw new Error(notThere(selectors, found));
    if (found.silent.length > 0)
        context.log.warning(`cannot look ahead: ${found.silent.join("; ")}; the update will ask`);
}

function notThere(selectors: readonly WantedSelector[], found: Publication): string {
    return (
        `selector ${selectors.map(({ selector }) => selector).join(", ")} cannot be active: ` +
        `${[...found.wrong, ...found.silent].join("; ")}. Mail signed with it would fail at receivers. ` +
        "Leave it pending and run `pulumi up`, which writes its record and waits for every name server"
    );
}

function look(wanted: Wanted, context: CallContext): Promise<Publication> {
    const expected = wanted.selectors.flatMap(({ selector, value }) =>
        value === undefined ? [] : [{ selector, value }],
    );
    return lookUp(wanted.zone, expected, wanted.nameServers, context);
}

/** Looks until every record is everywhere, or once where nobody is to wait. Throws with what is missing when time is up. */
async function whenPublished(wanted: Inputs, context: CallContext): Promise<Publication> {
    const seconds = context.timeoutSeconds ?? DEFAULT_TIMEOUT;
    const deadline = Date.now() + seconds * 1000;
    for (let last = ""; ;) {
        const found = await look(wanted, context);
        const missing = [...found.wrong, ...found.silent].join("; ");
        if (missing === "") return found;
        if (!wanted.wait) {
            context.log.warning(`${missing}; nothing was waited for`);
            return found;
        }
        if (Date.now() >= deadline)
            throw new Error(
                `waited ${seconds} seconds for the DKIM records at every name server, but ${missing}. ` +
                    "See that the servers take over the zone, and repeat `pulumi up`",
            );
        if (missing !== last) context.log.status(`waiting for the DKIM records: ${missing}`);
        last = missing;
        await delay(INTERVAL, undefined, { signal: context.waiting });
    }
}

/** A key that is seen everywhere for the first time gets its time; a pending one that a server denies loses it. */
function refreshed(
    lives: readonly SelectorLife[],
    { selectors }: Inputs,
    found: Publication,
): SelectorLife[] {
    const seen = advance(lives, selectors, new Date(), found.everywhere);
    return seen.map((life) => {
        if (life.state !== "pending" || found.everywhere.has(life.selector)) return life;
        if (found.wrong.length === 0) return life;
        return { ...life, publishedAt: undefined };
    });
}

function sameServers(
    a: readonly AuthoritativeServer[],
    b: readonly AuthoritativeServer[],
): boolean {
    const keys = (servers: readonly AuthoritativeServer[]) =>
        servers.map(({ name, addresses }) => [name, ...[...addresses].sort()].join(" ")).sort();
    return keys(a).join("\n") === keys(b).join("\n");
}
