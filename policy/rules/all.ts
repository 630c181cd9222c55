import type { Rule } from "../engine/rule.ts";
import { allowedLocations } from "./allowedLocations.ts";
import { allowedReplacement } from "./allowedReplacement.ts";
import { closedAdministration } from "./closedAdministration.ts";
import { costCeiling } from "./costCeiling.ts";
import { dmarcPresent } from "./dmarcPresent.ts";
import { guardedNamespaces } from "./guardedNamespaces.ts";
import { lastingAddresses } from "./lastingAddresses.ts";
import { matchingPtr } from "./matchingPtr.ts";
import { oneSpf } from "./oneSpf.ts";
import { pinnedReleases } from "./pinnedReleases.ts";
import { plainSecrets } from "./plainSecrets.ts";
import { protection } from "./protection.ts";
import { strongDkim } from "./strongDkim.ts";
import { zoneNameServers } from "./zoneNameServers.ts";

/** Every rule of the pack. */
export const RULES: readonly Rule[] = [
    closedAdministration,
    protection,
    lastingAddresses,
    allowedLocations,
    costCeiling,
    allowedReplacement,
    pinnedReleases,
    guardedNamespaces,
    zoneNameServers,
    matchingPtr,
    oneSpf,
    strongDkim,
    dmarcPresent,
    plainSecrets,
];
