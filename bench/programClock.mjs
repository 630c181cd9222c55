// Preloaded into every Node process of a measured run (NODE_OPTIONS=--import). In the one that runs the Pulumi program it
// appends, when that ends, how long it ran and how much processor time it took, both in milliseconds.
import { appendFileSync } from "node:fs";

const file = process.env.SOVEREIGN_PROGRAM_CLOCK;
if (file !== undefined && /@pulumi\/pulumi\/cmd\/run\/index\.js$/.test(process.argv[1] ?? "")) {
    process.on("exit", () => {
        const { user, system } = process.cpuUsage();
        const line = { wall: performance.now(), cpu: (user + system) / 1000 };
        appendFileSync(file, `${JSON.stringify(line)}\n`);
    });
}
