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
        dkim: z.array(signature),
        dmarc: z.object({ result: z.string() }),
        fields: z.record(z.string(), z.number()),
    }),
});

/** A message as the witness received and judged it. */
export type WitnessedMessage = z.infer<typeof message>;

/** A mailbox outside the Sovereign that says how its server judged what came in. */
export interface Witness {
    /** Address to write to. */
    readonly address: string;
    messages(): Promise<readonly WitnessedMessage[]>;
}

/** A witness that is asked over HTTP: `GET <url>/messages?to=<address>` (`lab/mail/mailbox` serves it). */
export function httpWitness(url: string, address: string): Witness {
    return {
        address,
        messages: async () => {
            const response = await fetch(`${url}/messages?to=${encodeURIComponent(address)}`, {
                signal: AbortSignal.timeout(10_000),
            });
            return z.array(message).parse(await response.json());
        },
    };
}
