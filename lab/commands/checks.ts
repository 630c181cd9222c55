import { join } from "node:path";
import { execa } from "execa";
import { CLONE } from "../toolchain/directories.ts";
import { say } from "./session.ts";

/** A static check of the whole tree. */
interface Check {
    readonly name: string;
    readonly program: string;
    readonly arguments: readonly string[];
    /** Arguments with which it mends what it can. */
    readonly fix?: readonly string[];
}

const CHECKS: readonly Check[] = [
    { name: "types", program: "typescript/bin/tsc", arguments: ["-p", "."] },
    {
        name: "lint",
        program: "eslint/bin/eslint.js",
        arguments: [".", "--max-warnings=0"],
        fix: [".", "--fix", "--max-warnings=0"],
    },
    {
        name: "format",
        program: "prettier/bin/prettier.cjs",
        arguments: ["--check", "--log-level=warn", "."],
        fix: ["--write", "--log-level=warn", "."],
    },
];

async function runCheck(check: Check, args: readonly string[]): Promise<boolean> {
    const program = join(CLONE, "node_modules", check.program);
    const { exitCode, all } = await execa(process.execPath, [program, ...args], {
        cwd: CLONE,
        reject: false,
        all: true,
    });
    say(`[check] ${check.name}: ${exitCode === 0 ? "clean" : `failed\n${all}`}`);
    return exitCode === 0;
}

/** Types, lint and format of the whole tree. */
export async function runChecks(): Promise<{ readonly passed: number; readonly failed: number }> {
    let passed = 0;
    for (const check of CHECKS) if (await runCheck(check, check.arguments)) passed++;
    return { passed, failed: CHECKS.length - passed };
}

/** `npm run fix`: lets lint and format mend what they can. */
export async function fix(): Promise<number> {
    let clean = true;
    for (const check of CHECKS) if (check.fix) clean = (await runCheck(check, check.fix)) && clean;
    return clean ? 0 : 1;
}
