import { stopLab } from "../supervisor/lifecycle.ts";
import { labLocation, say } from "./session.ts";
import type { CommandOptions } from "./session.ts";

/** `npm run lab:stop`. */
export async function labStop({ lab }: CommandOptions): Promise<number> {
    const location = await labLocation(lab);
    const stopped = await stopLab(location);
    say(
        stopped
            ? `✔ lab ${lab} is stopped: no process of it is left and nothing listens at its addresses; its state is kept in ${location.directory}`
            : `✔ lab ${lab} does not run`,
    );
    return 0;
}
