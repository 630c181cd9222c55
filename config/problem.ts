/** One thing that is wrong with the configuration, told so that a person can mend it. */
export interface Problem {
    /** Key, or path inside a key: `fqdn`, `smartHost.port`, `locations[1]`, `hcloud:token`. */
    readonly key: string;
    /** What is there, in words. Never a secret. */
    readonly found: string;
    /** What has to be there instead. */
    readonly expected: string;
    /** Command lines that mend it, all of them. */
    readonly remedy: readonly string[];
    /** Command lines that mend it in another way. */
    readonly alternative?: readonly string[];
}

/** Longest value that an error shows. */
const MAX_SHOWN = 80;

/** How an error shows a value that it found. Credentials in a URL and private keys, which people paste by mistake, stay unseen. */
export function show(value: unknown): string {
    if (value === undefined) return "nothing";
    const text = JSON.stringify(value).replace(/\/\/[^/@"]*@/g, "//[credentials]@");
    if (text.includes("PRIVATE KEY")) return "a private key";
    return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}

/** A word that a POSIX shell reads as itself, quoted where it must be. */
export function shellWord(text: string): string {
    return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The line that sets `key` (a key, or a path inside one) to `value`. */
export function setLine(key: string, value: string | number | boolean): string {
    const path = /[.[]/.test(key);
    const words = [...(path ? ["--path", shellWord(key)] : [key]), shellWord(String(value))];
    return `pulumi config set ${words.join(" ")}`;
}

/** The line that sets a secret; the CLI then asks for its value, so that it reaches no shell history. */
export function setSecretLine(key: string): string {
    return `pulumi config set --secret ${key}`;
}

/** The line that removes `key` (a key, or a path inside one). */
export function removeLine(key: string): string {
    return `pulumi config rm ${/[.[]/.test(key) ? `--path ${shellWord(key)}` : key}`;
}

/** Every problem of a configuration in one error, as a person reads it. */
export class ConfigError extends Error {
    readonly problems: readonly Problem[];

    constructor(problems: readonly Problem[]) {
        const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
        super([`${count} in the configuration of this stack`, ...problems.map(format)].join("\n"));
        this.name = "ConfigError";
        this.problems = problems;
    }
}

function format(problem: Problem): string {
    return [
        `  ${problem.key}: found ${problem.found}; expected ${problem.expected}`,
        ...problem.remedy.map((line) => `      ${line}`),
        ...(problem.alternative ?? []).map((line) => `   or ${line}`),
    ].join("\n");
}
