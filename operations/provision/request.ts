import { z } from "zod";

const text = z.string({ error: "a text" }).min(1, { error: "a text" });

const COUNT = "a whole number, 0 or more";

/** Modes under all their names: those of the provisioner and its predecessors beside the program's own. */
export const DOMAIN_MODES = {
    pool: "pool",
    "free-subdomain": "pool",
    byo: "byo-manual",
    "byo-manual": "byo-manual",
    "byo-api": "byo-api",
} as const;

/** Field names are those of catalyst-api's `POST /api/v1/deployments`; an empty text is a field that is not given. */
export const provisionRequestSchema = z.strictObject({
    /** The stack. @default the FQDN with dashes for dots */
    stack: z
        .string()
        .regex(/^[A-Za-z0-9._-]{1,100}$/, { error: "letters, digits, dots, dashes, underscores" })
        .optional(),
    orgName: text.optional(),
    orgEmail: z.email({ error: "a mail address" }).optional(),
    /** @default `<sovereignSubdomain>.<sovereignPoolDomain>` */
    sovereignFQDN: text.optional(),
    sovereignDomainMode: z.enum(Object.keys(DOMAIN_MODES) as (keyof typeof DOMAIN_MODES)[], {
        error: `one of ${Object.keys(DOMAIN_MODES).join(", ")}`,
    }),
    sovereignPoolDomain: text.optional(),
    sovereignSubdomain: text.optional(),
    /** Secret. */
    hetznerToken: text.optional(),
    /** For people; a token belongs to one project. */
    hetznerProjectID: text.optional(),
    region: text.optional(),
    /** In order of preference; `region` comes before them. */
    regions: z.array(text).optional(),
    controlPlaneSize: text.optional(),
    workerSize: text.optional(),
    workerCount: z.int({ error: COUNT }).min(0, { error: COUNT }).optional(),
    /** Three control planes instead of one. */
    haEnabled: z.boolean().optional(),
    sshPublicKey: text.optional(),
    /** Secret. */
    dynadotKey: text.optional(),
    /** Secret. */
    dynadotSecret: text.optional(),
    /** Secret. */
    ghcrPullToken: text.optional(),
    /** Further keys of docs/configuration.md, each by its name there. */
    config: z.record(z.string(), z.json()).default({}),
    /** Further secrets of docs/configuration.md. */
    secrets: z.record(z.string(), text).default({}),
});

/** What a provisioner asks for: one Sovereign. */
export type ProvisionRequest = z.output<typeof provisionRequestSchema>;

/** One thing that is wrong with a request; never a secret's value. */
export interface RequestProblem {
    /** Field of the request: `region`, `config.nameServers[0]`, `secrets.powerdnsApiKey`. */
    readonly field: string;
    readonly found: string;
    readonly expected: string;
}
