import { certificates } from "./certificates.ts";
import { cloud } from "./cloud.ts";
import { cluster } from "./cluster.ts";
import { delegation } from "./delegation.ts";
import { dkim } from "./dkim.ts";
import { gitops } from "./gitops.ts";
import { mail } from "./mail.ts";
import { names } from "./names.ts";
import { platform } from "./platform.ts";
import type { RefusedConfig } from "./refusedConfig.ts";
import { registrars } from "./registrars.ts";
import { zones } from "./zones.ts";

/** Every refused configuration, by concern. */
export const REFUSED: Readonly<Record<string, readonly RefusedConfig[]>> = {
    names,
    delegation,
    registrars,
    cloud,
    cluster,
    mail,
    dkim,
    platform,
    certificates,
    gitops,
    zones,
};
