import { z } from "zod";

/** Label value of the pods that look at the way out, under `app.kubernetes.io/name`, and the name of their CronJob. */
export const PROBE_NAME = "stalwart-probe";

/** How long a result speaks for the present, in milliseconds: a day. */
export const PROBE_LIFETIME = 24 * 60 * 60 * 1000;

const attempt = z.object({
    /** Server, `<host>:<port>`. */
    target: z.string(),
    open: z.boolean(),
    /** Its greeting, or why there was none. */
    answer: z.string(),
    /** The address that the server sees, where it tells in its reply to EHLO. */
    sees: z.string().nullable(),
});

const result = z.object({ observedAt: z.iso.datetime(), attempts: z.array(attempt) });

/** What `charts/stalwart-sovereign/files/egress-probe.sh` prints: the way out, from where it ran. */
export type ProbeResult = z.infer<typeof result>;

/** Reads a published result; undefined for what is none. */
export function parseProbe(text: string): ProbeResult | undefined {
    try {
        return result.safeParse(JSON.parse(text)).data;
    } catch {
        return undefined;
    }
}

/** Whether a result speaks for the present. */
export function isCurrent({ observedAt }: ProbeResult, now: Date): boolean {
    return now.getTime() - Date.parse(observedAt) < PROBE_LIFETIME;
}

/** The address that others see, where any of them told; they agree, or the first one's counts. */
export function seenAddress({ attempts }: ProbeResult): string | undefined {
    return attempts.find(({ sees }) => sees !== null)?.sees ?? undefined;
}
