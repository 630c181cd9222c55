// Proves: how the doctor's checks are run and counted: their numbers, what is unknown, what is left out, and when mail is ready.
// Does not prove: what the checks look at (dnsChecks.test.ts does for those that DNS decides).
import assert from "node:assert/strict";
import {
    NotApplicable,
    NotSeen,
    type Check,
    type Finding,
} from "../../../operations/doctor/check.ts";
import { CHECKS } from "../../../operations/doctor/checks/all.ts";
import { examine } from "../../../operations/doctor/doctor.ts";
import { patient } from "./patient.ts";

const IN_POD =
    "Let the doctor into the cluster (the stack's kubeconfig, port forwarding), and have the probe look again: npm run doctor -- --probe.";

const check = (severity: Check["severity"], run: () => Promise<Finding>): Check => ({
    number: 1,
    id: "one",
    title: "one holds",
    severity,
    vantage: "pod",
    remedy: "Mend it.",
    run,
});
const found = (...problems: string[]) => Promise.resolve({ evidence: "seen", problems });

describe("the doctor", () => {
    it("has 25 checks, numbered in their order, each with a name of its own", () => {
        assert.deepEqual(
            CHECKS.map(({ number }) => number).toSorted((a, b) => a - b),
            Array.from({ length: 25 }, (_, i) => i + 1),
        );
        assert.equal(new Set(CHECKS.map(({ id }) => id)).size, 25);
    });

    for (const [what, run, status, ready, remedy] of [
        ["passes", () => found(), "pass", true, undefined],
        ["fails", () => found("broken"), "fail", false, "Mend it."],
        ["cannot see", () => Promise.reject(new NotSeen("no probe")), "unknown", false, IN_POD],
        ["breaks", () => Promise.reject(new Error("ETIMEOUT")), "unknown", false, IN_POD],
        [
            "has nothing to check",
            () => Promise.reject(new NotApplicable("tlsa is false")),
            "skipped",
            true,
            undefined,
        ],
    ] as const)
        it(`counts a required check that ${what} as ${status}, and mail as ${ready ? "" : "not "}ready`, async () => {
            const diagnosis = await examine(patient(), { checks: [check("required", run)] });
            assert.equal(diagnosis.ready, ready);
            assert.equal(diagnosis.checks[0]?.status, status);
            assert.equal(diagnosis.checks[0].remedy, remedy);
        });

    it("only warns of what is advised", async () => {
        const { ready, checks } = await examine(patient(), {
            checks: [check("advised", () => found("weak"))],
        });
        assert.deepEqual([ready, checks[0]?.status, checks[0]?.problems], [true, "fail", ["weak"]]);
    });

    it("says whom it examined and when", async () => {
        const { fqdn, examinedAt } = await examine(patient(), { checks: [] });
        assert.deepEqual([fqdn, examinedAt], ["omantel.example", "2026-11-24T05:00:00.000Z"]);
    });
});
