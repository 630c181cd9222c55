import { isDeepStrictEqual } from "node:util";
import type { PlannedResource } from "../plan.ts";
import { joined, words } from "../words.ts";
import { firstText, isLost, textOf } from "./risk.ts";
import type { Risk, RiskRule } from "./risk.ts";

const ZONE = "sovereign:dns:Zone";
const RECORD_SET = "sovereign:dns:RecordSet";

/** Zones that go with everything in them. */
export const zoneDelete: RiskRule = (resource, { resources }) => {
    if (resource.type !== ZONE || !isLost(resource)) return [];
    const zone = textOf(resource, "before", "name");
    const records = resources.filter(
        (other) => other.type === RECORD_SET && textOf(other, "before", "zone") === zone,
    ).length;
    return [
        {
            kind: "zone delete",
            text: words`${zone} with its ${records} record sets and its DNSSEC keys: no name of it resolves, no mail to it arrives`,
        },
    ];
};

/** What the parent says of the zone: a wrong DS makes it bogus for every resolver that validates. */
export const delegationChange: RiskRule = (resource) => {
    const { type, operation, before, after } = resource;
    if (type !== "sovereign:dns:Delegation") return [];
    const domain = firstText(
        textOf(resource, "before", "domain"),
        textOf(resource, "after", "domain"),
    );
    const byHand = textOf(resource, before ? "before" : "after", "via") === "external";
    if (isLost(resource))
        // What a person has entered stays; a zone that goes all the same is a risk of its own.
        return byHand
            ? []
            : [
                  {
                      kind: "delegation change",
                      text: words`the parent forgets ${domain}: nothing of it resolves, for as long as resolvers remember that too`,
                  },
              ];
    if (operation !== "update") return [];
    const differs = (property: string) =>
        !isDeepStrictEqual(before?.inputs?.[property], after?.inputs?.[property]);
    const what = [
        ...(differs("nameServers") ? ["name servers"] : []),
        ...(differs("ds") ? ["DS"] : []),
    ];
    if (what.length === 0) return [];
    return [
        {
            kind: "delegation change",
            text: joined(
                [what.join(" and ")],
                byHand
                    ? words` of ${domain} change: whoever holds its parent has to enter them there, and until then the old ones have to work`
                    : words` of ${domain} at the parent; wrong ones make the zone unreachable for as long as the parent's TTL`,
            ),
        },
    ];
};

/** What a record set is for mail, by its name and type. */
function mailPurpose(resource: PlannedResource): string | undefined {
    const side = resource.before ? "before" : "after";
    const name = textOf(resource, side, "name");
    switch (textOf(resource, side, "type")) {
        case "MX":
            return "MX";
        case "TLSA":
            return "TLSA";
        case "TXT":
            if (name.startsWith("_dmarc.")) return "DMARC";
            if (name.includes("._domainkey.")) return "DKIM";
            if (name.startsWith("_mta-sts.")) return "MTA-STS";
            return recordsOf(resource, side).some((record) => record.startsWith("v=spf1"))
                ? "SPF"
                : undefined;
        default:
            return undefined;
    }
}

function recordsOf(resource: PlannedResource, side: "before" | "after"): string[] {
    const records = resource[side]?.inputs?.records;
    return Array.isArray(records) ? records.filter((record) => typeof record === "string") : [];
}

/** Records by which receivers judge the Sovereign's mail. */
export const mailRecord: RiskRule = (resource, { resources }) => {
    const { type, operation } = resource;
    if (type !== RECORD_SET || (!isLost(resource) && operation !== "update")) return [];
    // Of a zone that goes as a whole everything is said; others may stay beside it.
    const zone = textOf(resource, "before", "zone");
    const isItsZone = (other: PlannedResource) =>
        other.type === ZONE && textOf(other, "before", "name") === zone;
    if (resources.some((other) => isItsZone(other) && isLost(other))) return [];
    const purpose = mailPurpose(resource);
    if (purpose === undefined) return [];
    const name = textOf(resource, "before", "name");
    if (operation === "delete")
        return [{ kind: "mail record", text: joined([purpose], words` of ${name} is deleted`) }];
    const weaker = purpose === "DMARC" ? weakerPolicy(resource) : undefined;
    return weaker
        ? [weaker]
        : [{ kind: "mail record", text: joined([purpose], words` of ${name} changes`) }];
};

/** DMARC policies by strictness (RFC 9989, 4.7). */
const POLICIES = ["none", "quarantine", "reject"];

function weakerPolicy(resource: PlannedResource): Risk | undefined {
    const [was, is] = (["before", "after"] as const).map(
        (side) =>
            recordsOf(resource, side)
                .map((record) => /(?:^|;)\s*p=(\w+)/.exec(record)?.[1])
                .find((policy) => policy !== undefined) ?? "none",
    );
    if (was === undefined || is === undefined || POLICIES.indexOf(is) >= POLICIES.indexOf(was))
        return undefined;
    return {
        kind: "mail record",
        text: words`DMARC of ${textOf(resource, "before", "name")} gets weaker, from p=${was} to p=${is}: forged mail is refused less`,
    };
}
