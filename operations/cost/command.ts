import { Command, CommanderError } from "commander";
import { PRICES_FILE } from "./prices.ts";
import { fetchPrices, HETZNER_ENDPOINT, PricesUnavailable, writePrices } from "./refreshPrices.ts";

interface Flags {
    readonly endpoint: string;
    readonly file: string;
}

/**
 * `npm run prices:refresh`: writes Hetzner's present prices into the price list. The token is in `HCLOUD_TOKEN`; one that may only read
 * is enough.
 *
 * @returns 0, or 2 where the prices cannot be had
 */
export async function refreshPrices(rest: readonly string[], signal: AbortSignal): Promise<number> {
    const command = new Command("prices:refresh")
        .description("write Hetzner's present net prices, as HCLOUD_TOKEN sees them")
        .option("--endpoint <url>", "base of the API with its version", HETZNER_ENDPOINT)
        .option("--file <path>", "price list to write", PRICES_FILE)
        .exitOverride();
    try {
        command.parse(rest, { from: "user" });
        const { endpoint, file } = command.opts<Flags>();
        const token = process.env.HCLOUD_TOKEN ?? "";
        if (token === "")
            throw new PricesUnavailable(
                "HCLOUD_TOKEN is not set: expected an API token of a Hetzner Cloud project (Security, API tokens; Read is enough)",
            );
        const today = new Date().toISOString().slice(0, 10);
        const prices = await fetchPrices({ endpoint, token }, today, signal);
        await writePrices(prices, file);
        process.stdout.write(
            `${file}: prices of ${Object.keys(prices.servers).length} server types and ${Object.keys(prices.loadBalancers).length} load balancer types, of ${today}\n`,
        );
        return 0;
    } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
        if (!(error instanceof PricesUnavailable)) throw error;
        process.stderr.write(`error: ${error.message}\n`);
        return 2;
    }
}
