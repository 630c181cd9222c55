// Proves that the lab's mail server keeps the limits of the plan as the real one was observed to: messages of one sender to one
// recipient, and connections of one address to port 25. Does not prove bans, which it does not play.
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { labAddresses, podAddress } from "../../../lab/addresses.ts";
import { LabDns } from "../../../lab/mail/labDns.ts";
import { RateLimiter } from "../../../lab/mail/rateLimiter.ts";
import { stalwartStandIn } from "../../../lab/mail/stalwartStandIn.ts";
import { claimLabInstance, type LabInstance } from "../../support/labInstance.ts";
import { mailSpec, mountedFiles, PASSWORD, podView } from "./mailPod.ts";
import { plain, SmtpClient } from "./smtpClient.ts";

const OFFSET = 20_000;
const GREETING = "220 mail.sov.test Stalwart ESMTP at your service";

describe("the limits of the lab's mail server", () => {
    let lab: LabInstance;
    let pod: string;
    let stop: () => Promise<void>;

    before(async () => {
        lab = await claimLabInstance();
        const host = labAddresses(lab.instance).hostRange.first;
        pod = podAddress(host);
        const standIn = stalwartStandIn({
            directory: lab.directory,
            portOffset: OFFSET,
            // Nobody answers there, and nothing is sent.
            dns: new LabDns({ nameServers: ["127.0.0.1", "127.0.0.1"], dnsPort: 1 }),
            authorities: () => [],
            errorDelay: 0,
        });
        stop = await standIn.start(podView(host, await mountedFiles(mailSpec())));
    });
    after(async () => {
        await stop();
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

    it("slide: what is older than the period no longer counts, each key for itself", () => {
        let now = 0;
        const limiter = new RateLimiter(2, 1000, () => now);
        const at = (time: number, key: string) => {
            now = time;
            return limiter.allow(key);
        };
        assert.deepEqual(
            [at(0, "a"), at(600, "a"), at(999, "a"), at(999, "b"), at(1000, "a"), at(1001, "a")],
            [true, true, false, true, true, false],
        );
    });

    it("takes sixty messages an hour for one recipient, not one more", async () => {
        const client = await submission();
        await client.say(`AUTH PLAIN ${plain("noreply@sov.test", PASSWORD)}`);
        const replies = [];
        for (let message = 0; message < 61; message++) {
            await client.say("MAIL FROM:<noreply@sov.test>");
            replies.push(await client.say("RCPT TO:<often@ext.test>"));
            await client.say("RSET");
        }
        assert.deepEqual(new Set(replies.slice(0, 60)), new Set(["250 2.1.5 OK"]));
        assert.equal(replies[60], "452 4.4.5 Rate limit exceeded, try again later.");
        await client.say("MAIL FROM:<noreply@sov.test>");
        assert.equal(await client.say("RCPT TO:<rarely@ext.test>"), "250 2.1.5 OK");
        client.close();
    });

    it("closes more than five connections a second from one address on 25", async () => {
        const own = labAddresses(lab.instance).hostRange.last;
        const clients = await Promise.all(
            Array.from({ length: 7 }, () => SmtpClient.connect(pod, 25 + OFFSET, undefined, own)),
        );
        const greetings = await Promise.all(clients.map((client) => client.reply()));
        for (const client of clients) client.close();
        assert.deepEqual(greetings.sort(), ["", "", ...Array<string>(5).fill(GREETING)]);
    });
});
