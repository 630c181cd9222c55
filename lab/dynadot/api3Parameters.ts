import { DynadotRefusal } from "./accountState.ts";
import type { HostedRecord, HostedSubRecord } from "./accountState.ts";
import type { RecordWrite } from "./hostedRecords.ts";
import { LIMITS } from "./hostedRecords.ts";
import type { DynadotSwitches } from "./switches.ts";

/** The value of a parameter that must be there. */
export function required(parameters: URLSearchParams, name: string): string {
    const value = parameters.get(name);
    if (value === null || value === "") throw new DynadotRefusal(`missing ${name}`);
    return value;
}

/** Values of `<prefix>0`, `<prefix>1`, … up to the first that is missing or empty. */
export function numbered(parameters: URLSearchParams, prefix: string, count: number): string[] {
    const values: string[] = [];
    for (let i = 0; i < count; i++) {
        const value = parameters.get(`${prefix}${i}`) ?? "";
        if (value === "") break;
        values.push(value);
    }
    return values;
}

/** Reads the numbered parameters of `set_dns2`. */
export function recordWrite(parameters: URLSearchParams, switches: DynadotSwitches): RecordWrite {
    const ttl = parameters.get("ttl");
    if (ttl !== null && !/^\d{1,6}$/.test(ttl)) throw new DynadotRefusal(`invalid ttl: ${ttl}`);
    const mode = parameters.get("add_dns_to_current_setting");
    return {
        main: records(parameters, "main_record", LIMITS.main, switches),
        sub: records(parameters, "sub_record", LIMITS.sub, switches).map((record, i) => {
            const { index, ...rest } = record;
            return { subhost: subhost(parameters, index ?? i), ...rest };
        }),
        ttl: ttl === null ? undefined : Number(ttl),
        append: mode === "1" || (switches.appendByYes && mode === "yes"),
    } satisfies {
        main: HostedRecord[];
        sub: HostedSubRecord[];
        ttl: number | undefined;
        append: boolean;
    };
}

function subhost(parameters: URLSearchParams, index: number): string {
    return required(parameters, `subdomain${index}`).toLowerCase();
}

interface NumberedRecord extends HostedRecord {
    readonly index?: number;
}

function records(
    parameters: URLSearchParams,
    prefix: "main_record" | "sub_record",
    limit: number,
    switches: DynadotSwitches,
): NumberedRecord[] {
    const found: NumberedRecord[] = [];
    const indices = [...parameters.keys()]
        .map((name) => new RegExp(`^${prefix}_type(\\d+)$`).exec(name)?.[1])
        .filter((index) => index !== undefined)
        .map(Number)
        .sort((a, b) => a - b);
    for (const [position, index] of indices.entries()) {
        if (index >= limit)
            throw new DynadotRefusal("The Dns Settings reached the upper limit.", 429);
        if (switches.indexGaps === "stop" && index !== position) break;
        const value2 = parameters.get(`${prefix}x${index}`) ?? "";
        found.push({
            type: required(parameters, `${prefix}_type${index}`).toLowerCase(),
            value: required(parameters, `${prefix}${index}`),
            ...(value2 === "" ? {} : { value2 }),
            ...(prefix === "sub_record" ? { index } : {}),
        });
    }
    return found;
}
