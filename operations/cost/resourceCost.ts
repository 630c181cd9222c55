import { parseAmount } from "./money.ts";
import type { Amount } from "./money.ts";
import type { Prices } from "./prices.ts";

/** What a resource costs per month, or why that is not known. */
export interface ResourceCost {
    /** What is paid for: `server cx23 at fsn1, with backups`. */
    readonly what: string;
    /** Undefined where the price is unknown. */
    readonly amount: Amount | undefined;
    readonly unverified: boolean;
}

type Inputs = Readonly<Record<string, unknown>>;

/** Kinds of Hetzner resources that cost something; networks, firewalls, placement groups, PTR records and zones are free. */
const PRICED: Readonly<Record<string, (inputs: Inputs, prices: Prices) => ResourceCost[]>> = {
    "hcloud:index/server:Server": serverCost,
    "hcloud:index/loadBalancer:LoadBalancer": (inputs, prices) => [
        listed("load balancer", "loadBalancerType", prices.loadBalancers, inputs, prices),
    ],
    "hcloud:index/primaryIp:PrimaryIp": (inputs, prices) =>
        addressCost("primary address", prices.primaryIps, inputs, prices),
    "hcloud:index/floatingIp:FloatingIp": (inputs, prices) => [
        listed(
            "floating address",
            "type",
            prices.floatingIps,
            { ...inputs, location: inputs.homeLocation },
            prices,
        ),
    ],
    "hcloud:index/volume:Volume": volumeCost,
    "hcloud:index/snapshot:Snapshot": () => [unknown("snapshot, by its size")],
    "hcloud:index/storageBox:StorageBox": () => [unknown("storage box")],
};

/** What a resource of a type with these inputs costs; nothing where it is free. */
export function resourceCost(type: string, inputs: Inputs, prices: Prices): ResourceCost[] {
    return PRICED[type]?.(inputs, prices) ?? [];
}

function serverCost(inputs: Inputs, prices: Prices): ResourceCost[] {
    const server = listed("server", "serverType", prices.servers, inputs, prices);
    const own = ownAddress(inputs, prices);
    if (inputs.backups !== true) return [server, ...own];
    const percent = Number(prices.serverBackupPercent);
    return [
        {
            ...server,
            what: `${server.what}, with backups`,
            amount:
                server.amount === undefined
                    ? undefined
                    : Math.round(server.amount * (1 + percent / 100)),
        },
        ...own,
    ];
}

/** The IPv4 address that Hetzner makes with a server that brings none. */
function ownAddress(inputs: Inputs, prices: Prices): ResourceCost[] {
    const [net] = Array.isArray(inputs.publicNets) ? (inputs.publicNets as unknown[]) : [{}];
    const { ipv4Enabled = true, ipv4 } = (net ?? {}) as Inputs;
    if (ipv4Enabled !== true || ipv4 !== undefined) return [];
    return addressCost(
        "primary address",
        prices.primaryIps,
        { type: "ipv4", location: inputs.location },
        prices,
    );
}

/** Hetzner charges for IPv4 addresses; its list has no price for an IPv6 network that is a primary address. */
function addressCost(
    kind: string,
    list: Prices["primaryIps"],
    inputs: Inputs,
    prices: Prices,
): ResourceCost[] {
    const free = inputs.type === "ipv6" && list.ipv6 === undefined;
    return free ? [] : [listed(kind, "type", list, inputs, prices)];
}

function volumeCost(inputs: Inputs, prices: Prices): ResourceCost[] {
    const { size } = inputs;
    if (typeof size !== "number") return [unknown("volume")];
    return [
        {
            what: `volume of ${size} GB`,
            amount: Math.round(size * parseAmount(prices.volumePerGb)),
            unverified: false,
        },
    ];
}

function listed(
    kind: string,
    key: string,
    list: Readonly<Record<string, Readonly<Record<string, string>>>>,
    inputs: Inputs,
    prices: Prices,
): ResourceCost {
    const type = inputs[key];
    const { location } = inputs;
    const name = typeof type === "string" ? type : "";
    const place = typeof location === "string" ? location : "";
    const price = Object.hasOwn(list, name) ? list[name]?.[place] : undefined;
    return {
        what: `${kind} ${name || "of a type not known yet"}${place === "" ? "" : ` at ${place}`}`,
        amount: price === undefined ? undefined : parseAmount(price),
        unverified: prices.unverified.includes(`${kind} ${name}`),
    };
}

function unknown(what: string): ResourceCost {
    return { what, amount: undefined, unverified: false };
}
