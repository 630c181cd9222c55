import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const amount = z.string().regex(/^\d+(\.\d+)?$/);

/** Amount by location. */
const byLocation = z.record(z.string(), amount);

/** Net prices per month by type and location. What is not in it is unknown, never guessed. */
export const pricesSchema = z.strictObject({
    /** Where the prices come from. */
    source: z.string().min(1),
    /** Day from which on, or on which, they held: `YYYY-MM-DD`. */
    date: z.iso.date(),
    currency: z.literal("EUR"),
    /** Kinds and types whose price is reported but was not seen at Hetzner, for example `load balancer lb11`. */
    unverified: z.array(z.string()),
    servers: z.record(z.string(), byLocation),
    loadBalancers: z.record(z.string(), byLocation),
    primaryIps: z.record(z.string(), byLocation),
    floatingIps: z.record(z.string(), byLocation),
    volumePerGb: amount,
    /** Snapshots and backups that are kept as images. */
    imagePerGb: amount,
    /** What backups add to a server's price. */
    serverBackupPercent: amount,
});

export type Prices = z.infer<typeof pricesSchema>;

/** The price list of this repository; `npm run prices:refresh` writes it. */
export const PRICES_FILE = join(import.meta.dirname, "prices.json");

/** Reads a price list. */
export function readPrices(file: string = PRICES_FILE): Prices {
    return pricesSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}
