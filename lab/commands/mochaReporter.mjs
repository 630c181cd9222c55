import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import { duration } from "../toolchain/steps.ts";
import { KeptRunning } from "./keptRunning.ts";

const { EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_TEST_FAIL, EVENT_TEST_PASS } =
    Mocha.Runner.constants;

/** Milliseconds that open handles may keep the process after the last test. */
const GRACE = 30_000;

/** Milliseconds from which on it is told how long a suite took. */
const LONG = 10_000;

/** Exit code of a run that something kept from ending. */
const EXIT_KEPT_RUNNING = 70;

const keptRunning = new KeptRunning();
// Before any test file is loaded: what is made earlier is not seen.
keptRunning.start();

/**
 * Prints suites and tests as they pass, failures with their message at the end, and writes the exact counts to the file that
 * `--reporter-option counts=<file>` names. A hook that fails counts as a failure of its own. Where something keeps the process running
 * after the last test for longer than `--reporter-option grace=<milliseconds>` (30 s), says what it is and ends with exit code 70.
 */
export default class CountingReporter extends Mocha.reporters.Base {
    constructor(runner, options) {
        super(runner, options);
        const counts = { passed: 0, failed: 0 };
        const grace = Number(options.reporterOption?.grace ?? GRACE);
        const prefix = options.reporterOption?.tier ?? "test";
        const writeCounts = () => {
            if (options.reporterOption?.counts)
                writeFileSync(options.reporterOption.counts, JSON.stringify(counts));
        };
        let begun = 0;
        runner.on(EVENT_SUITE_BEGIN, (suite) => {
            if (!suite.parent?.root) return;
            begun = Date.now();
            Mocha.reporters.Base.consoleLog(`[${prefix}] ${suite.title}`);
        });
        runner.on(EVENT_SUITE_END, (suite) => {
            const took = Date.now() - begun;
            if (suite.parent?.root && took >= LONG)
                Mocha.reporters.Base.consoleLog(
                    `[${prefix}] ${suite.title}: done in ${duration(took)}`,
                );
        });
        runner.on(EVENT_TEST_PASS, () => counts.passed++);
        runner.on(EVENT_TEST_FAIL, (test) => {
            counts.failed++;
            Mocha.reporters.Base.consoleLog(`[${prefix}]   FAILED: ${test.fullTitle()}`);
        });
        runner.once(EVENT_RUN_END, () => {
            if (this.failures.length > 0) Mocha.reporters.Base.list(this.failures);
            writeCounts();
            // Unreferenced: it fires only where something else keeps the process running.
            setTimeout(() => {
                Mocha.reporters.Base.consoleLog(
                    `[${prefix}]   FAILED: something that a test started keeps running after the last one`,
                );
                for (const line of keptRunning.describe())
                    Mocha.reporters.Base.consoleLog(`[${prefix}]     ${line}`);
                counts.failed++;
                writeCounts();
                // mocha sets the exit code to the number of failures when the process exits.
                process.once("exit", () => {
                    process.exitCode = EXIT_KEPT_RUNNING;
                });
                process.exit();
            }, grace).unref();
        });
    }
}
