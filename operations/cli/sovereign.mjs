#!/usr/bin/env node
// Entry of `npx sovereign`. Plain JavaScript, because an older Node cannot read TypeScript and could not say so.
const required = [22, 18];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < required[0] || (major === required[0] && minor < required[1])) {
    console.error(
        `error: sovereign needs Node ${required.join(".")} or newer, this is ${process.versions.node} (${process.execPath})\n` +
            "  what to do: put a newer Node first on PATH (https://nodejs.org/en/download), and repeat",
    );
    process.exit(2);
}
// Node 22 calls its type stripping experimental on every start.
process.removeAllListeners("warning");
process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning")
        console.error(`${warning.name}: ${warning.message}`);
});
await import("./main.ts");
