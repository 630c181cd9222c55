import { SetupError } from "../toolchain/setupError.ts";

/** The switch that sets a config value for one preview: `--set <key>=<value>`, any number of times. */
const SWITCH = "--set";

/** Flags of a command, taken apart. */
export interface Overridden {
    /** Config values by key without the project. */
    readonly overrides: Readonly<Record<string, string>>;
    /** Flags for pulumi. */
    readonly rest: readonly string[];
}

/**
 * Takes `--set <key>=<value>` out of the flags of a command. Pulumi's own `--config` would write the value into the stack's file.
 *
 * @throws SetupError where a key or value is missing
 */
export function takeOverrides(flags: readonly string[]): Overridden {
    const overrides: Record<string, string> = {};
    const rest: string[] = [];
    for (let at = 0; at < flags.length; at++) {
        const flag = flags[at] ?? "";
        if (flag !== SWITCH) {
            rest.push(flag);
            continue;
        }
        const pair = flags[++at] ?? "";
        const [, key, value] = /^(?:sovereign:)?([A-Za-z0-9]+)=(.*)$/.exec(pair) ?? [];
        if (key === undefined || value === undefined)
            throw new SetupError(
                `${SWITCH} takes a key and a value, not "${pair}"`,
                "write it like this: npm run preview -- --set workerCount=2",
            );
        overrides[key] = value;
    }
    return { overrides, rest };
}
