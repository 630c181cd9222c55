import type { ReportedChange, StackReport } from "./stackReport.ts";
import { propertyPhrase } from "./propertyLines.ts";
import { SIGNS } from "./verdict.ts";
import { clip } from "./valueText.ts";
import { words } from "./words.ts";
import type { Words } from "./words.ts";

/** A heading of the first screen with its lines, the gravest first. */
export interface Headline {
    readonly title: string;
    readonly lines: readonly Words[];
    /** Where the lines that find no place are shown: part of a sentence. */
    readonly rest: string;
}

/** Characters of a value on the first screen. */
const LONGEST = 200;

/** Properties that are named as the cause of one replacement. */
const CAUSES = 2;

/** Title of the risks, which a folded part repeats where they find no place. */
export const RISKS = "Risks";

/** What a reviewer has to see first of a stack; headings without a line are left out. */
export function headlines(report: StackReport): Headline[] {
    const { policies, diagnostics, drift = [] } = report;
    const all: Headline[] = [
        {
            title: "The preview failed",
            lines: diagnostics
                .filter(({ severity }) => severity === "error")
                .map(({ resource, message }) =>
                    resource === ""
                        ? words`${clip(message, LONGEST)}`
                        : words`${resource}: ${clip(message, LONGEST)}`,
                ),
            rest: "under messages",
        },
        {
            title: "Policies that do not hold",
            lines: (policies?.violations ?? []).map(({ policy, mandatory, resource, message }) => [
                ...words`${policy}`,
                mandatory ? " " : " (advice) ",
                ...words`${resource}: ${clip(message, LONGEST)}`,
            ]),
            rest: "under policies",
        },
        {
            title: "Destroyed or replaced",
            lines: lostFirst(report).map((change) => loss(change, report)),
            rest: "under changes",
        },
        {
            title: RISKS,
            lines: report.risks.map(({ kind, text }) => [`${kind}: `, ...text]),
            rest: "under risks",
        },
        {
            title: "Drift",
            lines: drift.map(({ name, gone, properties }) =>
                gone
                    ? words`${name} is gone`
                    : words`${name}: ${clip(properties.map(propertyPhrase).join(", "), LONGEST)}`,
            ),
            rest: "under drift",
        },
    ];
    return all.filter(({ lines }) => lines.length > 0);
}

/** Kinds whose loss cannot be made good, by how much depends on them; everything else comes after. */
const GRAVITY: readonly string[] = [
    "sovereign:dns:Zone",
    "sovereign:dns:Delegation",
    "hcloud:index/primaryIp:PrimaryIp",
    "hcloud:index/floatingIp:FloatingIp",
    "hcloud:index/loadBalancer:LoadBalancer",
    "pulumi:providers:kubernetes",
    "hcloud:index/server:Server",
    "hcloud:index/volume:Volume",
    "hcloud:index/network:Network",
    "tls:index/privateKey:PrivateKey",
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:PersistentVolumeClaim",
    "kubernetes:helm.sh/v3:Release",
    "hcloud:index/rdns:Rdns",
    "random:index/randomPassword:RandomPassword",
];

function gravity({ type }: ReportedChange): number {
    const at = GRAVITY.indexOf(type);
    return at === -1 ? GRAVITY.length : at;
}

/** What is deleted or replaced, the gravest first. */
export function lostFirst({ changes }: StackReport): ReportedChange[] {
    return changes
        .filter(({ operation }) => operation === "delete" || operation === "replace")
        .sort((a, b) => gravity(a) - gravity(b));
}

function loss(
    { name, type, operation, causes }: ReportedChange,
    { destroyed }: StackReport,
): Words {
    const kind = type.split(":").at(-1) ?? type;
    const what: Words = [
        ...words`${SIGNS[operation]} ${name}`,
        ` ${kind.replaceAll(/[^\w/.]/g, "")}: `,
    ];
    if (operation === "delete")
        return [...what, destroyed ? "the whole stack is destroyed" : "no longer in the program"];
    if (causes.length === 0)
        return [
            ...what,
            ...words`${"replacementTrigger"}`,
            " (its generation or epoch was raised)",
        ];
    const named = causes.slice(0, CAUSES).map(propertyPhrase);
    const more = causes.length > CAUSES ? ` and ${causes.length - CAUSES} more` : "";
    return [
        ...what,
        ...named.flatMap((cause, at) => [at === 0 ? "" : ", ", { value: clip(cause, LONGEST) }]),
        more,
    ].filter((part) => part !== "");
}
