/**
 * Proves on the real engine and a lab of its own that a DKIM rotation goes through its steps by updates alone, that a preview refuses
 * the switch and the revocation before their time, and that at every moment, also during the updates, each key that the mail server
 * has to sign with is published at every name server, and every message that flows meanwhile verifies at a mailbox provider. It does
 * not prove that other receivers agree.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { rotation } from "../../lab/commands/dkim/rotation.ts";
import { lookAtSelectors, selectorLives, unverifiable } from "../../lab/commands/dkim/signing.ts";
import type { MailDomain } from "../../lab/commands/dkim/signing.ts";
import { devStack } from "../../lab/commands/workspace.ts";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { activeFrom, revocableFrom } from "../../provider/mail/selectorLife.ts";
import type { RotationTimes } from "../../provider/mail/selectorLife.ts";
import { eventually } from "../support/eventually.ts";
import { testToolchain } from "../support/toolchain.ts";
import type { TestLab } from "../support/toolchain.ts";
import { arrivals, startMailFlow } from "./mailFlow.ts";
import { FQDN, WHOLE_STACK, readOutputs, startSovereignLab, succeeds, up } from "./sovereignLab.ts";

/** Seconds that are waited for. */
const TIMES = { ttl: 2, signatureLifetime: 2 };

/** Seconds that no test waits for: with these, each step comes too early. */
const LONG: RotationTimes = { ttl: 86_400, signatureLifetime: 2_592_000 };

describe("a DKIM rotation", function () {
    this.timeout(2 * WHOLE_STACK);
    let lab: TestLab;
    let stack: PulumiCli;
    let domain: MailDomain;
    let authority: string;
    const steps = rotation([{ selector: "r1", algorithm: "rsa2048", state: "active" }], ["r1"]);

    before(async () => {
        ({ lab, stack } = await startSovereignLab());
        await up(await configured(0));
        const { nameServers, dnsPort: port } = lab.context.addresses;
        const { cluster, mail } = await readOutputs(stack);
        authority = mail.authorityCertificate;
        domain = {
            fqdn: FQDN,
            kubeconfig: cluster.kubeconfig,
            nameServers: nameServers.map((address) => ({ address, port })),
        };
    });

    after(() => lab.stop());

    async function configured(step: number, times: RotationTimes = TIMES): Promise<PulumiCli> {
        return await devStack(await testToolchain(), lab.context, {
            certificateIssuer: "none",
            dkim: steps[step]?.selectors,
            dkimTtl: times.ttl,
            dkimSignatureLifetime: times.signatureLifetime,
        });
    }

    /** Takes the step while the world is watched; resolves to what is published and signs afterwards. */
    async function take(step: number): Promise<Record<string, string>> {
        const done = new AbortController();
        const name = `step${step}`;
        const flow = startMailFlow(lab, { kubeconfig: domain.kubeconfig, authority, name });
        const watched = watch(domain, done.signal);
        try {
            await succeeds(await configured(step), "up", "--yes", "--suppress-outputs");
            const already = flow.accepted();
            await eventually("a message after the step", () => {
                assert.ok(flow.accepted() > already);
            });
        } finally {
            done.abort();
        }
        const last = (await flow.stop()).filter(({ accepted }) => accepted).at(-1);
        const { looks, problems } = await watched;
        assert.ok(looks > 0, "nobody looked");
        assert.deepEqual(problems, []);
        await allVerify(name, last?.subject ?? "");
        return await summary(domain);
    }

    /** Waits for the last message of a flow; the signatures of all that came before it must have passed as well. */
    async function allVerify(name: string, last: string): Promise<void> {
        await eventually("the last message", async () => {
            const arrived = await arrivals(lab, name);
            assert.ok(arrived.has(last));
            for (const [subject, { verdict }] of arrived)
                assert.deepEqual(
                    [verdict.dkim.map(({ result }) => result), verdict.dmarc.result],
                    [["pass"], "pass"],
                    subject,
                );
        });
    }

    async function refused(step: number): Promise<string> {
        const { exitCode, stdout, stderr } = await (await configured(step, LONG)).run(["preview"]);
        assert.notEqual(exitCode, 0, "the preview took a step before its time");
        return `${stdout}\n${stderr}`.replace(/\s+/g, " ");
    }

    const life = async (selector: string) => {
        const found = (await selectorLives(stack)).find((l) => l.selector === selector);
        assert.ok(found, selector);
        return found;
    };

    const passed = async (time: Date | undefined): Promise<void> => {
        assert.ok(time);
        await eventually(
            "the time of the step",
            () => {
                assert.ok(time.getTime() <= Date.now());
            },
            { timeout: 120_000, interval: 500 },
        );
    };

    it("begins with one key that is published and signs", async () => {
        assert.deepEqual(await summary(domain), { r1: "published, signs", r2: "no record" });
    });

    it("publishes the new key before it signs", async () => {
        assert.deepEqual(await take(1), { r1: "published, signs", r2: "published" });
    });

    it("refuses the switch before receivers can know the key, then takes it", async () => {
        assert.match(
            await refused(2),
            /selector r2 cannot go from pending to active yet: .* Possible from \S+Z on; .* `pulumi config set --path 'dkim\[1\]\.state' pending`/,
        );
        await passed(activeFrom(await life("r2"), TIMES));
        assert.deepEqual(await take(2), { r1: "published", r2: "published, signs" });
    });

    it("refuses to revoke the old key while its mail may be on its way, then does it", async () => {
        assert.match(await refused(3), /selector r1 cannot go from retiring to revoked yet: /);
        await passed(revocableFrom(await life("r1"), TIMES));
        assert.deepEqual(await take(3), { r1: "empty", r2: "published, signs" });
    });

    it("takes the old selector out, and lets nobody take its name again", async () => {
        assert.deepEqual(await take(4), { r1: "no record", r2: "published, signs" });
        assert.match(await refused(0), /selector r1 was in use until .* cannot be taken up again/);
    });
});

/** Looks again and again until it is told to stop. */
async function watch(
    domain: MailDomain,
    stop: AbortSignal,
): Promise<{ readonly looks: number; readonly problems: string[] }> {
    const problems = new Set<string>();
    let looks = 0;
    while (!stop.aborted) {
        const never = new AbortController().signal;
        for (const problem of unverifiable(await lookAtSelectors(domain, ["r1", "r2"], never)))
            problems.add(problem);
        looks++;
        await delay(200);
    }
    return { looks, problems: [...problems] };
}

async function summary(domain: MailDomain): Promise<Record<string, string>> {
    const sights = await lookAtSelectors(domain, ["r1", "r2"], new AbortController().signal);
    assert.deepEqual(unverifiable(sights), []);
    return Object.fromEntries(
        sights.map(({ selector, published, signsWith }) => {
            assert.equal(new Set(published).size, 1, `${selector} differs between name servers`);
            const [value] = published;
            const state =
                value === undefined ? "no record" : value.endsWith("p=") ? "empty" : "published";
            return [selector, signsWith === undefined ? state : `${state}, signs`];
        }),
    );
}
