import { z } from "zod";

const signature = z.object({
    result: z.string(),
    domain: z.string(),
    selector: z.string(),
    algorithm: z.string(),
    aligned: z.boolean(),
});

const message = z.object({
    remoteAddress: z.string(),
    message: z.string(),
    verdict: z.object({
        reverse: z.object({ confirmed: z.boolean() }),
        spf: z.object({ result: z.string(), aligned: z.boolean() }),
        dkim: z.array(signature).readonly(),
        dmarc: z.object({ result: z.string() }),
        fields: z.record(z.string(), z.number()),
    }),
});

/** A message as it was received and judged. */
export type WitnessedMessage = Omit<z.infer<typeof message>, "message">;

/** A mailbox outside the Sovereign whose mail is judged as its receiver judges it. */
export interface Witness {
    /** Address to write to. */
    readonly address: string;
    /** The message with this subject; undefined while there is none. */
    find(subject: string): Promise<WitnessedMessage | undefined>;
}

/** A witness that is asked over HTTP: `GET <url>/messages?to=<address>` (`lab/mail/mailbox` serves it). */
export function httpWitness(url: string, address: string): Witness {
    return {
        address,
        find: async (subject) => {
            const response = await fetch(`${url}/messages?to=${encodeURIComponent(address)}`, {
                signal: AbortSignal.timeout(10_000),
            });
            const messages = z.array(message).parse(await response.json());
            return messages.find((found) => found.message.includes(`Subject: ${subject}\r\n`));
        },
    };
}
