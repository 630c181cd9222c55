/**
 * Proves on the real engine and a lab of its own that the doctor finds nothing wrong with a Sovereign as `pulumi up` leaves it, that
 * for each of its checks an injected fault makes that check fail, with its remedy, and no other but those named beside the fault, and
 * that nodes and pods publish what only they can see. It does not prove what the large receivers decide, nor that a real
 * cloud blocks a port as the lab's stopped receiver does.
 */
import assert from "node:assert/strict";
import { CHECKS } from "../../operations/doctor/checks/all.ts";
import { examineAndReport } from "../../operations/doctor/command.ts";
import { connect, type ConnectOptions } from "../../operations/doctor/connect.ts";
import { examine, type Diagnosis } from "../../operations/doctor/doctor.ts";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { parseOutputs } from "../../operations/outputs/parseOutputs.ts";
import { eventually } from "../support/eventually.ts";
import { testStack, type TestLab } from "../support/toolchain.ts";
import { FAULTS } from "./doctor/faults.ts";
import { World } from "./doctor/world.ts";
import { FQDN, WHOLE_STACK, startSovereignLab, up } from "./sovereignLab.ts";

/** As people's labs have them: of an authority that is public there. */
const CERTIFICATES = { certificateIssuer: "staging" };

describe("the doctor on a Sovereign", function () {
    this.timeout(WHOLE_STACK);
    let lab: TestLab;
    let stack: PulumiCli;
    let world: World;

    before(async () => {
        const started = await startSovereignLab(CERTIFICATES, { mailErrorDelay: 50 });
        ({ lab, stack } = started);
        await up(stack);
        const outputs = await stack.json(["stack", "output", "--show-secrets"]);
        world = new World(
            lab,
            parseOutputs(outputs as Record<string, unknown>, "the test's stack"),
            lab.acme.root,
        );
        await world.issued();
    });

    after(() => lab.stop());

    async function diagnosis(options: ConnectOptions = {}): Promise<Diagnosis> {
        const { examination, close } = await connect(world.outputs, {
            ...world.connect,
            ...options,
        });
        try {
            return await examine(examination);
        } finally {
            await close();
        }
    }

    /** What does not pass, as `<id>` or `<id> unknown`; with the problems, to be read where the test fails. */
    function ailing({ checks }: Diagnosis): readonly (readonly [string, string])[] {
        return checks
            .filter(({ status }) => status === "fail" || status === "unknown")
            .map(({ id, status, problems, evidence }) => [
                status === "fail" ? id : `${id} unknown`,
                [...problems, evidence].join("; "),
            ]);
    }

    async function assertWell(options?: ConnectOptions): Promise<void> {
        const found = await diagnosis(options);
        assert.deepEqual(ailing(found), []);
        assert.deepEqual(
            found.checks.map(({ status }) => status),
            CHECKS.map(() => "pass"),
        );
        assert.equal(found.ready, true);
    }

    it("finds nothing wrong, from outside, from the nodes and from the pod", async () => {
        await eventually("what the nodes and the pod publish", () => assertWell(), {
            timeout: 120_000,
        });
    });

    it("says so to people and to machines", async () => {
        const said: string[] = [];
        const run = async (json: boolean) => {
            let text = "";
            const flags = { json, only: [], connect: world.connect };
            const exitCode = await examineAndReport(world.outputs, flags, {
                write: (part) => (text += part),
                say: (line) => said.push(line),
                width: 200,
            });
            return { exitCode, text };
        };
        const forPeople = await run(false);
        assert.equal(forPeople.exitCode, 0);
        assert.match(forPeople.text, /✔ omantel\.example: 25 pass\. Its mail is ready\.\n$/);
        const forMachines = await run(true);
        const { fqdn, ready, checks } = JSON.parse(forMachines.text) as Diagnosis;
        assert.deepEqual([fqdn, ready, checks.length], [FQDN, true, 25]);
        const authorities = checks.find(({ id }) => id === "certificate-authorities");
        assert.match(
            authorities?.evidence ?? "",
            /; 2 public certificates, (1 of them not issued, )?the first ends on \d{4}-\d\d-\d\d$/,
        );
        assert.match(said.at(-1) ?? "", /^25\/25 seed-mailbox: pass \(/);
        for (const { password } of [world.outputs.smtp])
            assert.ok(!`${forPeople.text}${forMachines.text}${said.join("")}`.includes(password));
    });

    it("has a fault for every check", () => {
        const checks = FAULTS.map(({ check }) => check);
        assert.deepEqual(
            CHECKS.map(({ id }) => id).filter((id) => !checks.includes(id)),
            [],
        );
    });

    it("finds that nothing leaves, once nodes and pod have looked again", async () => {
        await lab.mailbox.stop();
        try {
            await world.lookAgain();
            const found = await diagnosis({ probe: true, arrival: 1_000 });
            assert.deepEqual(
                ailing(found).map(([id]) => id),
                ["egress-address unknown", "way-out", "end-to-end unknown", "seed-mailbox unknown"],
            );
            assert.equal(found.ready, false);
        } finally {
            await lab.mailbox.start();
            await world.lookAgain();
        }
        await assertWell({ probe: true });
    });

    for (const { name, check, breaks = [check], because, problem, inject } of FAULTS)
        it(`fails ${breaks.join(", ")} for ${name}${because === undefined ? "" : ` (${because})`}`, async () => {
            const { undo, connect: way } = await inject(world);
            let found: Diagnosis;
            try {
                found = await diagnosis(way);
            } finally {
                await undo();
            }
            const ill = ailing(found);
            assert.deepEqual(
                ill.map(([id]) => id),
                breaks,
                JSON.stringify(ill, null, 4),
            );
            const result = found.checks.find(({ id }) => id === check);
            assert.ok(
                result?.problems.some((line) => line.includes(problem)),
                JSON.stringify(result),
            );
            assert.equal(result?.remedy, CHECKS.find(({ id }) => id === check)?.remedy);
        });

    it("finds nothing wrong once the mail server's node has been replaced", async () => {
        await world.moveMailTo("w1");
        const old = await world.machineId("w1");
        await up(
            await testStack(lab.context, {
                overrides: { ...CERTIFICATES, generations: { w1: 2 } },
            }),
        );
        assert.notEqual(await world.machineId("w1"), old);
        await world.mailRuns();
        await eventually("the new node's look", () => assertWell({ probe: true }), {
            timeout: 60_000,
        });
    });
});
