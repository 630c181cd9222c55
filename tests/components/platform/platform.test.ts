/**
 * Proves what Platform puts into the cluster: its Secrets before its release, and a digest of the mail credentials in the values. It
 * does not prove that the chart takes them (tests of the charts).
 */
import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { SmtpCredentials } from "../../../components/mail/smtpCredentials.ts";
import { Platform } from "../../../components/platform/platform.ts";
import type { PlatformConfig } from "../../../config/model.ts";
import { clusterAccess } from "../../support/clusterAccess.ts";
import { childOf, isSecretValue, outline, plainInputs, plan, valueOf } from "../../support/plan.ts";
import type { Child } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";

const outputs = sovereignOutputs();
const fqdn = "omantel.example";

const PLATFORM: PlatformConfig = {
    chart: "oci://registry.example/charts/catalyst-platform",
    chartVersion: "1.4.20",
    values: { images: { api: { tag: "abc1234" } } },
    imageRegistry: "registry.example",
    imageRegistryUsername: "robot",
};

function make(pullSecret?: string, generation = 1): Platform {
    return new Platform("platform", {
        fqdn,
        platform: PLATFORM,
        cluster: clusterAccess(),
        credentials: new SmtpCredentials(`smtp-${generation}`, { fqdn, generation }),
        namespace: pulumi.output("catalyst-system"),
        owner: "program",
        chartPin: [],
        after: [new kubernetes.helm.v3.Release("mail-release", { chart: "stalwart-sovereign" })],
        wayIn: { kind: "ingress", tlsSecret: "tls" },
        ...(pullSecret !== undefined && { pullSecret }),
    });
}

interface Values {
    readonly images: Record<string, unknown>;
    readonly sovereign: { readonly smtp: Record<string, string> };
}

const valuesOf = (children: readonly Child[]): Values =>
    childOf(children, "platform-release").inputs.values as Values;

const ownChildren = (children: readonly Child[]): Child[] =>
    children.filter((child) => child.parentName === "platform");

describe("Platform", () => {
    it("puts the mail credentials and the release into the cluster", async () => {
        const { children } = await plan(() => make(), { outputs });
        const owner = "sovereign:platform:Platform";
        assert.deepEqual(outline(ownChildren(children)), [
            `${owner} > kubernetes:core/v1:Secret platform-smtp`,
            `${owner} > kubernetes:helm.sh/v3:Release platform-release`,
        ]);
        for (const { name, options } of ownChildren(children))
            assert.deepEqual(
                [options.deletedWith, options.provider],
                ["cluster-ready", "cluster-kubernetes"],
                name,
            );
    });

    it("has the mail credentials there before the release, in both key shapes", async () => {
        const { children } = await plan(() => make(), { outputs });
        const secret = childOf(children, "platform-smtp");
        const { metadata, stringData } = plainInputs(secret);
        assert.deepEqual(
            [(metadata as { name: string }).name, (metadata as { namespace: string }).namespace],
            ["sovereign-smtp-credentials", "catalyst-system"],
        );
        assert.deepEqual(Object.keys(stringData as object).sort(), [
            "password",
            "smtp-from",
            "smtp-host",
            "smtp-pass",
            "smtp-port",
            "smtp-user",
            "user",
        ]);
        assert.ok(isSecretValue(secret.inputs.stringData));
        assert.ok(childOf(children, "platform-release").dependencies.includes("platform-smtp"));
    });

    it("changes them only after the mail server has taken them", async () => {
        const { children } = await plan(() => make(), { outputs });
        assert.ok(childOf(children, "platform-smtp").dependencies.includes("mail-release"));
    });

    it("takes over the seed of the credentials", async () => {
        const { children } = await plan(() => make(), { outputs });
        const { metadata } = plainInputs(childOf(children, "platform-smtp"));
        assert.deepEqual((metadata as { annotations: object }).annotations, {
            "pulumi.com/patchForce": "true",
        });
    });

    it("changes the release's values with the credentials, without showing them", async () => {
        const one = await plan(() => make(), { outputs });
        const two = await plan(() => make(undefined, 2), { outputs });
        const digests = [one, two].map((p) => valuesOf(p.children).sovereign.smtp.digest);
        assert.match(digests[0] ?? "", /^[0-9a-f]{64}$/);
        assert.notEqual(digests[0], digests[1]);
    });

    it("tells the pods their pull Secret where the registry asks for one", async () => {
        const { children } = await plan(() => make("ghcr-pull-secret"), { outputs });
        assert.deepEqual(valuesOf(children).images, {
            api: { tag: "abc1234" },
            pullSecret: "ghcr-pull-secret",
        });
        const free = await plan(() => make(), { outputs });
        assert.equal(valuesOf(free.children).images.pullSecret, "");
    });

    it("releases the configured chart by its version", async () => {
        const { children, result } = await plan(() => make(), { outputs });
        const { name, namespace, chart, version } = childOf(children, "platform-release").inputs;
        assert.deepEqual(
            [name, namespace, chart, version],
            ["catalyst-platform", "catalyst-system", PLATFORM.chart, "1.4.20"],
        );
        assert.equal(
            await valueOf(result.smtpSecretRef),
            "catalyst-system/sovereign-smtp-credentials",
        );
    });
});
