import { z } from "zod";
import { NotApplicable, rule } from "../engine/rule.ts";
import type { Finding } from "../engine/rule.ts";
import { mailDomains, recordSets, textsOf } from "./zoneView.ts";

const POLICIES = ["none", "quarantine", "reject"] as const;

/** Receivers read a record only where it begins like this (RFC 9989). */
const DMARC = /^v\s*=\s*DMARC1\s*(?:;|$)/i;

/** A mail domain says what happens to mail that only claims to be from it. */
export const dmarcPresent = rule({
    name: "dmarc-present",
    description: "Every mail domain has one DMARC record, with a policy that is strict enough.",
    severity: "high",
    config: z.object({
        weakest: z
            .enum(POLICIES)
            .default("quarantine")
            .describe("Weakest policy (p=) that is enough."),
    }),
    stack(resources, { weakest }) {
        const sets = recordSets(resources);
        const domains = mailDomains(resources, sets);
        if (domains.length === 0) return new NotApplicable("no zone of the stack takes mail");
        return domains.flatMap(({ urn, name }): Finding[] => {
            const { texts, open } = textsOf(sets, `_dmarc.${name}`);
            const records = texts.filter((record) => DMARC.test(record));
            if (open) return [];
            const [record] = records;
            if (records.length !== 1 || record === undefined)
                return [
                    {
                        urn,
                        message: `_dmarc.${name} has ${records.length} DMARC records, receivers ask for exactly one: publish one TXT record that begins with v=DMARC1`,
                    },
                ];
            const policy = /;\s*p\s*=\s*([a-z]+)/i.exec(record)?.[1]?.toLowerCase() ?? "";
            const strength = POLICIES.findIndex((known) => known === policy);
            return strength >= POLICIES.indexOf(weakest)
                ? []
                : [
                      {
                          urn,
                          message: `_dmarc.${name} has the policy ${policy === "" ? "of none at all" : `p=${policy}`}: set dmarcPolicy to ${POLICIES.slice(POLICIES.indexOf(weakest)).join(" or ")}`,
                      },
                  ];
        });
    },
});
