import { writeFileSync } from "node:fs";
import Mocha from "mocha";

const { EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_TEST_FAIL, EVENT_TEST_PASS } =
    Mocha.Runner.constants;

/** Milliseconds that open handles may keep the process after the last test. */
const GRACE = 30_000;

/** Exit code of a run that something kept from ending. */
const KEPT_RUNNING = 70;

/**
 * Prints suites and tests as they pass, failures with their message at the end, and writes the exact counts to the file that
 * `--reporter-option counts=<file>` names. A hook that fails counts as a failure of its own.
 */
export default class CountingReporter extends Mocha.reporters.Base {
    constructor(runner, options) {
        super(runner, options);
        const counts = { passed: 0, failed: 0 };
        const prefix = options.reporterOption?.tier ?? "test";
        runner.on(EVENT_SUITE_BEGIN, (suite) => {
            if (suite.parent?.root) Mocha.reporters.Base.consoleLog(`[${prefix}] ${suite.title}`);
        });
        runner.on(EVENT_TEST_PASS, () => counts.passed++);
        runner.on(EVENT_TEST_FAIL, (test) => {
            counts.failed++;
            Mocha.reporters.Base.consoleLog(`[${prefix}]   FAILED: ${test.fullTitle()}`);
        });
        runner.once(EVENT_RUN_END, () => {
            if (this.failures.length > 0) Mocha.reporters.Base.list(this.failures);
            if (options.reporterOption?.counts)
                writeFileSync(options.reporterOption.counts, JSON.stringify(counts));
            // Unreferenced: it fires only where something else keeps the process running.
            setTimeout(() => {
                Mocha.reporters.Base.consoleLog(
                    `[${prefix}]   FAILED: something that a test started keeps running after the last one`,
                );
                process.exit(KEPT_RUNNING);
            }, GRACE).unref();
        });
    }
}
