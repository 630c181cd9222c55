import { LOAD_BALANCER_TYPES } from "./loadBalancerTypes.ts";
import { LOCATIONS } from "./locations.ts";
import { VAT_RATE, price } from "./prices.ts";
import { SERVER_TYPES, serverTypePrices } from "./serverTypes.ts";

const EUROPE = LOCATIONS.filter((location) => location.network_zone === "eu-central");

/** `/pricing`: net prices of 2026 as published on https://www.hetzner.com/cloud. What no source gives is null or missing. */
export function pricingView() {
    const floating = price("3");
    return {
        currency: "EUR",
        vat_rate: VAT_RATE,
        image: { price_per_gb_month: price("0.0143") },
        floating_ip: { price_monthly: floating },
        floating_ips: [
            {
                type: "ipv4",
                prices: EUROPE.map(({ name }) => ({ location: name, price_monthly: floating })),
            },
        ],
        primary_ips: [
            {
                type: "ipv4",
                prices: EUROPE.map(({ name }) => ({
                    location: name,
                    price_hourly: null,
                    price_monthly: price("0.50"),
                })),
            },
        ],
        traffic: { price_per_tb: price("0") },
        server_backup: { percentage: "20" },
        server_types: SERVER_TYPES.map((type) => ({
            id: type.id,
            name: type.name,
            prices: serverTypePrices(type),
        })),
        load_balancer_types: LOAD_BALANCER_TYPES.map(({ id, name, prices }) => ({
            id,
            name,
            prices,
        })),
        volume: { price_per_gb_month: price("0.0572") },
    };
}
