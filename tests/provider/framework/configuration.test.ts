// Proves, through a real plugin process over gRPC: configuration is checked, taken from the program or the environment, missed
// only when it is needed and never a reason to replace; the schema and the unimplemented methods speak for themselves.
// Does not prove that the real engine reads the schema (it is printed by `pulumi package get-schema`).
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { status } from "@grpc/grpc-js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { ProviderClient, isSecret, secret } from "../support/client.ts";
import { failedCall } from "../support/refusal.ts";
import { unary } from "../support/unary.ts";

const THING = "sovereign:test:Thing";
const PLUGIN = fileURLToPath(new URL("./fixture/plugin.ts", import.meta.url));

describe("the provider's configuration", () => {
    let provider: ProviderClient;

    beforeEach(async () => {
        provider = await ProviderClient.start(
            { dynadotApiKey: secret("configured-credential") },
            {},
            PLUGIN,
        );
    });
    afterEach(async () => {
        await provider.stop();
    });

    it("misses a credential only when a resource needs it, and says where to put it", async () => {
        const error = await failedCall(
            provider.create(THING, { name: "abc", behaviour: "credentials" }),
        );
        assert.equal(
            error.message,
            "powerdnsApiKey is needed for the thing, but the provider was not given it. Pass it to sovereign.Provider, " +
                "or run: pulumi config set --secret sovereign:powerdnsApiKey <value>, " +
                "or set the environment variable SOVEREIGN_POWERDNS_API_KEY",
        );
        await provider.configure({ powerdnsApiKey: secret("k") });
        await provider.create(THING, { name: "abc", behaviour: "credentials" });
    });

    it("never replaces anything for changed credentials", async () => {
        const diff = await provider.diffConfig(
            { powerdnsUrl: "https://a.example", powerdnsApiKey: secret("one") },
            { powerdnsUrl: "https://b.example", powerdnsApiKey: secret("two") },
        );
        assert.equal(diff.changes, true);
        assert.deepEqual(diff.replaces, []);
        assert.deepEqual(diff.detailed, { powerdnsApiKey: "UPDATE", powerdnsUrl: "UPDATE" });
    });

    it("checks its own configuration", async () => {
        const { failures, inputs } = await provider.checkConfig({
            powerdnsUrl: "not a url",
            dnsPort: "70000",
            powerdnsApiKey: "forgotten",
            version: "1.0.0",
            fqdn: "a key of the project, which has the provider's name",
        });
        assert.deepEqual(
            failures.map((f) => f.property),
            ["powerdnsUrl", "dnsPort"],
        );
        assert.ok(isSecret(inputs.powerdnsApiKey));
        assert.deepEqual(Object.keys(inputs), ["powerdnsApiKey", "version"]);
    });

    it("says what it does not implement", async () => {
        const request = new messages.InvokeRequest();
        const error = await failedCall(unary(provider.raw.invoke.bind(provider.raw), request));
        assert.equal(error.code, status.UNIMPLEMENTED);
    });

    it("describes itself by the schemas it checks with", async () => {
        const schema = await provider.schema();
        assert.equal(schema.version, "1.2.3");
        const resources = schema.resources as Record<string, { requiredInputs: string[] }>;
        assert.deepEqual(resources[THING]?.requiredInputs, ["name"]);
    });

    it("takes credentials from the environment", async () => {
        const other = await ProviderClient.start(
            {},
            { SOVEREIGN_POWERDNS_API_KEY: "from-the-environment" },
            PLUGIN,
        );
        try {
            await other.create(THING, { name: "abc", behaviour: "credentials" });
        } finally {
            await other.stop();
        }
    });
});
