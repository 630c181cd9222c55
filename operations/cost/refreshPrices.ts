import { rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import { hetznerRequest } from "../../provider/cloud/hetznerRequest.ts";
import type { HetznerAccess } from "../../provider/cloud/hetznerRequest.ts";
import { formatDecimal } from "./money.ts";
import { pricesSchema, PRICES_FILE } from "./prices.ts";
import type { Prices } from "./prices.ts";

const price = z.object({ net: z.string() });

/** Prices of one type, by location. */
const typePrices = z.array(z.object({ location: z.string(), price_monthly: price }));
const named = z.array(z.object({ name: z.string(), prices: typePrices }));
const typed = z.array(z.object({ type: z.string(), prices: typePrices }));

/** What is read of `GET /v1/pricing` (https://docs.hetzner.cloud/reference/cloud#pricing). */
const pricingResponse = z.object({
    pricing: z.object({
        currency: z.string(),
        image: z.object({ price_per_gb_month: price }),
        volume: z.object({ price_per_gb_month: price }),
        server_backup: z.object({ percentage: z.string() }),
        server_types: named,
        load_balancer_types: named,
        primary_ips: typed,
        floating_ips: typed,
    }),
});

/** Prices cannot be had. */
export class PricesUnavailable extends Error {
    constructor(message: string, cause?: unknown) {
        super(message, { cause });
        this.name = "PricesUnavailable";
    }
}

/** Where Hetzner's API is. */
export const HETZNER_ENDPOINT = "https://api.hetzner.cloud/v1";

/**
 * Reads Hetzner's price list. A token that may only read is enough.
 *
 * @param date - `YYYY-MM-DD` of today
 * @throws PricesUnavailable with what the API said; never with the token
 */
export async function fetchPrices(
    access: HetznerAccess,
    date: string,
    signal: AbortSignal,
): Promise<Prices> {
    const endpoint = access.endpoint.replace(/\/+$/, "");
    const url = `${endpoint}/pricing`;
    let body: unknown;
    try {
        ({ body } = await hetznerRequest({ ...access, endpoint }, "GET", "pricing", { signal }));
    } catch (error) {
        throw new PricesUnavailable(`${url}: ${(error as Error).message}`, error);
    }
    const parsed = pricingResponse.safeParse(body);
    if (!parsed.success)
        throw new PricesUnavailable(
            `${url} answered in another form than documented: ${z.prettifyError(parsed.error)}`,
        );
    return toPrices(parsed.data.pricing, `GET ${url}`, date);
}

type Pricing = z.infer<typeof pricingResponse>["pricing"];

function toPrices(pricing: Pricing, source: string, date: string): Prices {
    if (pricing.currency !== "EUR")
        throw new PricesUnavailable(
            `the account's prices are in ${pricing.currency}: reports are in EUR, take a token of an account that is billed in EUR`,
        );
    const byName = (entries: z.infer<typeof named>) =>
        ordered(entries.map(({ name, prices }) => [name, byLocation(prices)]));
    const byType = (entries: z.infer<typeof typed>) =>
        ordered(entries.map(({ type, prices }) => [type, byLocation(prices)]));
    return {
        source,
        date,
        currency: "EUR",
        unverified: [],
        servers: byName(pricing.server_types),
        loadBalancers: byName(pricing.load_balancer_types),
        primaryIps: byType(pricing.primary_ips),
        floatingIps: byType(pricing.floating_ips),
        volumePerGb: formatDecimal(pricing.volume.price_per_gb_month.net),
        imagePerGb: formatDecimal(pricing.image.price_per_gb_month.net),
        serverBackupPercent: formatDecimal(pricing.server_backup.percentage),
    };
}

function byLocation(prices: z.infer<typeof typePrices>): Record<string, string> {
    return ordered(
        prices.map(({ location, price_monthly }) => [location, formatDecimal(price_monthly.net)]),
    );
}

function ordered<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
    return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** Writes a price list in one step, so that no reader ever meets half of one. */
export async function writePrices(prices: Prices, file: string = PRICES_FILE): Promise<void> {
    const partial = `${file}.partial`;
    await writeFile(partial, `${JSON.stringify(pricesSchema.parse(prices), null, 2)}\n`);
    await rename(partial, file);
}
