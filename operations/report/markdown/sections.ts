/** An entry of a folded part, in forms from the shortest to the longest. */
export interface Entry {
    /** At least one. Each says all that the one before it says. */
    readonly forms: readonly string[];
    /** Entries of a lower rank are the last to be left out or shortened. */
    readonly rank: number;
    /** Heading under which it stands. */
    readonly group?: string;
}

/** A folded part of the report. */
export interface Section {
    /** HTML. */
    readonly title: string;
    /** What one entry is called: `change`, `cost`. */
    readonly noun: string;
    /** Title of the headline that says the same, where all of its lines are shown. */
    readonly repeats?: string;
    readonly before?: string;
    readonly entries: readonly Entry[];
    /** Between entries. @default an empty line */
    readonly separator?: string;
    readonly after?: string;
}

/** Which form of each entry is shown: an index, or -1 where it is left out. */
export type Choice = readonly (readonly number[])[];

/** What the frame of a section costs: fold, headings, separators. */
const PER_SECTION = 120;
const PER_ENTRY = 4;

/**
 * Chooses a form for every entry so that all of them together stay within a number of characters: first the shortest form of each, by
 * rank, then longer ones, by rank, until nothing more fits. The same sections and room always give the same choice.
 */
export function fit(sections: readonly Section[], room: number): Choice {
    const chosen = sections.map(({ entries }) => entries.map(() => -1));
    let left = sections.reduce((rest, section) => rest - frame(section), room);
    const order = sections
        .flatMap(({ entries }, s) => entries.map((entry, e) => ({ entry, s, e })))
        .sort((a, b) => a.entry.rank - b.entry.rank);
    const forms = Math.max(0, ...order.map(({ entry }) => entry.forms.length));
    for (let form = 0; form < forms; form++)
        for (const { entry, s, e } of order) {
            const text = entry.forms[form];
            const row = chosen[s];
            if (text === undefined || row?.[e] !== form - 1) continue;
            const now = form === 0 ? -PER_ENTRY : (entry.forms[form - 1]?.length ?? 0);
            if (text.length - now > left) continue;
            left -= text.length - now;
            row[e] = form;
        }
    return chosen;
}

function frame({ title, before = "", after = "", entries }: Section): number {
    const groups = new Set(entries.flatMap(({ group }) => group ?? []));
    const headings = [...groups].reduce((sum, group) => sum + group.length + 10, 0);
    return PER_SECTION + title.length + before.length + after.length + headings;
}

/** The body of a section with the chosen forms. */
export function sectionBody(section: Section, forms: readonly number[]): string {
    const { before = "", after, entries, noun, separator = "\n\n" } = section;
    const parts: string[] = [];
    let group: string | undefined;
    entries.forEach((entry, at) => {
        const text = entry.forms[forms[at] ?? -1];
        if (text === undefined) return;
        const heading =
            entry.group !== group && entry.group !== undefined ? `#### ${entry.group}\n\n` : "";
        group = entry.group;
        parts.push(heading + text);
    });
    const missing = entries.filter((_, at) => (forms[at] ?? -1) === -1).length;
    const end = [
        ...(missing === 0 ? [] : [`… and ${plural(missing, noun)} more`]),
        ...(after === undefined ? [] : [after]),
    ];
    return [before + parts.join(separator), ...end].filter((part) => part !== "").join("\n\n");
}

/** `1 change`, `2 changes`. */
export function plural(count: number, noun: string): string {
    return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** What was left out or shortened to stay within the room, in words; undefined where everything is shown. */
export function leftOut(sections: readonly Section[], choice: Choice): string | undefined {
    const counts = new Map<string, number>();
    const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
    sections.forEach(({ entries, noun }, s) => {
        entries.forEach(({ forms }, e) => {
            const form = choice[s]?.[e] ?? -1;
            if (form === -1) count(noun);
            else if (form < forms.length - 1) count(`${noun} in part`);
        });
    });
    if (counts.size === 0) return undefined;
    return [...counts]
        .map(([what, number]) => {
            const [noun = "", ...rest] = what.split(" in part");
            return `${plural(number, noun)}${rest.length > 0 ? " in part" : ""}`;
        })
        .join(", ");
}
