// Proves that the lab's mail server answers as the real one was observed to (Stalwart 0.16.19) on 587, 465 and 25, that it
// acts on what the pod mounts, and refuses what it does not know. Delivery to others is proved by delivery.test.ts.
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { createTransport } from "nodemailer";
import { labAddresses, podAddress } from "../../../lab/addresses.ts";
import { LabDns } from "../../../lab/mail/labDns.ts";
import { Spool } from "../../../lab/mail/spool.ts";
import { spoolDirectory, stalwartStandIn } from "../../../lab/mail/stalwartStandIn.ts";
import { headerNames } from "../../../operations/doctor/headerFields.ts";
import { SmtpDialogue } from "../../../operations/doctor/smtp/dialogue.ts";
import { eventually } from "../../support/eventually.ts";
import { claimLabInstance, type LabInstance } from "../../support/labInstance.ts";
import { certificate, mailPod, mailSpec, mountedFiles, PASSWORD, podView } from "./mailPod.ts";
import { plain, SmtpClient } from "./smtpClient.ts";

const OFFSET = 20_000;
const PLAIN_FEATURES =
    "250-mail.sov.test you had me at EHLO | 250-STARTTLS | 250-SMTPUTF8 | 250-SIZE 10485760 | 250-PIPELINING | 250-ENHANCEDSTATUSCODES | 250 8BITMIME";
const TLS_FEATURES =
    "250-mail.sov.test you had me at EHLO | 250-SMTPUTF8 | 250-SIZE 10485760 | 250-PIPELINING | 250-ENHANCEDSTATUSCODES | 250-AUTH PLAIN LOGIN | 250 8BITMIME";
const GREETING = "220 mail.sov.test Stalwart ESMTP at your service";

