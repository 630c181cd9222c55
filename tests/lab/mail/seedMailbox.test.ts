// Proves that the doctor finds a message in a mailbox of its owner's by a real IMAP client, in the inbox or in junk, that it judges it
// from what the receiver wrote on top of it as the receiver did, and what it says where it cannot look. The IMAP server is the
// lab's; it does not prove that Gmail's has no other habits.
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { createTransport } from "nodemailer";
import { labPort } from "../../../lab/addresses.ts";
import { MAILBOX_PASSWORD } from "../../../lab/mail/mailbox/imap.ts";
import { MAILBOX_HOST } from "../../../lab/powerdns/world.ts";
import { receiverProblems, verdictProblems } from "../../../operations/doctor/checks/delivery.ts";
import { doctorDns } from "../../../operations/doctor/dns.ts";
import { seedMailbox, witnessIn } from "../../../operations/doctor/seedMailbox.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "./mailPod.ts";
import { DOMAIN, startMailWorld, type MailWorld } from "./mailWorld.ts";

describe("a seed mailbox", function () {
    this.timeout(60_000);
    let world: MailWorld;

    before(async () => {
        world = await startMailWorld();
    });
    after(() => world.stop());

    const port = (of: number) => labPort(of, world.lab.context.addresses.portOffset);

    function mailbox(address: string, password = MAILBOX_PASSWORD) {
        return seedMailbox({
            address,
            password,
            host: world.lab.context.addresses.mailbox.host,
            port: port(993),
            servername: MAILBOX_HOST,
            authority: world.publicAuthority,
            timeout: 5_000,
        });
    }

    async function submit(to: string, subject: string): Promise<void> {
        const transport = createTransport({
            host: world.pod,
            port: port(587),
            requireTLS: true,
            auth: { user: `noreply@${DOMAIN}`, pass: PASSWORD },
            tls: { rejectUnauthorized: false },
        });
        const raw = [`From: noreply@${DOMAIN}`, `To: ${to}`, `Subject: ${subject}`, "", "x", ""];
        await transport.sendMail({
            envelope: { from: `noreply@${DOMAIN}`, to: [to] },
            raw: raw.join("\r\n"),
        });
        transport.close();
    }

    async function found(address: string, subject: string) {
        await submit(address, subject);
        return await eventually(`${subject} in ${address}`, async () => {
            const message = await mailbox(address).find(subject);
            assert.ok(message);
            return message;
        });
    }

    it("shows a message, its folder and what its receiver says of it", async () => {
        const message = await found("jane@mailbox.example", "a seed of today");
        assert.deepEqual([message.folder, message.junk], ["INBOX", false]);
        assert.deepEqual(receiverProblems(message), []);
        assert.equal(await mailbox("jane@mailbox.example").find("another one"), undefined);
        assert.equal(await mailbox("joe@mailbox.example").find("a seed of today"), undefined);
    });

    it("lets the doctor judge the message as its receiver did", async () => {
        const { nameServers, dnsPort } = world.lab.context.addresses;
        const dns = doctorDns({
            nameServers: [],
            resolvers: nameServers.map((address) => `${address}:${dnsPort}`),
        });
        const subject = "a seed to judge";
        await found("judy@mailbox.example", subject);
        const judged = await witnessIn(mailbox("judy@mailbox.example"), dns).find(subject);
        const [received] = await world.received("judy@mailbox.example");
        assert.ok(judged && received);
        assert.equal(judged.remoteAddress, world.egress);
        assert.deepEqual(judged.verdict, received.verdict);
        assert.deepEqual(verdictProblems(judged, DOMAIN), []);
    });

    it("says where the receiver calls it junk, or has nothing to say", async () => {
        const message = await found("suspicious@mailbox.example", "a seed in junk");
        assert.deepEqual([message.folder, message.junk], ["Junk", true]);
        assert.deepEqual(receiverProblems(message), ["the message lies in Junk"]);
        assert.deepEqual(
            receiverProblems({
                folder: "INBOX",
                junk: false,
                source: Buffer.from(
                    "Authentication-Results: mx.test; spf=fail;\r\n dkim=pass\r\n\r\nx",
                ),
            }),
            [
                "the receiver does not say spf=pass: mx.test; spf=fail; dkim=pass",
                "the receiver does not say dmarc=pass: mx.test; spf=fail; dkim=pass",
            ],
        );
    });

    it("is not looked into with a wrong password", async () => {
        await assert.rejects(mailbox("jane@mailbox.example", "wrong").find("x"));
    });
});
