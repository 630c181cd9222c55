import { say } from "./session.ts";
import type { CommandOptions } from "./session.ts";
import { test } from "./test.ts";

/** `npm run golden`: writes the golden plans anew; what changed is for git to show. */
export async function golden(options: CommandOptions): Promise<number> {
    process.env.UPDATE_GOLDEN = "1";
    const exitCode = await test(options, ["golden"]);
    say("look at what changed with: git diff tests/golden");
    return exitCode;
}
