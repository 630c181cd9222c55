import { z } from "zod";
import { defineResource, type CallContext } from "../framework/resource.ts";
import { isUnknown, known, type PreviewProps } from "../framework/values.ts";
import { powerDns } from "./connections.ts";
import { canonicalName, InvalidDnsData } from "./names.ts";
import { adoptSchema } from "./ownerSchema.ts";
import { isRetriable, PowerDnsError } from "./powerdns/transport.ts";
import type { PowerDnsTsigKey } from "./powerdns/types.ts";
import { lookAhead } from "./previewLook.ts";
import { Refusal } from "./recordSetDecisions.ts";

/** Octets of a secret: not fewer than half of the shortest hash that we take (RFC 2104, 3). */
const SHORTEST_SECRET = 16;

const inputs = z.object({
    name: z.string().describe("Name of the key: a domain name."),
    algorithm: z
        .enum(["hmac-sha256", "hmac-sha384", "hmac-sha512"])
        .default("hmac-sha256")
        .describe("How messages are signed (RFC 8945, 6)."),
    secret: z
        .string()
        .refine(
            (text) =>
                /^[A-Za-z0-9+/]+={0,2}$/.test(text) &&
                Buffer.from(text, "base64").length >= SHORTEST_SECRET,
            `is no base64 of ${SHORTEST_SECRET} octets or more`,
        )
        .describe("The shared secret, base64."),
    adopt: adoptSchema.describe("Takes over a key of this name that has another secret."),
});

type Inputs = z.output<typeof inputs>;

/**
 * `sovereign:dns:TsigKey`: a key at PowerDNS by which a program is known that changes a zone. PowerDNS keeps no mark on it: the secret,
 * which nobody else has, says whose it is.
 */
export const tsigKey = defineResource({
    token: "sovereign:dns:TsigKey",
    description: "A TSIG key at PowerDNS (RFC 8945). Import by its name.",
    inputs,
    outputs: z.object({ name: z.string().describe("The name with trailing dot.") }),
    secretInputs: ["secret"],
    replaceOn: ["name"],
    equal: { adopt: () => true },

    check(given) {
        if (isUnknown(given.name)) return {};
        try {
            return { inputs: { ...given, name: canonicalName(given.name) } };
        } catch (error) {
            if (!(error instanceof InvalidDnsData)) throw error;
            return { failures: [{ property: "name", reason: error.message }] };
        }
    },

    async previewCreate(after, context) {
        const { name } = after;
        const given = known<Inputs>(after);
        if (given !== undefined)
            await lookAhead(context, async () => {
                refuseOther(await live(given.name, context), given);
            });
        return { name };
    },

    async create(given, context) {
        const connection = powerDns(context.config);
        connection.declare(`tsig ${given.name}`, context.urn);
        const found = await live(given.name, context);
        refuseOther(found, given);
        if (found === undefined) await createOnce(given, context);
        await converge(given, context);
        return { id: given.name, outputs: { name: given.name } };
    },

    async read(id, before, context) {
        const name = canonicalName(id);
        const found = await live(name, context);
        if (found === undefined) return undefined;
        return {
            id: name,
            inputs: {
                name,
                algorithm: algorithmOf(found),
                secret: found.key,
                adopt: before?.inputs.adopt ?? false,
            },
            outputs: { name },
        };
    },

    previewUpdate: (_id, _before, after) => Promise.resolve({ name: after.name }),

    async update(_id, before, given, context) {
        const found = await live(given.name, context);
        if (found === undefined)
            throw new Refusal(
                `the TSIG key ${given.name} is not at PowerDNS any more. Run \`pulumi refresh\`, then the command again to create it anew.`,
            );
        if (found.key !== before.state.secret) refuseOther(found, given);
        await converge(given, context);
        return { name: given.name };
    },

    async delete(id, state, context) {
        const connection = powerDns(context.config);
        const found = await live(id, context);
        connection.release(`tsig ${id}`, context.urn);
        if (found === undefined) return;
        if (found.key !== state.secret) {
            context.log.warning(
                `the TSIG key ${id} has another secret than ours now, so it is left as it is`,
            );
            return;
        }
        await connection.client.repeatedly(
            () => connection.client.deleteTsigKey(found.name, context.signal),
            context.signal,
        );
        if ((await live(id, context)) !== undefined)
            throw new Error(`PowerDNS says that it deleted the TSIG key ${id}, but it is there`);
    },
});

function live(name: string, context: CallContext): Promise<PowerDnsTsigKey | undefined> {
    return powerDns(context.config).client.tsigKey(name, context.signal);
}

function wanted({ name, algorithm, secret }: Inputs): PowerDnsTsigKey {
    return { name: name.replace(/\.$/, ""), algorithm, key: secret };
}

/** An algorithm that we would not make a key of is shown as a difference. */
function algorithmOf(found: PowerDnsTsigKey): Inputs["algorithm"] {
    return found.algorithm as Inputs["algorithm"];
}

async function createOnce(given: Inputs, context: CallContext): Promise<void> {
    const { client } = powerDns(context.config);
    await client.repeatedly(async () => {
        try {
            await client.createTsigKey(wanted(given), context.signal);
        } catch (error) {
            const exists = error instanceof PowerDnsError && error.status === 409;
            if (!exists && !isRetriable(error)) throw error;
            // The answer to an earlier attempt may have been lost: then the key is there, with our secret.
            const now = await live(given.name, context);
            if (now === undefined) throw error;
            refuseOther(now, given);
        }
    }, context.signal);
}

async function converge(given: Inputs, context: CallContext): Promise<void> {
    const same = (key: PowerDnsTsigKey | undefined) =>
        key?.key === given.secret && key.algorithm === given.algorithm;
    const before = await live(given.name, context);
    if (same(before)) return;
    const { client } = powerDns(context.config);
    if (before?.algorithm === given.algorithm)
        await client.repeatedly(
            () => client.changeTsigKey(wanted(given), context.signal),
            context.signal,
        );
    else {
        // SQL backends keep a key by name and algorithm: a change of the latter would make a second one, which nobody reads.
        const name = given.name.replace(/\.$/, "");
        await client.repeatedly(() => client.deleteTsigKey(name, context.signal), context.signal);
        await createOnce(given, context);
    }
    if (!same(await live(given.name, context)))
        throw new Error(
            `PowerDNS accepted the change of the TSIG key ${given.name}, but it did not take effect`,
        );
}

function refuseOther(found: PowerDnsTsigKey | undefined, given: PreviewProps<Inputs>): void {
    if (found === undefined || found.key === given.secret || given.adopt === true) return;
    const name = String(given.name);
    throw new Refusal(
        `a TSIG key ${name} is at PowerDNS already, with another secret than ours: somebody may use it. Nothing was changed. ` +
            `Take another name; or, if it may be taken over, import it (pulumi import sovereign:dns:TsigKey <name> ${name}) or set \`adopt: true\` on the resource.`,
    );
}
