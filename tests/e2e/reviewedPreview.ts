import { readPrices } from "../../operations/cost/prices.ts";
import { recordPreview } from "../../operations/report/previewStack.ts";
import { FORMATS, readReport, render } from "../../operations/report/report.ts";
import { sovereignStack } from "./sovereignLab.ts";
import type { SovereignLab } from "./sovereignLab.ts";

/** The reports of a change to the configuration of a lab's stack, in all forms, as `npm run report` makes them. */
export async function reviewedPreview(
    lab: SovereignLab["lab"],
    overrides: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> {
    const stack = await sovereignStack(lab, overrides);
    const said: string[] = [];
    const run = await recordPreview({ policies: true, refresh: true, flags: [] }, async (args) => {
        const { exitCode, stdout, stderr } = await stack.run(args);
        said.push(stdout, stderr);
        return exitCode;
    });
    if (run.exitCode !== 0) throw new Error(`the preview failed:\n${said.join("\n")}`);
    const report = readReport(run, readPrices());
    return FORMATS.map((format) => render(report, format));
}
