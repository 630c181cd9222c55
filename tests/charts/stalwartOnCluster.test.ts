// Proves that the chart, the program's plan and the lab's mail server fit together on a real control plane: installed by the
// real helm, the pod becomes ready, takes mail through the node's port and submissions in the cluster, and tells of a broken
// Secret. Does not prove that the real image runs.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { filesDigest } from "../../components/mail/stalwartPlan.ts";
import { labPort, podAddress } from "../../lab/addresses.ts";
import { LabDns } from "../../lab/mail/labDns.ts";
import { Spool } from "../../lab/mail/spool.ts";
import { spoolDirectory, stalwartStandIn } from "../../lab/mail/stalwartStandIn.ts";
import { portOffset } from "../../lab/portOffset.ts";
import { mailSpec, mountedFiles, PASSWORD } from "../lab/mail/mailPod.ts";
import { plain, SmtpClient } from "../lab/mail/smtpClient.ts";
import { eventually } from "../support/eventually.ts";
import { RunningCluster, WAIT } from "../support/runningCluster.ts";
import { chartPath, helm, withValues } from "./helm.ts";

const NAMESPACE = "stalwart-sovereign";
const POD = { namespace: NAMESPACE, name: "stalwart-0" };

/** Without a From nothing can be signed (RFC 6376 5.4). */
const MESSAGE = "From: <noreply@sov.test>\r\nSubject: PIN\r\n\r\n123456\r\n.";

describe("charts/stalwart-sovereign on a cluster", function () {
    this.timeout(300_000);
    let running: RunningCluster;
    let kubeconfig: string;
    let directory: string;
    let offset: number;
    const files: Record<"plan" | "tls" | "dkim", Record<string, string>> = {
        plan: {},
        tls: {},
        dkim: {},
    };

    before(async () => {
        directory = await mkdtemp(join(tmpdir(), "sovereign-mail-"));
        offset = await portOffset();
        running = await RunningCluster.claim([
            stalwartStandIn({
                directory,
                portOffset: offset,
                // Nobody answers there: what is for others stays in the queue.
                dns: new LabDns({ nameServers: ["127.0.0.1", "127.0.0.1"], dnsPort: 1 }),
                authorities: () => [],
                errorDelay: 0,
            }),
        ]);
        await running.boot();
        kubeconfig = join(directory, "kubeconfig");
        await writeFile(kubeconfig, running.client.config.exportConfig(), { mode: 0o600 });
        await running.client.core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
        for (const [path, text] of await mountedFiles(mailSpec())) {
            const [, mount, name] = path.split("/") as [string, keyof typeof files, string];
            files[mount][name] = text;
        }
        for (const key of ["plan", "tls", "dkim"] as const)
            await running.client.core.createNamespacedSecret({
                namespace: NAMESPACE,
                body: { metadata: { name: `stalwart-${key}` }, stringData: files[key] },
            });
    });
    after(async () => {
        await running.release();
        await rm(directory, { recursive: true });
    });

    function values() {
        return {
            sovereignFQDN: "sov.test",
            image: `docker.io/stalwartlabs/stalwart:v0.16.24@sha256:${"ab".repeat(32)}`,
            secrets: { plan: "stalwart-plan", dkim: "stalwart-dkim", tls: "stalwart-tls" },
            checksums: {
                plan: filesDigest(files.plan),
                dkim: filesDigest(files.dkim),
                tls: filesDigest(files.tls),
            },
        };
    }

    async function release(verb: "install" | "upgrade"): Promise<void> {
        const { exitCode, stderr } = await withValues(values(), (file) =>
            helm(
                [verb, NAMESPACE, chartPath(NAMESPACE), "--namespace", NAMESPACE, "--values", file],
                { KUBECONFIG: kubeconfig },
            ),
        );
        assert.equal(exitCode, 0, stderr);
    }

    /** Waits for the pod to be ready; gives the address of the machine it is on. */
    async function ready(): Promise<string> {
        return eventually(
            "the mail pod is ready",
            async () => {
                const { status, spec } = await running.client.core.readNamespacedPod(POD);
                assert.equal(status?.phase, "Running");
                assert.deepEqual(
                    status.containerStatuses?.map((container) => container.ready),
                    [true],
                );
                const guest = spec?.nodeName === "cp1" ? 1 : 2;
                return `${running.lab.context.addresses.prefix}.128.${guest}`;
            },
            WAIT,
        );
    }

    it("serves inbound mail on the node and submission in the pod", async () => {
        await release("install");
        const host = await ready();
        const inbound = await SmtpClient.connect(
            host,
            labPort(25, offset),
            "PROXY TCP4 203.0.113.8 10.0.0.254 40000 25\r\n",
            running.lab.context.addresses.publicRange.first,
        );
        assert.equal(await inbound.reply(), "220 mail.sov.test Stalwart ESMTP at your service");
        assert.equal(await inbound.say("QUIT"), "221 2.0.0 Bye.");
        const client = await SmtpClient.connectTls(
            podAddress(host),
            labPort(465, offset),
            "mail.sov.test",
        );
        await client.reply();
        await client.say("EHLO console.sov.test");
        assert.equal(
            await client.say(`AUTH PLAIN ${plain("noreply@sov.test", PASSWORD)}`),
            "235 2.7.0 Authentication succeeded.",
        );
        await client.say("MAIL FROM:<noreply@sov.test>");
        await client.say("RCPT TO:<joe@ext.test>");
        await client.say("DATA");
        assert.match(await client.say(MESSAGE), /^250 2\.0\.0 /);
        client.close();
        const spool = new Spool(spoolDirectory(directory, NAMESPACE, "stalwart-0"));
        assert.deepEqual(
            (await spool.messages()).map(({ envelope }) => envelope.rcptTo),
            [["joe@ext.test"]],
        );
    });

    it("rolls the pod for a changed Secret, and tells what is wrong with it", async () => {
        const { metadata: first } = await running.client.core.readNamespacedPod(POD);
        files.plan["r3.json"] = (files.plan["r3.json"] ?? "").replaceAll("x:Tracer", "x:Webhook");
        await running.client.core.replaceNamespacedSecret({
            namespace: NAMESPACE,
            name: "stalwart-plan",
            body: { metadata: { name: "stalwart-plan" }, stringData: files.plan },
        });
        await release("upgrade");
        await eventually(
            "the new pod fails",
            async () => {
                const { metadata, status } = await running.client.core.readNamespacedPod(POD);
                assert.notEqual(metadata?.uid, first?.uid);
                const messages = JSON.stringify(status);
                assert.ok(
                    messages.includes("the plan has what the stand-in does not play: Webhook"),
                    messages,
                );
            },
            WAIT,
        );
    });
});
