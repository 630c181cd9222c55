// Proves on the lab's real DNS that the lab's mail server completes, signs and delivers what is submitted, from the node's address,
// so that a large receiver finds nothing wrong with it; that it reports what it cannot deliver; and that credentials of a smart host
// go over verified TLS only. Does not prove what the real server does, which was observed elsewhere (facts of 0.16.19).
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { createTransport } from "nodemailer";
import type { StalwartSpec } from "../../../components/mail/stalwartSpec.ts";
import { stalwartPlanFiles } from "../../../components/mail/stalwartPlan.ts";
import { labPort } from "../../../lab/addresses.ts";
import { issueLeaf } from "../../../lab/machines/control/pki.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "./mailPod.ts";
import { DOMAIN, startMailWorld, worldSpec, type MailWorld } from "./mailWorld.ts";
import { startRelay, type RelayOptions } from "./relay.ts";

const RELAY = "smtp.relay.sov.example";
const RELAY_LOGIN = { user: "sovereign", pass: "relay-of-the-tests" };

describe("mail that leaves the lab's mail server", function () {
    this.timeout(60_000);
    let world: MailWorld;
    let cleanUp: (() => Promise<void>)[] = [];

    before(async () => {
        world = await startMailWorld();
    });
    afterEach(async () => {
        for (const each of cleanUp) await each();
        cleanUp = [];
    });
    after(() => world.stop());

    /** Submits a message as a client in the cluster does. */
    async function submit(to: readonly string[], message: readonly string[]): Promise<void> {
        const { portOffset } = world.lab.context.addresses;
        const transport = createTransport({
            host: world.pod,
            port: labPort(587, portOffset),
            requireTLS: true,
            auth: { user: `noreply@${DOMAIN}`, pass: PASSWORD },
            tls: { rejectUnauthorized: false },
            name: "console",
        });
        await transport.sendMail({
            envelope: { from: `noreply@${DOMAIN}`, to: [...to] },
            raw: [...message, ""].join("\r\n"),
        });
        transport.close();
    }

    const bare = [`From: noreply@${DOMAIN}`, "To: x@mailbox.example", "Subject: PIN", "", "123456"];

    async function arrives(address: string) {
        await eventually(`mail to ${address}`, async () => {
            assert.equal((await world.received(address)).length, 1, world.messages.join("\n"));
        });
        const [message] = await world.received(address);
        assert.ok(message);
        return message;
    }

    it("passes all checks of a large receiver", async () => {
        await submit(["jane@mailbox.example"], bare);
        const { verdict, remoteAddress, ehlo, tls, mailFrom } =
            await arrives("jane@mailbox.example");
        assert.deepEqual(
            { remoteAddress, ehlo, tls, mailFrom },
            {
                remoteAddress: world.egress,
                ehlo: `mail.${DOMAIN}`,
                tls: "TLSv1.3",
                mailFrom: `noreply@${DOMAIN}`,
            },
        );
        const signature = { result: "pass", domain: DOMAIN, aligned: true };
        assert.deepEqual(verdict, {
            reverse: { names: [`mail.${DOMAIN}`], confirmed: true, matchesEhlo: true },
            spf: { result: "pass", domain: DOMAIN, aligned: true },
            dkim: [
                { ...signature, selector: "r202611", algorithm: "rsa-sha256" },
                { ...signature, selector: "e202611", algorithm: "ed25519-sha256" },
            ],
            dmarc: { result: "pass", policy: "reject", testing: false },
            fields: { from: 1, date: 1, "message-id": 1, subject: 1 },
        });
    });

    it("keeps a Date and a Message-ID that are there", async () => {
        const own = ["Date: Tue, 24 Nov 2026 03:00:00 +0000", "message-id: <own@console>"];
        await submit(["own@mailbox.example"], [...own, ...bare]);
        const { message, verdict } = await arrives("own@mailbox.example");
        assert.ok(message.includes("Date: Tue, 24 Nov 2026 03:00:00 +0000\r\n"), message);
        assert.ok(message.includes("message-id: <own@console>\r\n"), message);
        assert.deepEqual([verdict.fields.date, verdict.fields["message-id"]], [1, 1]);
        assert.equal(verdict.dmarc.result, "pass");
    });

    it("fails the checks whose record is missing or wrong", async () => {
        await world.set(DOMAIN, "TXT", '"v=spf1 -all"');
        await world.set(`r202611._domainkey.${DOMAIN}`, "TXT", '"v=DKIM1; k=rsa; p="');
        try {
            await submit(["wrong@mailbox.example"], bare);
            const { verdict } = await arrives("wrong@mailbox.example");
            assert.deepEqual(
                [verdict.spf.result, verdict.dkim.map(({ result }) => result)],
                ["fail", ["neutral", "pass"]],
            );
        } finally {
            await world.set(DOMAIN, "TXT", `"v=spf1 a:mail.${DOMAIN} -all"`);
        }
    });

    it("comes back as a bounce to its sender when the recipient is refused", async () => {
        await submit(["refused@mailbox.example", "kept@mailbox.example"], bare);
        await arrives("kept@mailbox.example");
        await eventually("the bounce", async () => {
            const last = (await world.spool.messages()).at(-1);
            assert.deepEqual(
                [last?.envelope.mailFrom, last?.envelope.rcptTo],
                ["", [`noreply@${DOMAIN}`]],
            );
            const text = last?.message.toString() ?? "";
            for (const part of [
                "Content-Type: multipart/report; report-type=delivery-status",
                "Auto-Submitted: auto-generated",
                "Final-Recipient: rfc822;refused@mailbox.example",
                "Status: 5.1.1",
                "Remote-MTA: dns;mx.mailbox.example",
                "Subject: PIN",
            ])
                assert.ok(text.includes(part), `${part}\n${text}`);
            assert.ok(!text.includes("kept@mailbox.example"), text);
        });
    });

    it("comes back when nobody takes mail for the domain", async () => {
        await submit([`joe@nobody.example`], bare);
        await eventually("the bounce", async () => {
            const text = (await world.spool.messages()).at(-1)?.message.toString() ?? "";
            assert.ok(text.includes("Final-Recipient: rfc822;joe@nobody.example"), text);
        });
    });

    it("is tried again when it is deferred", async () => {
        await submit(["deferred@mailbox.example"], bare);
        await arrives("deferred@mailbox.example");
        assert.ok(
            world.messages.some((line) => line.includes("451 4.7.1 Greylisted")),
            world.messages.join("\n"),
        );
    });

    it("reaches a server with a bad certificate at the second attempt, as other servers do", async () => {
        const relay = await elsewhere(`mx.other.${DOMAIN}`, { port: 25 });
        await world.set(`other.${DOMAIN}`, "MX", `10 mx.other.${DOMAIN}.`);
        await submit([`joe@other.${DOMAIN}`], bare);
        await eventually("delivery", () => {
            assert.deepEqual(
                relay.log.delivered.map(({ to, secure }) => ({ to, secure })),
                [{ to: [`joe@other.${DOMAIN}`], secure: true }],
            );
        });
        assert.ok(
            world.messages.some((line) => line.startsWith("mail: deferred: joe@other.")),
            world.messages.join("\n"),
        );
    });

    /** Starts a server of somebody else's at an address of its own, known to DNS by name. */
    async function elsewhere(
        name: string,
        options: Omit<RelayOptions, "host" | "name">,
    ): ReturnType<typeof startRelay> {
        const { prefix, portOffset } = world.lab.context.addresses;
        const host = `${prefix}.100.1`;
        const port = labPort(options.port, portOffset);
        const relay = await startRelay({ ...options, host, port, name });
        cleanUp.push(() => relay.stop());
        await world.set(name, "A", host);
        return relay;
    }

    describe("through a smart host", () => {
        // A server of its own for each case: nothing that another one left waiting is tried again.
        beforeEach(async () => {
            const spec: StalwartSpec = {
                ...worldSpec(),
                relay: {
                    host: RELAY,
                    port: 587,
                    username: RELAY_LOGIN.user,
                    passwordFile: "/relay/password",
                },
            };
            const files = new Map(world.files);
            for (const path of [...files.keys()]) if (path.startsWith("/plan/")) files.delete(path);
            for (const [name, text] of Object.entries(stalwartPlanFiles(spec)))
                files.set(`/plan/${name}`, text);
            files.set("/relay/password", RELAY_LOGIN.pass);
            await world.serve(files);
        });

        it("logs in over verified TLS", async () => {
            const relay = await elsewhere(RELAY, {
                port: 587,
                login: RELAY_LOGIN,
                certificate: await issueLeaf(world.authority, {
                    commonName: RELAY,
                    altNames: [RELAY],
                    usages: ["server"],
                }),
            });
            await submit(["jane@mailbox.example"], bare);
            await eventually("delivery", () => {
                assert.equal(relay.log.delivered.length, 1, world.messages.join("\n"));
            });
            assert.deepEqual(relay.log.logins, [{ user: "sovereign", secure: true }]);
            assert.ok(relay.log.delivered[0]?.text.startsWith("DKIM-Signature: "));
        });

        for (const [what, options] of [
            ["whose certificate nobody vouches for", {}],
            ["without STARTTLS", { startTls: false }],
        ] as const)
            it(`sends neither credentials nor mail to a host ${what}`, async () => {
                const relay = await elsewhere(RELAY, {
                    port: 587,
                    login: RELAY_LOGIN,
                    ...options,
                });
                const before = attempts();
                await submit(["jane@mailbox.example"], bare);
                await eventually("three attempts", () => {
                    assert.ok(attempts() >= before + 3, world.messages.join("\n"));
                });
                assert.deepEqual(relay.log, { logins: [], delivered: [] });
            });
    });

    function attempts(): number {
        return world.messages.filter((line) => line.startsWith("mail: deferred: jane@")).length;
    }
});
