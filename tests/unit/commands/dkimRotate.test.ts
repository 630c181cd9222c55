/**
 * Proves the steps of a DKIM rotation, that they are legal to the provider, how its times are read, and what counts as a signature that
 * nobody can verify. It does not prove that a lab goes through them: the end-to-end test does.
 */
import assert from "node:assert/strict";
import { rotationTimes, sightTable } from "../../../lab/commands/dkimRotate.ts";
import { nextSelector, rotation } from "../../../lab/commands/dkim/rotation.ts";
import { unverifiable } from "../../../lab/commands/dkim/signing.ts";
import { SetupError } from "../../../lab/toolchain/setupError.ts";
import { advance, listFailures, refusals } from "../../../provider/mail/selectorLife.ts";
import type { SelectorLife } from "../../../provider/mail/selectorLife.ts";

const R1 = { selector: "r1", algorithm: "rsa2048", state: "active" } as const;
const E1 = { selector: "e1", algorithm: "ed25519", state: "active" } as const;

describe("rotation", () => {
    it("publishes, switches, revokes and removes, one step at a time", () => {
        const steps = rotation([R1, E1], ["r1", "e1"]);
        assert.deepEqual(
            steps.map(({ selectors }) => selectors.map((s) => `${s.selector} ${s.state}`)),
            [
                ["r1 active", "e1 active"],
                ["r1 active", "r2 pending", "e1 active"],
                ["r1 retiring", "r2 active", "e1 active"],
                ["r1 revoked", "r2 active", "e1 active"],
                ["r2 active", "e1 active"],
            ],
        );
    });

    it("is legal from end to end, twice in a row, with names that were never used", () => {
        const times = { ttl: 5, signatureLifetime: 10 };
        let lives: SelectorLife[] = [];
        let now = new Date("2026-11-24T03:00:00Z");
        let current = [R1, E1] as Parameters<typeof rotation>[0];
        for (let round = 0; round < 2; round++)
            for (const step of rotation(
                current,
                lives.map(({ selector }) => selector),
            )) {
                now = new Date(now.getTime() + 10_000);
                const wanted = step.selectors.map((s) => ({ ...s, value: `key of ${s.selector}` }));
                assert.deepEqual(listFailures(wanted), []);
                assert.deepEqual(refusals(lives, wanted, now, times), [], step.title);
                lives = advance(lives, wanted, now, new Set(wanted.map((s) => s.selector)));
                current = step.selectors;
            }
        assert.deepEqual(
            lives.map(({ selector, state }) => `${selector} ${state}`),
            ["r3 active", "e1 active", "r2 removed", "r1 removed"],
        );
    });

    it("does not begin while another one is under way", () => {
        assert.throws(
            () => rotation([R1, { ...R1, selector: "r2", state: "pending" }], ["r1", "r2"]),
            /none that is pending or retiring; there are r1 active, r2 pending/,
        );
    });

    it("counts names on", () => {
        assert.equal(nextSelector(["r1", "r7", "e9"]), "r8");
        assert.equal(nextSelector(["mail", "mail"]), "mail1");
        assert.equal(nextSelector(["r202611"]), "r202612");
    });
});

describe("rotationTimes", () => {
    it("takes seconds, and has short ones of its own", () => {
        assert.deepEqual(rotationTimes([]), { ttl: 5, signatureLifetime: 10 });
        assert.deepEqual(rotationTimes(["--ttl", "2", "--lifetime", "3"]), {
            ttl: 2,
            signatureLifetime: 3,
        });
    });

    for (const flags of [["--ttl"], ["--ttl", "0"], ["--lifetime", "soon"], ["--fast", "1"]])
        it(`refuses ${flags.join(" ")}`, () => {
            assert.throws(() => rotationTimes(flags), SetupError);
        });
});

describe("unverifiable", () => {
    const sight = { selector: "r1", published: ["v=1", "v=1"], signsWith: "v=1" };

    it("is empty where every server answers with the key that signs", () => {
        assert.deepEqual(unverifiable([sight, { ...sight, signsWith: undefined }]), []);
    });

    it("names the server that answers otherwise", () => {
        assert.deepEqual(unverifiable([{ ...sight, published: ["v=1", undefined] }]), [
            "r1 signs, but name server 2 answers nothing",
        ]);
        assert.match(sightTable([{ ...sight, published: ["v=1", undefined] }], []), /differs/);
    });
});
