/**
 * Proves that the real engine runs the policy pack, that each policy stops the stack that violates it, with the message that says what
 * to change, that it passes a stack that is as it should be, and says nothing of one that has nothing of its kind; that an update is
 * stopped before anything is made, and that the pack can be configured. It does not prove that real providers see the same
 * resources: those here are a table's, and their providers an echo (`sovereign.test.ts` runs the pack on the lab's stack).
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RULES } from "../../policy/rules/all.ts";
import { IRRELEVANT, PASSING, VIOLATING } from "../support/policy/cases.ts";
import { nodeServer, server } from "../support/policy/resources.ts";
import type { ViolatingCase } from "../support/policy/cases.ts";
import { testToolchain } from "../support/toolchain.ts";
import type { DeclaredResource, PolicyPlan } from "./policyProject/plan.ts";
import { makePolicyStack } from "./policyStack.ts";
import type { PolicyStack, Violation } from "./policyStack.ts";

/** Milliseconds for one run of the engine with the pack. */
const ONE_RUN = 120_000;

const ALL = RULES.map(({ name }) => name).sort();
const REPLACEMENT = "allowed-replacement";

/** Policies that have something to judge before there is a state. */
const FIRST = ALL.filter((name) => name !== REPLACEMENT);

/** The stack that passes, with some resources changed or left out. */
function passingWith(changes: Record<string, DeclaredResource | undefined>): PolicyPlan {
    const resources = Object.entries({ ...PASSING.resources, ...changes }).flatMap(
        ([name, resource]) => (resource === undefined ? [] : [[name, resource] as const]),
    );
    return { ...PASSING, resources: Object.fromEntries(resources) };
}

function sorted(violations: readonly Violation[]): string[] {
    return violations.map(({ policy, name, message }) => `${policy} ${name}: ${message}`).sort();
}

/** Cases that can be in one stack, and each of the others by itself. */
const STACKS: readonly (readonly ViolatingCase[])[] = [
    VIOLATING.filter(({ alone }) => alone !== true),
    ...VIOLATING.filter(({ alone }) => alone === true).map((one) => [one]),
];

function planOf(cases: readonly ViolatingCase[]): PolicyPlan {
    return {
        resources: Object.fromEntries(cases.flatMap(({ resources }) => Object.entries(resources))),
        outputs: Object.fromEntries(cases.flatMap(({ outputs = {} }) => Object.entries(outputs))),
    };
}

describe("the policy pack on the real engine", function () {
    this.timeout(ONE_RUN);
    let stack: PolicyStack;

    before(async function () {
        this.timeout(0);
        await testToolchain();
        stack = await makePolicyStack();
    });

    after(async () => {
        await stack.remove();
    });

    it("has no say where nothing of its kind is", async () => {
        await stack.declare({ resources: IRRELEVANT, outputs: {} });
        const { exitCode, passed, failed, stdout, stderr } = await stack.run("preview");
        assert.deepEqual(
            { exitCode, passed, failed },
            { exitCode: 0, passed: [], failed: [] },
            `${stdout}\n${stderr}`,
        );
    });

    it("stops each stack that violates a policy, and says what to change", async () => {
        for (const cases of STACKS) {
            await stack.declare(planOf(cases));
            const { exitCode, failed, violations } = await stack.run("preview");
            const expected = cases.flatMap(({ policy, messages }) =>
                Object.entries(messages).flatMap(([name, texts]) =>
                    texts.map((message) => ({ policy, name, message })),
                ),
            );
            assert.deepEqual(sorted(violations), sorted(expected));
            assert.deepEqual(failed, [...new Set(cases.map(({ policy }) => policy))].sort());
            assert.notEqual(exitCode, 0);
        }
    });

    it("stops an update before anything is made", async () => {
        await stack.declare({ resources: { far: server({ location: "ash" }) }, outputs: {} });
        const { exitCode, failed } = await stack.run("up", "--yes", "--skip-preview");
        assert.notEqual(exitCode, 0);
        assert.deepEqual(failed, ["allowed-locations"]);
        const state = JSON.stringify(await stack.cli.json(["stack", "output"]));
        const { stdout } = await stack.cli.run(["stack", "export"]);
        assert.equal(state, "{}");
        assert.ok(!stdout.includes("::far"), stdout);
    });

    it("passes a stack that is as it should be, before and after it is made", async () => {
        await stack.declare(PASSING);
        const first = await stack.run("preview");
        assert.deepEqual(first.violations, []);
        assert.deepEqual(first.passed, FIRST);
        assert.equal(first.exitCode, 0);
        const made = await stack.run("up", "--yes", "--skip-preview");
        assert.equal(made.exitCode, 0, made.stdout + made.stderr);
        const again = await stack.run("preview", "--expect-no-changes");
        assert.equal(again.exitCode, 0, again.stdout + again.stderr);
        assert.deepEqual(again.passed, ALL);
    });

    it("stops a replacement and a deletion that nothing asks for", async () => {
        await stack.declare(passingWith({ w1: nodeServer(1, "another name"), server: undefined }));
        const { exitCode, violations } = await stack.run("preview");
        assert.deepEqual(sorted(violations), [
            "allowed-replacement stack: server would be deleted, and what it holds is lost (a server is replaced on purpose by generations in the stack's configuration): undo the change that causes it, or add server to allow in the configuration of this policy",
            "allowed-replacement w1: w1 would be replaced, and what it holds is lost (a server is replaced on purpose by generations in the stack's configuration): undo the change that causes it, or add w1 to allow in the configuration of this policy",
        ]);
        assert.notEqual(exitCode, 0);
    });

    it("lets a replacement pass that the pack's or the stack's configuration allows", async () => {
        await stack.declare(passingWith({ w1: nodeServer(2, "node"), server: undefined }));
        await stack.configure({ "sovereign:generations": { w1: 2 } });
        const settings = join(stack.directory, "policies.json");
        await writeFile(settings, JSON.stringify({ [REPLACEMENT]: { allow: ["server"] } }));
        const run = await stack.run("preview", "--policy-pack-config", settings);
        assert.deepEqual(run.violations, []);
        assert.deepEqual(run.passed, ALL);
        assert.equal(run.exitCode, 0);
    });

    it("tells a mistake in the pack's configuration", async () => {
        const settings = join(stack.directory, "wrong.json");
        await writeFile(settings, JSON.stringify({ "allowed-locations": { locations: "fsn1" } }));
        const { exitCode, stdout, stderr } = await stack.run(
            "preview",
            "--policy-pack-config",
            settings,
        );
        assert.notEqual(exitCode, 0);
        assert.match(
            stdout + stderr,
            /allowed-locations: locations: Invalid type\. Expected: array/,
        );
    });
});
