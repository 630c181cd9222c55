import { z } from "zod";
import { ancestry, ofType } from "../engine/resource.ts";
import type { Resource } from "../engine/resource.ts";
import { NotApplicable, rule } from "../engine/rule.ts";
import { isOpen, items, properties, text } from "../engine/values.ts";
import { TYPES } from "./types.ts";

/** What Hetzner itself can be told to keep. */
const AT_HETZNER: readonly string[] = [
    TYPES.floatingIp,
    TYPES.loadBalancer,
    TYPES.network,
    TYPES.primaryIp,
    TYPES.volume,
];

/** Keys of which only the DKIM ones outlive a cluster. */
export function isDkimKey({ type, urn }: Pick<Resource, "type" | "urn">): boolean {
    return type === TYPES.privateKey && ancestry(urn).includes(TYPES.dkimKeys);
}

/** Selectors that are revoked: nothing signs with their keys again, which may go. */
function revokedSelectors(resources: readonly Resource[]): string[] {
    return ofType(resources, TYPES.dkimSelectors)
        .flatMap(({ props }) => items(props.selectors).map(properties))
        .filter(({ state }) => state === "revoked")
        .flatMap(({ selector }) => text(selector) ?? []);
}

const UNPROTECTED = "Pulumi may delete it: set protect to true";

/** What cannot be made again as it was: addresses with a reputation, data, names, published keys. */
export const protection = rule({
    name: "protection",
    description:
        "Addresses, load balancer, network, volumes, zone and DKIM keys are protected from deletion.",
    severity: "high",
    config: z.object({
        except: z
            .array(z.string())
            .default([])
            .describe("Logical names of resources that need no protection."),
    }),
    resources: {
        types: [...AT_HETZNER, TYPES.zone],
        judge({ type, name, props, protect }, { except }) {
            if (except.includes(name)) return [];
            const kept = props.deleteProtection === true || isOpen(props.deleteProtection);
            return [
                ...(protect ? [] : [UNPROTECTED]),
                ...(AT_HETZNER.includes(type) && !kept
                    ? [
                          "Hetzner lets anybody with a token delete it: set protect to true (deleteProtection)",
                      ]
                    : []),
            ];
        },
    },
    stack(resources, { except }) {
        const keys = resources.filter(isDkimKey);
        if (keys.length === 0) return new NotApplicable("the stack has no DKIM key");
        const revoked = revokedSelectors(resources);
        return keys
            .filter(
                ({ name, protect }) =>
                    !protect &&
                    !except.includes(name) &&
                    !revoked.some((selector) => name.endsWith(`-${selector}`)),
            )
            .map(({ urn }) => ({ urn, message: UNPROTECTED }));
    },
});
