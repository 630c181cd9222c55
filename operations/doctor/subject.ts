import { z } from "zod";

const recordSet = z.object({
    name: z.string(),
    type: z.string(),
    ttl: z.number(),
    records: z.array(z.string()),
});

const schema = z.object({
    sovereign: z.object({ fqdn: z.string() }),
    cloud: z.object({
        loadBalancerIpv4: z.string(),
        nodeIpv4: z.record(z.string(), z.string()),
    }),
    cluster: z.object({ kubeconfig: z.string() }),
    dns: z.object({
        zone: z.string(),
        nameServers: z.array(z.string()),
        dsRecords: z.array(z.string()),
        records: z.array(recordSet),
    }),
    mail: z.object({
        host: z.string(),
        mxHost: z.string(),
        egress: z.enum(["all", "pinned", "smart-host"]),
        egressIpv4: z.array(z.string()).min(1),
        dkim: z.array(
            z.object({
                selector: z.string(),
                algorithm: z.string(),
                state: z.string(),
                name: z.string(),
                txt: z.string(),
            }),
        ),
        authorityCertificate: z.string(),
    }),
    smtp: z.object({
        host: z.string(),
        port: z.string(),
        from: z.string(),
        user: z.string(),
        password: z.string(),
    }),
});

/** What the doctor reads of a stack's outputs (`components/outputs.ts`), secrets in plain. */
export type Subject = z.infer<typeof schema>;

/** A record set as the stack publishes it. */
export type PublishedSet = z.infer<typeof recordSet>;

/**
 * The subject in a stack's outputs (`pulumi stack output --json --show-secrets`).
 *
 * @throws Error that names what is missing, never a value
 */
export function subjectOf(outputs: unknown): Subject {
    const result = schema.safeParse(outputs);
    if (result.success) return result.data;
    const missing = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new Error(
        `these are not the outputs of a Sovereign's stack: ${missing.join("; ")}. Is the stack up? (pulumi stack output --show-secrets)`,
    );
}

/** Contents that the stack publishes for a name and type; undefined where it publishes none. */
export function published(subject: Subject, name: string, type: string): string[] | undefined {
    return subject.dns.records.find((set) => set.name === name && set.type === type)?.records;
}
