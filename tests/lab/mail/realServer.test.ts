// Proves that the lab runs a mail server's binary as the chart's pod says: the plan by the chart's own script in recovery mode, then
// the server, as the pod's user, with the pod's files in their places, in network namespaces where the lab's addresses are others than
// loopback, its DNS answers, its receivers are reached from the node's address, and nothing else is. The binary is a stand-in's: it does not
// prove that the real server takes the plan.
import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { labAddresses, podAddress } from "../../../lab/addresses.ts";
import { MailboxProvider } from "../../../lab/mail/mailbox/mailboxProvider.ts";
import { inLab, seenByServer } from "../../../lab/mail/realServer/addresses.ts";
import { namespacesOf } from "../../../lab/mail/realServer/namespaces.ts";
import { stalwartServer } from "../../../lab/mail/realServer/stalwartServer.ts";
import { PowerDns } from "../../../lab/powerdns/powerDns.ts";
import { MAILBOX_HOST } from "../../../lab/powerdns/world.ts";
import { chartPath, render } from "../../charts/helm.ts";
import { CHART, MINIMAL, NAMESPACE, podTemplate } from "../../charts/stalwartValues.ts";
import { claimTestLab, type TestLab } from "../../support/labContext.ts";
import { mailSpec, mountedFiles, podView } from "./mailPod.ts";
import { SmtpClient } from "./smtpClient.ts";

/** Whether this machine lets this user make network namespaces at all. */
async function mayMakeNamespaces(): Promise<boolean> {
    const name = `sovereign-test-${process.pid}`;
    const { exitCode } = await execa("ip", ["netns", "add", name], { reject: false });
    if (exitCode === 0) await execa("ip", ["netns", "delete", name]);
    return exitCode === 0;
}

describe("addresses that a real mail server sees", () => {
    it("stand for the lab's, one for one", () => {
        assert.equal(seenByServer("127.72.1.2"), "100.72.1.2");
        assert.equal(inLab("100.72.1.2"), "127.72.1.2");
        for (const other of ["127.0.0.1", "127.128.0.1", "198.51.100.1"])
            assert.equal(seenByServer(other), other);
        assert.equal(inLab("198.51.100.1"), undefined);
    });
});

