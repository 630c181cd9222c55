/** Net amount in ten-thousandths of a euro: Hetzner's prices per GB have four decimals, and sums stay exact. */
export type Amount = number;

const SCALE = 10_000;

/**
 * Reads an amount as Hetzner writes it: `5.49`, `0.0572000000000000`. What lies beyond the fourth decimal is rounded.
 *
 * @throws RangeError where it is no amount
 */
export function parseAmount(text: string): Amount {
    if (!/^\d+(?:\.\d+)?$/.test(text)) throw new RangeError(`"${text}" is no amount of money`);
    return Math.round(Number(text) * SCALE);
}

/** For example `€16.40`. */
export function formatAmount(amount: Amount): string {
    const cents = Math.round(Math.abs(amount) / (SCALE / 100));
    const sign = amount < 0 && cents !== 0 ? "-" : "";
    return `${sign}€${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}

/**
 * A decimal without the zeros that say nothing: `5.4900000000` is `5.49`, `3.0000` is `3`.
 *
 * @throws RangeError where it is no decimal
 */
export function formatDecimal(text: string): string {
    const [, whole, decimals = ""] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
    if (whole === undefined) throw new RangeError(`"${text}" is no amount of money`);
    const significant = decimals.replace(/0+$/, "");
    return significant === "" ? whole : `${whole}.${significant}`;
}
