import { z } from "zod";
import { type RejectedField, invalidInput } from "../errors.ts";
import { isCanonicalCidr } from "../cidr.ts";
import type { FirewallRule } from "../state/model.ts";

/** Limits of a firewall (https://docs.hetzner.com/cloud/firewalls/overview). */
const MAX_RULES = 50;
const MAX_RANGES = 100;
const MAX_DESCRIPTION = 255;

const ruleBody = z.object({
    direction: z.enum(["in", "out"]),
    protocol: z.enum(["tcp", "udp", "icmp", "esp", "gre"]),
    port: z.string().nullish(),
    source_ips: z.array(z.string()).nullish(),
    destination_ips: z.array(z.string()).nullish(),
    description: z.string().nullish(),
});

type RuleInput = z.output<typeof ruleBody>;

export const rulesBody = z.array(ruleBody);

/** First and last port of a rule's `port`: "80", "80-85", "any"; undefined where it is none of them. */
export function portRange(port: string): readonly [first: number, last: number] | undefined {
    if (port === "any") return [1, 65535];
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(port);
    if (match === null) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    return first >= 1 && first <= last && last <= 65535 ? [first, last] : undefined;
}

function problemsOf(rule: RuleInput, name: string): RejectedField[] {
    const problems: RejectedField[] = [];
    const reject = (field: string, message: string) =>
        problems.push({ name: `${name}.${field}`, messages: [message] });
    const hasPorts = rule.protocol === "tcp" || rule.protocol === "udp";
    if (hasPorts && rule.port == null) reject("port", `is required for ${rule.protocol}`);
    else if (!hasPorts && rule.port != null) reject("port", `must not be set for ${rule.protocol}`);
    else if (rule.port != null && portRange(rule.port) === undefined)
        reject("port", "must be a port, a range of ports, or any");
    const [used, unused] =
        rule.direction === "in"
            ? (["source_ips", "destination_ips"] as const)
            : (["destination_ips", "source_ips"] as const);
    const ranges = rule[used] ?? [];
    if (ranges.length === 0) reject(used, `is required for direction ${rule.direction}`);
    if (ranges.length > MAX_RANGES) reject(used, `at most ${MAX_RANGES} ranges`);
    if ((rule[unused] ?? []).length > 0)
        reject(unused, `must not be set for direction ${rule.direction}`);
    for (const range of ranges)
        if (!isCanonicalCidr(range)) reject(used, `${range} is not a CIDR with zero host bits`);
    if ((rule.description ?? "").length > MAX_DESCRIPTION)
        reject("description", `at most ${MAX_DESCRIPTION} characters`);
    return problems;
}

/** Checks rules and returns them in the API's full shape. Throws `invalid_input` naming every rejected field. */
export function checkRules(rules: readonly RuleInput[]): FirewallRule[] {
    const problems = rules.flatMap((rule, index) => problemsOf(rule, `rules.${index}`));
    if (rules.length > MAX_RULES)
        problems.unshift({ name: "rules", messages: [`at most ${MAX_RULES} rules`] });
    if (problems.length > 0) throw invalidInput(...problems);
    return rules.map((rule) => ({
        direction: rule.direction,
        protocol: rule.protocol,
        port: rule.port ?? null,
        source_ips: rule.source_ips ?? [],
        destination_ips: rule.destination_ips ?? [],
        description: rule.description ?? null,
    }));
}
