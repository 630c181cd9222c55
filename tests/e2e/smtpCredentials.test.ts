/**
 * Proves on the real engine and a lab of its own that a seeded Secret with mail credentials is taken over, keys of its seeder and all,
 * and that a raised generation rotates the password in the order server, Secret, platform, in place and with new pods, while mail
 * flows. It does not prove how long submissions are refused in between: bench/passwordRotation.ts measures that.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { compare } from "bcryptjs";
import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";
import { NAMESPACES, SMTP_SECRET } from "../../components/names.ts";
import { MAIL_SECRETS } from "../../components/mail/stalwartValues.ts";
import { readState } from "../../lab/commands/stackState.ts";
import { devStack } from "../../lab/commands/workspace.ts";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { eventually } from "../support/eventually.ts";
import { testToolchain } from "../support/toolchain.ts";
import type { TestLab } from "../support/toolchain.ts";
import { clusterOf, secretData } from "./clusterAndConsole.ts";
import { arrivals, gaps, startMailFlow } from "./mailFlow.ts";
import type { Attempt } from "./mailFlow.ts";
import { WHOLE_STACK, readOutputs, startSovereignLab, succeeds, up } from "./sovereignLab.ts";

const SEED = { namespace: NAMESPACES.platform, name: SMTP_SECRET };

describe("the mail credentials of a Sovereign", function () {
    this.timeout(WHOLE_STACK);
    let lab: TestLab;
    let stack: PulumiCli;
    let core: CoreV1Api;
    let attempts: readonly Attempt[] = [];

    before(async () => {
        ({ lab, stack } = await startSovereignLab());
        await up(stack);
        ({ core } = clusterOf((await readOutputs(stack)).cluster.kubeconfig));
    });

    after(() => lab.stop());

    it("are taken over from a Secret that another one has seeded", async () => {
        await removePlatform(stack, lab);
        const seeded = await core.createNamespacedSecret({
            namespace: SEED.namespace,
            fieldManager: "catalyst-api",
            body: {
                metadata: { name: SEED.name },
                stringData: {
                    user: "noreply@openova.io",
                    password: "of the mothership",
                    "smtp-host": "mail.openova.io",
                    note: "seeded",
                },
            },
        });
        await up(stack);
        const { smtp } = await readOutputs(stack);
        assert.deepEqual(await secretData(core, SEED.namespace, SEED.name), {
            "smtp-host": smtp.host,
            "smtp-port": "587",
            "smtp-from": smtp.from,
            "smtp-user": smtp.user,
            "smtp-pass": smtp.password,
            user: smtp.user,
            password: smtp.password,
            note: "seeded",
        });
        const { metadata } = await core.readNamespacedSecret(SEED);
        assert.equal(metadata?.uid, seeded.metadata?.uid);
        await succeeds(stack, "preview", "--expect-no-changes");
    });

    it("are rotated at the server, in the Secret, at the platform, in this order and in place", async () => {
        const before = await sight();
        const { cluster, mail } = await readOutputs(stack);
        const flow = startMailFlow(lab, {
            kubeconfig: cluster.kubeconfig,
            authority: mail.authorityCertificate,
            name: "rotation",
        });
        const more = async () => {
            const already = flow.accepted();
            await eventually("a message that is accepted", () => {
                assert.ok(flow.accepted() > already);
            });
        };
        await more();
        const rotated = await devStack(await testToolchain(), lab.context, {
            certificateIssuer: "none",
            smtpPasswordGeneration: "2",
        });
        await succeeds(rotated, "up", "--yes", "--skip-preview", "--suppress-outputs");
        await more();
        attempts = await flow.stop();
        const after = await sight();
        const { smtp } = await readOutputs(stack);

        assert.notEqual(after.password, before.password);
        assert.equal(after.password, smtp.password);
        assert.equal(after.uid, before.uid);
        assert.ok(await compare(after.password, after.hash), "the server knows another password");
        assert.ok(!(await compare(before.password, after.hash)));

        assert.notEqual(after.server.uid, before.server.uid);
        assert.notEqual(after.platform.uid, before.platform.uid);
        assert.ok(after.server.started <= after.written, "the Secret was written first");
        assert.ok(after.written <= after.platform.started, "the platform was rolled first");
    });

    it("are refused in between, and then mail flows as before", async () => {
        for (const { replies } of gaps(attempts))
            for (const reply of replies)
                assert.match(reply, /^(535 5\.7\.8 |ESOCKET$|ECONNECTION$|ECONNREFUSED$)/);
        assert.equal(attempts.at(-1)?.accepted, true);
        const last = attempts.at(-1)?.subject ?? "";
        await eventually("the last message", async () => {
            const arrived = await arrivals(lab, "rotation");
            assert.ok(arrived.has(last));
            for (const [subject, { verdict }] of arrived)
                assert.deepEqual(
                    [verdict.spf.result, verdict.dkim[0]?.result, verdict.dmarc.result],
                    ["pass", "pass", "pass"],
                    subject,
                );
        });
    });

    it("stay as they are in every later update", async () => {
        const before = await sight();
        const rotated = await devStack(await testToolchain(), lab.context, {
            certificateIssuer: "none",
            smtpPasswordGeneration: "2",
        });
        await succeeds(rotated, "up", "--yes", "--skip-preview", "--suppress-outputs");
        assert.deepEqual(await sight(), before);
    });

    /** The credentials and who uses them, as the cluster has them. Times in milliseconds, of whole seconds. */
    async function sight() {
        const { metadata } = await core.readNamespacedSecret(SEED);
        const data = await secretData(core, SEED.namespace, SEED.name);
        const plan = await secretData(core, NAMESPACES.mail, MAIL_SECRETS.plan);
        return {
            uid: metadata?.uid,
            password: data["smtp-pass"] ?? "",
            written: Math.max(...(metadata?.managedFields ?? []).map(({ time }) => Number(time))),
            hash: /\$2[aby]\$[^"]+/.exec(plan["e1-create-noreply.json"] ?? "")?.[0] ?? "",
            server: await pod(NAMESPACES.mail, "stalwart-0"),
            platform: await pod(NAMESPACES.platform, "catalyst-api-"),
        };
    }

    async function pod(namespace: string, prefix: string) {
        const { items } = await core.listNamespacedPod({ namespace });
        const [found, ...more] = items.filter(
            ({ metadata }) =>
                metadata?.deletionTimestamp === undefined && metadata?.name?.startsWith(prefix),
        );
        assert.ok(found && more.length === 0, `${items.length} pods in ${namespace}`);
        return { uid: found.metadata?.uid, started: startOf(found) };
    }
});

function startOf({ metadata }: V1Pod): number {
    return Number(metadata?.creationTimestamp);
}

/** Takes the platform's release and the Secret out, as before the first update that brings them. What is released outlives its resource. */
async function removePlatform(stack: PulumiCli, { context }: TestLab): Promise<void> {
    const { resources } = await readState(stack);
    const urns = ["sovereign-platform-release", "sovereign-platform-smtp"].map((name) => {
        const urn = resources.find((resource) => resource.urn.endsWith(`::${name}`))?.urn;
        assert.ok(urn, name);
        return urn;
    });
    await succeeds(
        stack,
        "destroy",
        "--yes",
        "--skip-preview",
        ...urns.flatMap((urn) => ["--target", urn]),
    );
    const kubeconfig = join(context.directory, "kubeconfig");
    await writeFile(kubeconfig, (await readOutputs(stack)).cluster.kubeconfig, { mode: 0o600 });
    await promisify(execFile)(context.binaries.helm.path, [
        "uninstall",
        "catalyst-platform",
        `--namespace=${NAMESPACES.platform}`,
        `--kubeconfig=${kubeconfig}`,
        "--wait",
    ]);
}
