/**
 * Proves that the stack's configuration is read under the project's own name, and that secrets come as secret Outputs. It does not prove
 * what a language host hands over; the end-to-end tests do.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "../../../config.ts";
import type { LoadedConfig } from "../../../config.ts";
import { plan, valueOf } from "../../support/plan.ts";
import { MINIMAL, stackConfig } from "../../support/stackFixtures.ts";
import type { StackValues } from "../../support/stackFixtures.ts";

async function load(values: StackValues): Promise<LoadedConfig> {
    return (await plan(loadConfig, stackConfig(values))).result;
}

describe("loadConfig", () => {
    it("hands secrets over as secret Outputs", async () => {
        const token = "t".repeat(64);
        const { secrets } = await load({
            ...MINIMAL,
            domainMode: "byo-api",
            dynadotApiKey: "key",
            dynadotApiSecret: "secret",
            "hcloud:token": token,
        });
        const { powerdnsApiKey, hcloudToken, dynadotApiKey, dynadotApiSecret } = secrets;
        assert.deepEqual(Object.keys(secrets).sort(), [
            "dynadotApiKey",
            "dynadotApiSecret",
            "hcloudToken",
            "powerdnsApiKey",
        ]);
        assert.ok(hcloudToken && dynadotApiKey && dynadotApiSecret);
        for (const secret of [powerdnsApiKey, hcloudToken, dynadotApiKey, dynadotApiSecret])
            assert.ok(await pulumi.isSecret(secret));
        assert.equal(await valueOf(hcloudToken), token);
    });

    it("has no Output for a secret that is not set, or set to nothing", async () => {
        const { secrets } = await load({ ...MINIMAL, dynadotApiKey: "" });
        assert.deepEqual(Object.keys(secrets), ["powerdnsApiKey"]);
    });

    it("passes the provider's endpoint on, and leaves other projects' keys alone", async () => {
        const { config } = await load({
            ...MINIMAL,
            "hcloud:endpoint": "http://127.64.0.4:8080/v1",
            "aws:region": "eu-central-1",
        });
        assert.equal(config.cloud.hcloudEndpoint, "http://127.64.0.4:8080/v1");
    });

    it("keeps secrets out of the plain configuration", async () => {
        const { config } = await load({ ...MINIMAL, powerdnsApiKey: "powerdns-key-of-a-test" });
        assert.ok(!JSON.stringify(config).includes("powerdns-key-of-a-test"));
    });
});
