/**
 * Proves that the commands of an error mend it: applied to the refused configuration, its problems are gone. The commands are
 * applied as the CLI documents them (`pulumi config set [--path] [--secret] <key> <value>`, `rm`), not by the CLI itself.
 */
import assert from "node:assert/strict";
import type { Problem } from "../../../config/problem.ts";
import { MINIMAL } from "../../support/stackFixtures.ts";
import type { StackValues } from "../../support/stackFixtures.ts";
import { REFUSED } from "./refused/all.ts";
import { refusalOf } from "./refused/refusal.ts";

type Values = Record<string, unknown>;

/** What a person puts where a command leaves it to them. */
const ED25519_KEY =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS ada";
const FILLED: Readonly<Record<string, string>> = {
    "<sha256>": "b".repeat(64),
    "<tag>": "v1",
    "ssh-ed25519 AAAA… you@example": ED25519_KEY,
};

function words(line: string): string[] {
    return [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? "");
}

/** The CLI keeps numbers and booleans of a path as such. */
function typed(text: string): unknown {
    return /^(?:true|false|-?[0-9]+)$/.test(text) ? JSON.parse(text) : text;
}

function pathOf(key: string): (string | number)[] {
    return [...key.matchAll(/\[([0-9]+)\]|([^.[\]]+)/g)].map((m) =>
        m[1] === undefined ? (m[2] ?? "") : Number(m[1]),
    );
}

function at(container: Values, part: string | number, next: string | number): Values {
    const existing = container[part];
    const fits =
        typeof existing === "object" &&
        existing !== null &&
        Array.isArray(existing) === (typeof next === "number");
    if (!fits) container[part] = typeof next === "number" ? [] : {};
    return container[part] as Values;
}

function apply(values: Values, line: string): void {
    const [pulumi, config, verb, ...rest] = words(line);
    assert.deepEqual([pulumi, config], ["pulumi", "config"], line);
    const flags = rest.filter((word) => word.startsWith("--"));
    const [key = "", value] = rest.filter((word) => !word.startsWith("--"));
    const path = flags.includes("--path") ? pathOf(key) : [key];
    const last = path.at(-1) ?? "";
    const holder = path.slice(0, -1).reduce((v, part, i) => at(v, part, path[i + 1] ?? ""), values);
    if (verb === "rm") Reflect.deleteProperty(holder, last);
    else if (flags.includes("--secret"))
        holder[last] = key === "hcloud:token" ? "t".repeat(64) : "s";
    else holder[last] = typed(FILLED[value ?? ""] ?? value ?? "");
}

function isLeft(problem: Problem, values: StackValues): boolean {
    return (refusalOf(values)?.problems ?? []).some(
        (p) =>
            p.key === problem.key && p.found === problem.found && p.expected === problem.expected,
    );
}

for (const [concern, cases] of Object.entries(REFUSED))
    describe(`remedies: ${concern}`, () => {
        for (const { name, change } of cases)
            it(name, () => {
                const refused = { ...MINIMAL, ...change };
                for (const problem of refusalOf(refused)?.problems ?? [])
                    for (const lines of [problem.remedy, problem.alternative ?? []]) {
                        if (lines.length === 0) continue;
                        const values = structuredClone<Values>(refused);
                        for (const line of lines) apply(values, line);
                        assert.ok(!isLeft(problem, values), lines.join("\n"));
                    }
            });
    });
