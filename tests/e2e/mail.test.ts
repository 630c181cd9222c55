/**
 * Proves on the real engine and a lab of its own that a message submitted with the credentials of the platform's Secret reaches a
 * mailbox provider that finds nothing wrong with it, that nobody else can send, and that mail from outside arrives through the load
 * balancer with its sender's address. The mail server is the lab's stand-in, whose dialogues were observed on the real one; this does
 * not prove what Gmail decides.
 */
import assert from "node:assert/strict";
import { createTransport } from "nodemailer";
import { NAMESPACES } from "../../components/names.ts";
import { labPort } from "../../lab/addresses.ts";
import { Spool } from "../../lab/mail/spool.ts";
import { spoolDirectory } from "../../lab/mail/stalwartStandIn.ts";
import { MAILBOX_HOST } from "../../lab/powerdns/world.ts";
import { plain, SmtpClient } from "../lab/mail/smtpClient.ts";
import { eventually } from "../support/eventually.ts";
import type { TestLab } from "../support/toolchain.ts";
import { received, submissionOf } from "./mailbox.ts";
import type { Submission } from "./mailbox.ts";
import { FQDN, WHOLE_STACK, readOutputs, startSovereignLab, up } from "./sovereignLab.ts";
import type { Outputs } from "./sovereignLab.ts";

describe("mail of a Sovereign", function () {
    this.timeout(WHOLE_STACK);
    let lab: TestLab;
    let outputs: Outputs;
    let submission: Submission;

    before(async () => {
        const started = await startSovereignLab();
        lab = started.lab;
        await up(started.stack);
        outputs = await readOutputs(started.stack);
        submission = await submissionOf(outputs.cluster.kubeconfig);
    });

    after(() => lab.stop());

    const port = (of: number) => labPort(of, lab.context.addresses.portOffset);

    /** A message as the console writes it: without Date and Message-ID. */
    const message = (to: string) =>
        [`From: noreply@${FQDN}`, `To: ${to}`, "Subject: Your PIN", "", "123456", ""].join("\r\n");

    function transport(password = submission.password) {
        return createTransport({
            host: submission.address,
            port: port(587),
            name: "catalyst-api",
            requireTLS: true,
            auth: { user: submission.user, pass: password },
            tls: { servername: submission.smtpHost, ca: outputs.mail.authorityCertificate },
        });
    }

    it("reaches a mailbox provider, and nothing is wrong with it", async () => {
        const to = "jane@mailbox.example";
        const client = transport();
        await client.sendMail({
            envelope: { from: `noreply@${FQDN}`, to: [to] },
            raw: message(to),
        });
        client.close();
        const [arrived] = await eventually(
            "the message",
            async () => {
                const messages = await received(lab, to);
                assert.equal(messages.length, 1);
                return messages;
            },
            { timeout: 60_000 },
        );
        assert.ok(arrived);
        const { verdict, remoteAddress, ehlo, tls, mailFrom } = arrived;
        assert.ok(outputs.mail.egressIpv4.includes(remoteAddress), remoteAddress);
        assert.deepEqual(
            { ehlo, tls, mailFrom },
            { ehlo: outputs.mail.host, tls: "TLSv1.3", mailFrom: `noreply@${FQDN}` },
        );
        assert.deepEqual(verdict, {
            reverse: { names: [outputs.mail.host], confirmed: true, matchesEhlo: true },
            spf: { result: "pass", domain: FQDN, aligned: true },
            dkim: [
                {
                    result: "pass",
                    domain: FQDN,
                    selector: "r1",
                    algorithm: "rsa-sha256",
                    aligned: true,
                },
            ],
            dmarc: { result: "pass", policy: "quarantine", testing: true },
            fields: { from: 1, date: 1, "message-id": 1, subject: 1 },
        });
    });

    it("is taken from nobody with a wrong password", async () => {
        const client = transport(`${submission.password}x`);
        await assert.rejects(
            client.sendMail({
                envelope: { from: `noreply@${FQDN}`, to: ["jane@mailbox.example"] },
                raw: message("jane@mailbox.example"),
            }),
            { responseCode: 535, response: "535 5.7.8 Authentication credentials invalid." },
        );
        client.close();
    });

    it("is taken in the name of nobody else", async () => {
        const client = transport();
        for (const from of [`postmaster@${FQDN}`, "someone@mailbox.example"])
            await assert.rejects(
                client.sendMail({
                    envelope: { from, to: ["jane@mailbox.example"] },
                    raw: message("jane@mailbox.example"),
                }),
                {
                    responseCode: 501,
                    response: "501 5.5.4 You are not allowed to send from this address.",
                },
            );
        client.close();
    });

    /** A conversation with the MX through the load balancer, from the mailbox provider's address. */
    async function fromOutside(): Promise<SmtpClient> {
        const client = await SmtpClient.connect(
            outputs.cloud.loadBalancerIpv4,
            port(25),
            undefined,
            lab.context.addresses.mailbox.host,
        );
        assert.equal(
            await client.reply(),
            `220 ${outputs.mail.host} Stalwart ESMTP at your service`,
        );
        await client.say(`EHLO ${MAILBOX_HOST}`);
        return client;
    }

    it("is not relayed for strangers, with or without credentials", async () => {
        const client = await fromOutside();
        await client.say("STARTTLS");
        await client.startTls(outputs.mail.mxHost);
        await client.say(`EHLO ${MAILBOX_HOST}`);
        assert.equal(
            await client.say(`AUTH PLAIN ${plain(submission.user, submission.password)}`),
            "503 5.5.1 AUTH not allowed.",
        );
        assert.equal(await client.say("MAIL FROM:<a@mailbox.example>"), "250 2.1.0 OK");
        assert.equal(
            await client.say("RCPT TO:<jane@mailbox.example>"),
            "550 5.1.2 Relay not allowed.",
        );
        client.close();
    });

    it("comes in through the load balancer with its sender's address, bounces too", async () => {
        const client = await fromOutside();
        await client.say("MAIL FROM:<>");
        assert.equal(await client.say(`RCPT TO:<noreply@${FQDN}>`), "250 2.1.5 OK");
        assert.match(await client.say("DATA"), /^354 /);
        assert.match(
            await client.say("Subject: Delivery Status Notification\r\n\r\nfailed\r\n."),
            /^250 2\.0\.0 /,
        );
        client.close();
        const spool = new Spool(
            spoolDirectory(lab.context.directory, NAMESPACES.mail, "stalwart-0"),
        );
        const { envelope } = (await spool.messages()).at(-1) ?? {};
        assert.deepEqual(
            {
                listener: envelope?.listener,
                remoteAddress: envelope?.remoteAddress,
                mailFrom: envelope?.mailFrom,
                rcptTo: envelope?.rcptTo,
            },
            {
                listener: "smtp",
                remoteAddress: lab.context.addresses.mailbox.host,
                mailFrom: "",
                rcptTo: [`noreply@${FQDN}`],
            },
        );
    });
});
