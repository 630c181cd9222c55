import { z } from "zod";
import { rule } from "../engine/rule.ts";
import { text, texts } from "../engine/values.ts";
import { TYPES } from "./types.ts";

/** Hetzner's locations in the European Union, the default of `locations`. */
const EUROPEAN = ["fsn1", "nbg1", "hel1"];

/** Where things may be. */
export const allowedLocations = rule({
    name: "allowed-locations",
    description:
        "Servers, addresses, volumes and load balancers are in locations that are allowed.",
    severity: "high",
    config: z.object({
        locations: z.array(z.string()).default(EUROPEAN).describe("Locations of Hetzner."),
    }),
    resources: {
        types: [
            TYPES.server,
            TYPES.primaryIp,
            TYPES.floatingIp,
            TYPES.loadBalancer,
            TYPES.volume,
            TYPES.placement,
        ],
        judge({ props }, { locations }) {
            const used = [
                text(props.location),
                text(props.homeLocation),
                // `fsn1-dc14`
                text(props.datacenter)?.split("-")[0],
                ...texts(props.locations),
            ].filter((location) => location !== undefined);
            const foreign = [...new Set(used)].filter((location) => !locations.includes(location));
            return foreign.map(
                (location) =>
                    `${location} is not allowed: choose from ${locations.join(", ")} (configuration key locations)`,
            );
        },
    },
});
