import type { PlannedResource } from "../plan.ts";
import { isUnknown } from "../secretValues.ts";
import { UNKNOWN_SHOWN } from "../valueText.ts";
import { words } from "../words.ts";
import { firstText, isLost, textOf } from "./risk.ts";
import type { Risk, RiskRule } from "./risk.ts";

/** Hetzner resources that are or hold a public address, with the outputs that say which. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
    "hcloud:index/primaryIp:PrimaryIp": ["ipAddress"],
    "hcloud:index/floatingIp:FloatingIp": ["ipAddress"],
    "hcloud:index/loadBalancer:LoadBalancer": ["ipv4", "ipv6"],
};

/** Addresses that go back to Hetzner, and with them what receivers think of them. */
export const addressRelease: RiskRule = (resource) => {
    if (!(resource.type in ADDRESSES) || !isLost(resource)) return [];
    const addresses = addressesOf(resource);
    return [
        {
            kind: "address release",
            text: words`${addresses.join(", ")} of ${resource.name} goes back to Hetzner and cannot be had again; its reputation and PTR are lost`,
        },
    ];
};

function addressesOf(resource: PlannedResource): string[] {
    return (ADDRESSES[resource.type] ?? [])
        .map((property) => textOf(resource, "before", property))
        .filter((address) => address !== "");
}

/** PTR records, which receivers compare with the name in EHLO (RFC 5321, 4.1.4; forward-confirmed reverse DNS). */
export const ptrChange: RiskRule = (resource, { resources }) => {
    if (resource.type !== "hcloud:index/rdns:Rdns") return [];
    const address = firstText(
        textOf(resource, "before", "ipAddress"),
        textOf(resource, "after", "ipAddress"),
    );
    const was = textOf(resource, "before", "dnsPtr");
    const is = textOf(resource, "after", "dnsPtr");
    const released = resources.some(
        (other) => isLost(other) && addressesOf(other).includes(address),
    );
    if (released) return [];
    if (resource.operation === "delete")
        return [
            {
                kind: "PTR change",
                text: words`${address} no longer resolves to ${was}: mail from it would be refused`,
            },
        ];
    if (resource.operation !== "update" && resource.operation !== "replace") return [];
    if (was === is) return [ptrGap(address, was)];
    return [
        {
            kind: "PTR change",
            text: words`${address} from ${was} to ${isUnknown(is) ? UNKNOWN_SHOWN : is}: A record and EHLO name have to follow, or receivers refuse mail from it`,
        },
    ];
};

function ptrGap(address: string, name: string): Risk {
    return {
        kind: "PTR change",
        text: words`${address} does not resolve to ${name} until its PTR is written anew`,
    };
}
