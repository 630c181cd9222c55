import { locationOf } from "./locations.ts";
import { type LocationPrice, monthly } from "./prices.ts";

/** A type of server. Ids are the lab's own. */
export interface ServerType {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly category: string;
    readonly cores: number;
    /** GB. */
    readonly memory: number;
    /** GB. */
    readonly disk: number;
    readonly cpuType: "shared" | "dedicated";
    readonly architecture: "x86" | "arm";
    /** Net price per month in EUR by location; a location that is missing doesn't offer the type. */
    readonly prices: Readonly<Record<string, string>>;
}

const EU = (net: string) => ({ fsn1: net, nbg1: net, hel1: net });

type Row = readonly [
    name: string,
    cores: number,
    memory: number,
    disk: number,
    prices: ServerType["prices"],
];

function family(
    firstId: number,
    category: string,
    cpuType: ServerType["cpuType"],
    architecture: ServerType["architecture"],
    rows: readonly Row[],
): ServerType[] {
    return rows.map(([name, cores, memory, disk, prices], index) => ({
        id: firstId + index,
        name,
        description: name.toUpperCase(),
        category,
        cores,
        memory,
        disk,
        cpuType,
        architecture,
        prices,
    }));
}

/**
 * Types with their sizes and the net prices that hold for new orders since 2026-06-15, without the 0.50 EUR per IPv4
 * address. Source: https://www.hetzner.com/cloud and Hetzner's announcements of 2026-04-01 and 2026-06-15.
 */
export const SERVER_TYPES: readonly ServerType[] = [
    ...family(301, "cost_optimized", "shared", "x86", [
        ["cx23", 2, 4, 40, EU("5.49")],
        ["cx33", 4, 8, 80, EU("8.49")],
        ["cx43", 8, 16, 160, EU("15.99")],
    ]),
    ...family(311, "cost_optimized", "shared", "arm", [
        ["cax11", 2, 4, 40, EU("5.99")],
        ["cax21", 4, 8, 80, EU("10.49")],
    ]),
    ...family(321, "regular_purpose", "shared", "x86", [
        ["cpx22", 2, 4, 80, { ...EU("19.49"), sin: "26.49" }],
        ["cpx32", 4, 8, 160, EU("35.49")],
        ["cpx42", 8, 16, 320, EU("69.49")],
    ]),
    ...family(331, "general_purpose", "dedicated", "x86", [
        ["ccx13", 2, 8, 80, EU("42.99")],
        ["ccx23", 4, 16, 160, EU("85.99")],
    ]),
];

/** A server type by id or name. */
export function findServerType(idOrName: string | number): ServerType | undefined {
    return SERVER_TYPES.find(
        (type) => type.name === idOrName || String(type.id) === String(idOrName),
    );
}

/** A server type that the state speaks of. */
export function serverTypeOf(name: string): ServerType {
    const type = findServerType(name);
    if (type === undefined) throw new Error(`the catalogue has no server type ${name}`);
    return type;
}

export function serverTypePrices(type: ServerType): LocationPrice[] {
    return Object.entries(type.prices).map(([location, net]) => monthly(location, net));
}

/** The API's shape. `unavailable` lists what can't be ordered, as `<type>@<location>`. */
export function serverTypeView(type: ServerType, unavailable: readonly string[]) {
    return {
        id: type.id,
        name: type.name,
        description: type.description,
        category: type.category,
        cores: type.cores,
        memory: type.memory,
        disk: type.disk,
        storage_type: "local",
        cpu_type: type.cpuType,
        architecture: type.architecture,
        included_traffic: 0,
        deprecated: false,
        deprecation: null,
        prices: serverTypePrices(type),
        locations: Object.keys(type.prices).map((name) => ({
            id: locationOf(name).id,
            name,
            recommended: false,
            available: !unavailable.includes(`${type.name}@${name}`),
            deprecation: null,
        })),
    };
}
