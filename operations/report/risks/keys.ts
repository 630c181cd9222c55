import type { Plan, PlannedResource } from "../plan.ts";
import { words } from "../words.ts";
import type { Words } from "../words.ts";
import { isRebuilt } from "./cluster.ts";
import { isLost, textOf } from "./risk.ts";
import type { Risk, RiskKind, RiskRule } from "./risk.ts";

const PRIVATE_KEY = "tls:index/privateKey:PrivateKey";

/** Private keys that are gone afterwards, and what depends on them. */
export const keyRemoval: RiskRule = (resource) => {
    if (resource.type !== PRIVATE_KEY || !isLost(resource)) return [];
    const { urn, name } = resource;
    if (urn.includes("sovereign:mail:DkimKeys$"))
        return [keyRisk(words`DKIM key ${name}: nothing can be signed with it again`)];
    if (isOfPki(resource)) return [];
    return [keyRisk(words`${name}: certificates of it end with it`)];
};

function isOfPki({ urn }: PlannedResource): boolean {
    return urn.includes("sovereign:cluster:ClusterPki$");
}

/** One note for all keys of the cluster's PKI. */
export function pkiRemoval({ resources }: Plan): Risk[] {
    const lost = resources.filter(
        (resource) => resource.type === PRIVATE_KEY && isLost(resource) && isOfPki(resource),
    );
    if (lost.length === 0) return [];
    return [
        keyRisk(
            words`${lost.length} keys of the cluster's PKI: certificates and kubeconfigs of them end with them`,
        ),
    ];
}

function keyRisk(text: Words): Risk {
    return { kind: "key removal", text };
}

/** What a step of a DKIM selector means for mail that is signed with it. */
const STATES: Readonly<Record<string, readonly [RiskKind, string]>> = {
    pending: ["key change", "is published, nothing is signed with it yet"],
    active: ["key change", "signs from now on"],
    retiring: ["key change", "signs no more, and stays published for mail on its way"],
    revoked: ["key removal", "is published as empty: mail signed with it fails DKIM from now on"],
};

/** Steps of a DKIM rotation. */
export const dkimSelectors: RiskRule = (resource) => {
    if (resource.type !== "sovereign:mail:DkimSelectors") return [];
    if (resource.operation !== "update" && !isLost(resource)) return [];
    const was = selectorStates(resource, "before");
    const is = selectorStates(resource, "after");
    return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((selector): Risk[] => {
        const state = is.get(selector);
        if (state === undefined)
            return [
                keyRisk(
                    words`DKIM selector ${selector} leaves the zone; its name is never used again`,
                ),
            ];
        if (was.get(selector) === state) return [];
        const [kind, meaning] = STATES[state] ?? ["key change", "changes"];
        return [{ kind, text: [...words`DKIM selector ${selector} `, meaning] }];
    });
};

function selectorStates(resource: PlannedResource, side: "before" | "after"): Map<string, string> {
    const selectors = resource[side]?.inputs?.selectors;
    if (!Array.isArray(selectors)) return new Map();
    return new Map(
        selectors.flatMap((entry: unknown) => {
            if (typeof entry !== "object" || entry === null) return [];
            const { selector, state } = entry as Record<string, unknown>;
            return typeof selector === "string" && typeof state === "string"
                ? [[selector, state] as const]
                : [];
        }),
    );
}

/** DNSSEC keys of the zone. */
export const signingKeys: RiskRule = (resource) => {
    const { type, operation, before, after } = resource;
    if (type !== "sovereign:dns:Zone" || operation !== "update") return [];
    const dnssec = before?.inputs?.dnssec === true && after?.inputs?.dnssec === false;
    const zone = textOf(resource, "before", "name");
    if (dnssec)
        return [
            keyRisk(
                words`${zone} is no longer signed: a DS that is still at the parent makes it bogus`,
            ),
        ];
    const keys = (state: typeof before) => JSON.stringify(state?.inputs?.signingKeys ?? []);
    if (keys(before) === keys(after)) return [];
    return [
        {
            kind: "key change",
            text: words`the DNSSEC keys of ${zone}: the DS at the parent has to be of one that signs`,
        },
    ];
};

/** Passwords that are made anew. */
export const passwordChange: RiskRule = (resource, plan) => {
    if (resource.type !== "random:index/randomPassword:RandomPassword") return [];
    if (!isLost(resource)) return [];
    const submission = resource.urn.includes("sovereign:mail:SmtpCredentials$");
    if (!submission && isRebuilt(plan)) return [];
    return [
        {
            kind: "password change",
            text: submission
                ? words`the submission password: mail of the console is refused until its pods have the new one`
                : words`${resource.name} is made anew`,
        },
    ];
};
