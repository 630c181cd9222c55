import { z } from "zod";
import { rule } from "../engine/rule.ts";
import { isOpen, items, texts } from "../engine/values.ts";
import { dnsName } from "./zoneView.ts";
import { TYPES } from "./types.ts";

/** A zone answers only where its name servers are named in it (RFC 1034 4.2.1), at least two of them (RFC 1035 2.2). */
export const zoneNameServers = rule({
    name: "zone-name-servers",
    description: "Zones name their name servers, at least two different ones.",
    severity: "high",
    config: z.object({
        minimum: z.int().min(1).default(2).describe("Fewest name servers of a zone."),
    }),
    resources: {
        types: [TYPES.zone],
        judge({ props }, { minimum }) {
            if (isOpen(props.nameServers) || items(props.nameServers).some(isOpen)) return [];
            const names = new Set(texts(props.nameServers).map(dnsName));
            return names.size >= minimum
                ? []
                : [
                      `the zone has ${names.size} name server${names.size === 1 ? "" : "s"}: name at least ${minimum} different ones (nameServers)`,
                  ];
        },
    },
});
