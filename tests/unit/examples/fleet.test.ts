/**
 * Proves how the provisioner's example tells the health of a Sovereign from its outputs. It does not prove that those are what a stack
 * gives (`tests/e2e/provisioner.test.ts`).
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fleetMember } from "../../../examples/provisioner/fleet.ts";
import { parseOutputs } from "../../../operations/outputs/parseOutputs.ts";

const recorded = parseOutputs(
    JSON.parse(
        readFileSync(join(import.meta.dirname, "../operations/recordedOutputs/1.1.json"), "utf8"),
    ) as Record<string, unknown>,
    "recorded",
);

function healthWith(mail: string, platform: string) {
    const { health, reasons } = fleetMember("omantel", {
        ...recorded,
        mail: { ...recorded.mail, release: mail },
        platform: { release: platform },
    });
    return { health, reasons };
}

describe("the health of a Sovereign", () => {
    it("is ready when both releases are in", () => {
        assert.deepEqual(healthWith("deployed", "deployed"), { health: "ready", reasons: [] });
    });

    it("is pending while one is on its way", () => {
        assert.deepEqual(healthWith("deployed", "pending-install"), {
            health: "pending",
            reasons: ["the release of the platform is pending-install"],
        });
    });

    it("is failed when one has failed, with every reason", () => {
        assert.deepEqual(healthWith("failed", "pending-upgrade"), {
            health: "failed",
            reasons: [
                "the release of the mail server is failed",
                "the release of the platform is pending-upgrade",
            ],
        });
    });

    it("is unknown where a kit has a release, unless the other one tells", () => {
        const reasons = [
            "the release of the platform is the bootstrap kit's: ask Flux in its cluster",
        ];
        assert.deepEqual(healthWith("deployed", "kit"), { health: "unknown", reasons });
        assert.equal(healthWith("kit", "failed").health, "failed");
        assert.equal(healthWith("pending-install", "kit").health, "pending");
    });

    it("shows no secret", () => {
        const shown = JSON.stringify(fleetMember("omantel", recorded));
        for (const secret of [recorded.smtpPassword, recorded.kubeconfig])
            assert.ok(!shown.includes(secret));
    });
});