describe("the lab's mail server", () => {
    let lab: LabInstance;
    let host: string;
    let pod: string;
    let balancer: string;
    let stop: () => Promise<void>;
    let spool: Spool;
    let files: Map<string, string>;

    before(async () => {
        lab = await claimLabInstance();
        host = labAddresses(lab.instance).hostRange.first;
        pod = podAddress(host);
        balancer = labAddresses(lab.instance).publicRange.first;
        const standIn = stalwartStandIn({
            directory: lab.directory,
            portOffset: OFFSET,
            // Nobody answers there: what is for others stays in the queue.
            dns: new LabDns({ nameServers: ["127.0.0.1", "127.0.0.1"], dnsPort: 1 }),
            authorities: () => [],
            errorDelay: 0,
            certificateInterval: 20,
        });
        assert.equal(standIn.matches(mailPod()), true);
        files = await mountedFiles(mailSpec());
        stop = await standIn.start(podView(host, files));
        spool = new Spool(spoolDirectory(lab.directory, "stalwart-sovereign", "stalwart-0"));
    });
    after(async () => {
        await stop();
        await assert.rejects(SmtpClient.connect(pod, 587 + OFFSET), { code: "ECONNREFUSED" });
        await lab.release();
    });

    /** A session on 587 after STARTTLS and EHLO. */
    async function submission(): Promise<SmtpClient> {
        const client = await SmtpClient.connect(pod, 587 + OFFSET);
        await client.reply();
        await client.say("EHLO client.test");
        await client.say("STARTTLS");
        await client.startTls("mail.sov.test");
        await client.say("EHLO client.test");
        return client;
    }

    it("speaks on 587 before and after STARTTLS as observed", async () => {
        const client = await SmtpClient.connect(pod, 587 + OFFSET);
        assert.equal(await client.reply(), GREETING);
        assert.equal(await client.say("EHLO client.test"), PLAIN_FEATURES);
        assert.equal(await client.say("AUTH PLAIN AGEAYg=="), "503 5.5.1 AUTH not allowed.");
        assert.equal(
            await client.say("MAIL FROM:<noreply@sov.test>"),
            "503 5.5.1 You must authenticate first.",
        );
        assert.equal(await client.say("STARTTLS"), "220 2.0.0 Ready to start TLS.");
        assert.equal(await client.startTls("mail.sov.test"), "mail.sov.test");
        assert.equal(await client.say("EHLO client.test"), TLS_FEATURES);
        client.close();
    });

    it("starts again with another certificate, and goes on with the old one while the new is none", async () => {
        const served = async () => {
            const endpoint = { host: pod, port: 587 + OFFSET };
            const { dialogue } = await SmtpDialogue.open(endpoint, 1_000);
            try {
                await dialogue.say("EHLO client.test");
                return (await dialogue.startTls("mail.sov.test", "")).certificate.subject;
            } finally {
                dialogue.close();
            }
        };
        const first = [files.get("/tls/tls.crt") ?? "", files.get("/tls/tls.key") ?? ""] as const;
        const put = ([crt, key]: readonly [string, string]) => {
            files.set("/tls/tls.crt", crt);
            files.set("/tls/tls.key", key);
        };
        const expired = await certificate("expired.sov.test", new Date(Date.now() - 60_000));
        put([expired.certificate, expired.key]);
        assert.equal(await served(), "CN=mail.sov.test");
        const next = await certificate("next.sov.test");
        put([next.certificate, next.key]);
        await eventually("the new certificate", async () => {
            assert.equal(await served(), "CN=next.sov.test");
        });
        put(first);
        await eventually("the first certificate", async () => {
            assert.equal(await served(), "CN=mail.sov.test");
        });
    });

    it("refuses wrong passwords and accounts without one", async () => {
        const client = await submission();
        for (const credentials of [
            plain("noreply@sov.test", "wrong"),
            plain("postmaster@sov.test", PASSWORD),
            plain("nobody@sov.test", PASSWORD),
            plain("noreply@sov.test", ""),
        ])
            assert.equal(
                await client.say(`AUTH PLAIN ${credentials}`),
                "535 5.7.8 Authentication credentials invalid.",
            );
        client.close();
    });

    it("takes mail from no other sender than the account itself", async () => {
        const client = await submission();
        assert.equal(
            await client.say(`AUTH PLAIN ${plain("noreply@sov.test", PASSWORD)}`),
            "235 2.7.0 Authentication succeeded.",
        );
        for (const sender of ["other@sov.test", "x@ext.test", "postmaster@sov.test"])
            assert.equal(
                await client.say(`MAIL FROM:<${sender}>`),
                "501 5.5.4 You are not allowed to send from this address.",
            );
        assert.equal(await client.say("MAIL FROM:<noreply@sov.test>"), "250 2.1.0 OK");
        assert.equal(await client.say("RCPT TO:<joe@ext.test>"), "250 2.1.5 OK");
        assert.equal(await client.say("RSET"), "250 2.0.0 OK");
        assert.equal(await client.say("QUIT"), "221 2.0.0 Bye.");
    });

    it("completes a bare user name, and takes AUTH LOGIN", async () => {
        const client = await submission();
        assert.equal(
            await client.say(`AUTH PLAIN ${plain("noreply", PASSWORD)}`),
            "235 2.7.0 Authentication succeeded.",
        );
        client.close();
        const other = await submission();
        const base64 = (text: string) => Buffer.from(text).toString("base64");
        assert.match(await other.say("AUTH LOGIN"), /^334 /);
        assert.match(await other.say(base64("noreply@sov.test")), /^334 /);
        assert.equal(await other.say(base64(PASSWORD)), "235 2.7.0 Authentication succeeded.");
        other.close();
    });

    it("speaks TLS from the first byte on 465", async () => {
        const client = await SmtpClient.connectTls(pod, 465 + OFFSET, "mail.sov.test");
        assert.equal(await client.reply(), GREETING);
        assert.equal(await client.say("EHLO client.test"), TLS_FEATURES);
        assert.equal(
            await client.say(`AUTH PLAIN ${plain("noreply@sov.test", PASSWORD)}`),
            "235 2.7.0 Authentication succeeded.",
        );
        assert.equal(await client.say("QUIT"), "221 2.0.0 Bye.");
    });

    it("speaks on 25 as observed: no AUTH, no relaying, known mailboxes, five errors", async () => {
        const client = await SmtpClient.connect(pod, 25 + OFFSET);
        assert.equal(await client.reply(), GREETING);
        assert.equal(await client.say("EHLO client.test"), PLAIN_FEATURES);
        assert.equal(await client.say("AUTH PLAIN AGEAYg=="), "503 5.5.1 AUTH not allowed.");
        await client.say("STARTTLS");
        await client.startTls("mx.sov.test");
        assert.equal(
            await client.say("EHLO client.test"),
            TLS_FEATURES.replace(" | 250-AUTH PLAIN LOGIN", ""),
        );
        assert.equal(
            await client.say(`AUTH PLAIN ${plain("noreply@sov.test", PASSWORD)}`),
            "503 5.5.1 AUTH not allowed.",
        );
        const dialogue: [string, string][] = [
            ["MAIL FROM:<a@ext.test>", "250 2.1.0 OK"],
            ["RCPT TO:<joe@ext2.test>", "550 5.1.2 Relay not allowed."],
            ["RCPT TO:<noreply@sov.test>", "250 2.1.5 OK"],
            ["RCPT TO:<postmaster@sov.test>", "250 2.1.5 OK"],
            ["RCPT TO:<abuse@sov.test>", "250 2.1.5 OK"],
            ["RCPT TO:<dmarc@sov.test>", "250 2.1.5 OK"],
            ["RCPT TO:<tls-rpt@sov.test>", "250 2.1.5 OK"],
            ["RCPT TO:<Postmaster>", "550 5.1.2 Relay not allowed."],
            ["RCPT TO:<postmaster>", "550 5.1.2 Relay not allowed."],
            ["RCPT TO:<nobody@sov.test>", "550 5.1.2 Mailbox does not exist."],
            ["RCPT TO:<noreply+x@sov.test>", "451 4.3.0 Too many errors, disconnecting."],
            ["QUIT", ""],
        ];
        for (const [line, reply] of dialogue) assert.equal(await client.say(line), reply, line);
    });

    it("learns the client's address from the load balancer, in both versions of the header", async () => {
        const version2 = Buffer.concat([
            Buffer.from("\r\n\r\n\0\r\nQUIT\n"),
            Buffer.from([0x21, 0x11, 0, 12, 203, 0, 113, 9, 10, 0, 0, 254, 0x9c, 0x40, 0, 25]),
        ]);
        const seen = [];
        for (const header of ["PROXY TCP4 203.0.113.8 10.0.0.254 40000 25\r\n", version2]) {
            const client = await SmtpClient.connect(host, 25 + OFFSET, header, balancer);
            assert.equal(await client.reply(), GREETING);
            await client.say("EHLO sender.ext.test");
            await client.say("MAIL FROM:<>");
            await client.say("RCPT TO:<noreply@sov.test>");
            assert.match(await client.say("DATA"), /^354 /);
            assert.match(await client.say("Subject: bounce\r\n\r\ntext\r\n."), /^250 2\.0\.0 /);
            client.close();
            const { envelope } = (await spool.messages()).at(-1) ?? {};
            seen.push([envelope?.remoteAddress, envelope?.ehlo, envelope?.mailFrom]);
        }
        assert.deepEqual(seen, [
            ["203.0.113.8", "sender.ext.test", ""],
            ["203.0.113.9", "sender.ext.test", ""],
        ]);
    });

    it("hangs up on the load balancer without a header, and takes no header from anyone else", async () => {
        const missing = await SmtpClient.connect(
            host,
            25 + OFFSET,
            "EHLO client.test\r\n",
            balancer,
        );
        assert.equal(await missing.reply(), "");
        const direct = await SmtpClient.connect(host, 25 + OFFSET);
        assert.equal(await direct.reply(), GREETING);
        direct.close();
        const foreign = await SmtpClient.connect(
            pod,
            25 + OFFSET,
            "PROXY TCP4 203.0.113.8 10.0.0.254 40000 25\r\n",
        );
        const first = await foreign.reply();
        // Whether the greeting was out when the header came is up to the scheduler.
        const reply = first === GREETING ? await foreign.reply() : first;
        assert.match(reply, /^(421 mail\.sov\.test You talk too soon|500 .*not recognized)$/);
        foreign.close();
    });

    it("opens nothing on the node that has no host port", async () => {
        for (const port of [587 + OFFSET, 465 + OFFSET, 8080])
            await assert.rejects(SmtpClient.connect(host, port), { code: "ECONNREFUSED" });
    });

    it("keeps a message from a real client as it was but for what it puts in front, with its envelope", async () => {
        const transport = createTransport({
            host: pod,
            port: 587 + OFFSET,
            requireTLS: true,
            auth: { user: "noreply@sov.test", pass: PASSWORD },
            tls: { rejectUnauthorized: false, servername: "mail.sov.test" },
            name: "console.sov.test",
        });
        const raw =
            "From: noreply@sov.test\r\nTo: joe@ext.test\r\nSubject: PIN\r\n\r\n..123456\r\n";
        await transport.sendMail({
            envelope: { from: "noreply@sov.test", to: ["joe@ext.test"] },
            raw,
        });
        transport.close();
        const { envelope, message } = (await spool.messages()).at(-1) ?? {};
        const kept = message?.toString() ?? "";
        assert.ok(kept.endsWith(raw), kept);
        const added = kept.slice(0, -raw.length);
        assert.deepEqual(headerNames(Buffer.from(added)), ["dkim-signature", "message-id", "date"]);
        assert.deepEqual(
            { ...envelope, id: undefined, receivedAt: undefined, remoteAddress: undefined },
            {
                id: undefined,
                receivedAt: undefined,
                remoteAddress: undefined,
                listener: "submission",
                ehlo: "console.sov.test",
                tls: true,
                user: "noreply@sov.test",
                mailFrom: "noreply@sov.test",
                rcptTo: ["joe@ext.test"],
            },
        );
    });

    it("serves health and the MTA-STS policy, and nothing that the plan closes", async () => {
        const base = `http://${pod}:8080`;
        for (const path of ["/healthz/live", "/healthz/ready"])
            assert.equal((await fetch(base + path)).status, 200);
        const policy = await fetch(`${base}/.well-known/mta-sts.txt`);
        assert.equal(
            await policy.text(),
            "version: STSv1\r\nmode: enforce\r\nmx: mx.sov.test\r\nmax_age: 604800\r\n",
        );
        for (const path of ["/login", "/", "/admin"])
            assert.equal((await fetch(base + path)).status, 404, path);
        assert.equal((await fetch(`${base}/jmap/`, { method: "POST" })).status, 501);
    });

    it("counts what it did, openly", async () => {
        const metrics = await fetch(`http://${pod}:8080/metrics/prometheus`);
        assert.equal(metrics.status, 200);
        const lines = (await metrics.text()).split("\n").filter((line) => !line.startsWith("#"));
        for (const name of [
            "auth_failed",
            "auth_success",
            "queue_authenticated_message_queued",
            "queue_message_queued",
        ])
            assert.ok(
                lines.some((line) => new RegExp(`^${name} [1-9]\\d*$`).test(line)),
                lines.join("\n"),
            );
    });
});