describe("a real mail server in the lab", function () {
    this.timeout(60_000);
    let lab: TestLab;
    let powerDns: PowerDns;
    let mailbox: MailboxProvider;
    let folder: string;
    let permitted: boolean;
    let stop: () => Promise<void> = () => Promise.resolve();
    let start: () => Promise<void>;
    let host: string;
    let egress: string;

    before(async () => {
        permitted = await mayMakeNamespaces();
        lab = await claimTestLab();
        const { context } = lab;
        const { instance, portOffset, nameServers, dnsPort } = context.addresses;
        powerDns = new PowerDns(context);
        mailbox = new MailboxProvider(context);
        await powerDns.start();
        await mailbox.start();
        folder = await mkdtemp(join(tmpdir(), "stalwart-bin-"));
        const binary = join(folder, "stalwart");
        const script = (name: string) => join(import.meta.dirname, name);
        const recovery = join(import.meta.dirname, "..", "..", "charts", "recoveryServer.ts");
        await writeFile(
            binary,
            `#!/bin/bash
export STALWART_RECOVERY_MODE_PORT=8080
if [[ \${STALWART_RECOVERY_MODE:-} == 1 ]]; then exec ${process.execPath} ${recovery} /var/lib/stalwart/plan /var/lib/stalwart/state; fi
exec ${process.execPath} ${script("fakeStalwart.ts")} "$@"
`,
        );
        await chmod(binary, 0o755);
        const template = podTemplate(await render(CHART, MINIMAL, NAMESPACE));
        const files = await mountedFiles(mailSpec());
        for (const name of ["apply.sh", "serve.sh", "config.json"])
            files.set(
                `/etc/stalwart/${name}`,
                await readFile(join(chartPath(CHART), "files", name), "utf8"),
            );
        const range = labAddresses(instance);
        [host, egress] = [range.hostRange.first, range.publicRange.first];
        const server = stalwartServer({
            binary,
            readable: [dirname(process.execPath), join(import.meta.dirname, "..", "..")],
            instance,
            directory: context.directory,
            portOffset,
            nameServer: { host: nameServers[0], port: dnsPort },
        });
        const pod = {
            metadata: { name: "stalwart-0", namespace: NAMESPACE },
            spec: template.spec,
        };
        assert.ok(server.matches(pod));
        const view = { ...podView(host, files, pod), egressAddress: egress };
        start = async () => {
            stop = await server.start(view);
        };
        if (permitted) await start();
    });

    after(async () => {
        await stop();
        await mailbox.stop();
        await powerDns.stop();
        await lab.release();
        await rm(folder, { recursive: true });
    });

    const needsRoot = /needs network namespaces of its own, which takes root: ip netns add/;

    /** Where the machine does not allow it, that is said, and nothing else can be seen. */
    function where(name: string, run: () => Promise<void>): void {
        it(name, async () => {
            if (permitted) await run();
            else await assert.rejects(start(), needsRoot);
        });
    }

    async function ask(line: string): Promise<string> {
        const { portOffset } = lab.context.addresses;
        const port = 587 + portOffset;
        const client = await SmtpClient.connect(podAddress(host), port);
        assert.equal(await client.reply(), "220 from 10.42.0.2");
        const reply = await client.say(line);
        client.close();
        return reply;
    }

    where("runs as the pod's user, with the pod's files in their places", async () => {
        assert.equal(await ask("WHOAMI"), "250 2000 /");
        assert.equal(
            await ask("READ /etc/stalwart/config.json"),
            '250 { "@type": "Sqlite", "path": "/var/lib/stalwart/data.db" }',
        );
        assert.match(await ask("READ /dkim/r202611.pem"), /^250 -----BEGIN RSA PRIVATE KEY-----$/);
        assert.equal(await ask("READ /etc/hosts"), "250 127.0.0.1 localhost");
        assert.match(await ask("READ /etc/shadow"), /^550 .*ENOENT/);
    });

    where("applied the plan by the chart's own script first, in the same store", async () => {
        const sent = await ask("READ /var/lib/stalwart/plan");
        assert.match(sent, /^250 \{.*"x:Domain\/set"/);
    });

    where("delivers by the lab's DNS to the lab's receiver, from the node's address", async () => {
        const { mailbox: at } = lab.context.addresses;
        const reply = await ask(`GREET ${MAILBOX_HOST}`);
        assert.equal(
            reply,
            `250 ${seenByServer(at.host)} 250-${MAILBOX_HOST} Nice to meet you, [${egress}]`,
        );
    });

    where("reaches nothing of this machine and nothing outside", async () => {
        const { control } = lab.context.addresses;
        for (const target of [
            `CONNECT ${control.host} ${lab.context.addresses.powerdnsApi.port}`,
            "CONNECT 198.51.100.1 25",
            "CONNECT 198.18.0.1 22",
        ])
            assert.match(await ask(target), /^550 /, target);
    });

    where("is reached at the node's port 25 as through the load balancer", async () => {
        const { portOffset } = lab.context.addresses;
        const client = await SmtpClient.connect(host, 25 + portOffset, undefined, egress);
        assert.equal(await client.reply(), "220 from 10.0.0.254");
        client.close();
    });

    where("leaves no namespace behind", async () => {
        await stop();
        stop = () => Promise.resolve();
        const { stdout } = await execa("ip", ["netns", "list"]);
        const { server, world } = namespacesOf(lab.context.addresses.instance);
        assert.ok(!stdout.includes(server) && !stdout.includes(world), stdout);
    });
});
