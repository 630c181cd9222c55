/**
 * A log of events in which every change of other logs occurs again and again, each time to another resource, until there are as many as
 * are wanted: a plan of a size that no lab brings about.
 */
export function multiplyEvents(logs: readonly string[], changes: number): string {
    const lines = logs.flatMap((log) => log.split("\n").filter((line) => line !== ""));
    const changing = lines.filter((line) => {
        const { resourcePreEvent } = JSON.parse(line) as {
            resourcePreEvent?: { metadata: { op: string; old?: Custom; new?: Custom } };
        };
        const metadata = resourcePreEvent?.metadata;
        const custom = (metadata?.new ?? metadata?.old)?.custom === true;
        return custom && SINGLE.has(metadata?.op ?? "") && !line.includes("::default");
    });
    const summary = lines.find((line) => line.includes('"summaryEvent"'));
    const repeated = Array.from({ length: changes }, (_, at) =>
        (changing[at % changing.length] ?? "").replaceAll(
            /(urn:pulumi:[^"]*::)([^":]+)"/g,
            (_match, urn: string, name: string) => `${urn}${name}-${at}"`,
        ),
    );
    return [...repeated, summary].map((line) => `${line ?? ""}\n`).join("");
}

interface Custom {
    readonly custom?: boolean;
}

/** Steps of which each is a change of its own. */
const SINGLE: ReadonlySet<string> = new Set(["create", "update", "delete", "replace"]);
