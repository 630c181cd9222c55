import { z } from "zod";
import { MAX_SPF_LOOKUPS, spfLookups } from "../../components/mail/spf.ts";
import { NotApplicable, rule } from "../engine/rule.ts";
import type { Finding } from "../engine/rule.ts";
import { mailDomains, recordSets } from "./zoneView.ts";
import type { RecordSetView } from "./zoneView.ts";

const SPF = /^v=spf1(?: |$)/i;

function judgeRecord(record: string, limit: number): string[] {
    const lookups = spfLookups(record);
    const all = record.split(" ").find((term) => /^[+?~-]?all$/i.test(term));
    const redirects = /(?:^| )redirect=/i.test(record);
    return [
        ...(lookups > limit
            ? [
                  `asks for ${lookups} DNS queries, receivers stop at ${limit} (RFC 7208 4.6.4): replace includes by addresses`,
              ]
            : []),
        ...((all === undefined && !redirects) || all === "+all" || all === "all" || all === "?all"
            ? ["lets everybody send: end it with -all"]
            : []),
    ];
}

function judgeSet({ urn, name, records }: RecordSetView, limit: number): Finding[] {
    const spf = records.filter((record) => SPF.test(record));
    const several =
        spf.length > 1
            ? [
                  `there are ${spf.length} SPF records, with which receivers give up: merge them into one`,
              ]
            : [];
    return [...several, ...spf.flatMap((record) => judgeRecord(record, limit))].map((problem) => ({
        urn,
        message: `SPF of ${name}: ${problem}`,
    }));
}

/** One SPF record per name, within the limits of receivers (RFC 7208). Queries inside of includes are not seen. */
export const oneSpf = rule({
    name: "one-spf",
    description: "Every mail domain has exactly one SPF record, closed and within ten DNS queries.",
    severity: "high",
    config: z.object({
        maxLookups: z
            .int()
            .default(MAX_SPF_LOOKUPS)
            .describe("DNS queries that a record may ask for by itself."),
    }),
    stack(resources, { maxLookups }) {
        const sets = recordSets(resources);
        const domains = mailDomains(resources, sets);
        const txt = sets.filter(({ type }) => type === "TXT");
        const published = txt.filter(({ records }) => records.some((record) => SPF.test(record)));
        if (domains.length === 0 && published.length === 0)
            return new NotApplicable("no zone of the stack takes mail, and no name has SPF");
        const missing = domains
            .filter(
                ({ name }) =>
                    ![...published, ...txt.filter(({ open }) => open)].some(
                        (set) => set.name === name,
                    ),
            )
            .map(({ urn, name }) => ({
                urn,
                message: `${name} takes mail and has no SPF record: publish a TXT record that begins with v=spf1`,
            }));
        return [...missing, ...published.flatMap((set) => judgeSet(set, maxLookups))];
    },
});
