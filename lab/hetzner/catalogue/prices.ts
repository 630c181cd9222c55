/** A price in the API's shape. Amounts are decimal strings in EUR. */
export interface Price {
    readonly net: string;
    readonly gross: string;
}

/** Price of something at a location. The hourly price is null: no source that this catalogue draws on gives it. */
export interface LocationPrice {
    readonly location: string;
    readonly price_hourly: Price | null;
    readonly price_monthly: Price;
    /** Bytes. Not in the sources, hence 0. */
    readonly included_traffic: number;
    readonly price_per_tb_traffic: Price | null;
}

/** VAT of the lab's account: none, so gross equals net. */
export const VAT_RATE = "0.000000";

export function price(net: string): Price {
    return { net, gross: net };
}

export function monthly(location: string, net: string): LocationPrice {
    return {
        location,
        price_hourly: null,
        price_monthly: price(net),
        included_traffic: 0,
        price_per_tb_traffic: null,
    };
}
