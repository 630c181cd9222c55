import type { Plan } from "../plan.ts";
import { compare } from "../readPlan.ts";
import { plainWords, shown } from "../words.ts";
import type { Concealment } from "../secretValues.ts";
import { addressRelease, ptrChange } from "./addresses.ts";
import { clusterRebuild, dataLoss, serverLoss } from "./cluster.ts";
import { delegationChange, mailRecord, zoneDelete } from "./dns.ts";
import { dkimSelectors, keyRemoval, passwordChange, pkiRemoval, signingKeys } from "./keys.ts";
import { mailRestart } from "./mailServer.ts";
import { protectionLifted } from "./protection.ts";
import { RISK_KINDS } from "./risk.ts";
import type { Risk, RiskRule } from "./risk.ts";

const RULES: readonly RiskRule[] = [
    zoneDelete,
    delegationChange,
    mailRecord,
    addressRelease,
    ptrChange,
    serverLoss,
    clusterRebuild,
    dataLoss,
    keyRemoval,
    dkimSelectors,
    signingKeys,
    passwordChange,
    mailRestart,
];

/** Everything that a reviewer of a plan has to think of, the gravest first. */
export function risksOf(plan: Plan, concealment: Concealment): Risk[] {
    const found = [
        ...plan.resources.flatMap((resource) => RULES.flatMap((rule) => rule(resource, plan))),
        ...pkiRemoval(plan),
        ...protectionLifted(plan),
    ];
    return found
        .map(({ kind, text }) => ({ kind, text: shown(text, concealment) }))
        .sort(
            (a, b) =>
                RISK_KINDS.indexOf(a.kind) - RISK_KINDS.indexOf(b.kind) ||
                compare(plainWords(a.text), plainWords(b.text)),
        );
}
