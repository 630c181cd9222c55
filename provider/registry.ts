import { chartPin } from "./charts/chartPin.ts";
import { placement } from "./cloud/placement.ts";
import { apiReady } from "./cluster/apiReady.ts";
import { prerequisiteReady } from "./cluster/prerequisiteReady.ts";
import { node } from "./cluster/node.ts";
import { releaseHandOver } from "./cluster/releaseHandOver.ts";
import { delegation } from "./dns/delegation.ts";
import { poolName } from "./dns/poolName.ts";
import { recordSet } from "./dns/recordSet.ts";
import { tsigKey } from "./dns/tsigKey.ts";
import { updatePolicy } from "./dns/updatePolicy.ts";
import { zone } from "./dns/zone.ts";
import type { ResourceImplementation } from "./framework/resource.ts";
import { dkimSelectors } from "./mail/dkimSelectors.ts";

/** Every resource type of the provider. */
export const RESOURCES: readonly ResourceImplementation[] = [
    zone,
    recordSet,
    delegation,
    poolName,
    tsigKey,
    updatePolicy,
    placement,
    node,
    apiReady,
    prerequisiteReady,
    releaseHandOver,
    chartPin,
    dkimSelectors,
];
