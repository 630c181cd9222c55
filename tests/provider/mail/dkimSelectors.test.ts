// Proves, with the real plugin process and the real PowerDNS: a DKIM rotation goes through its steps, each recorded with its time; what
// is illegal or too early is refused by the call that a preview makes, and a key signs only after every name server answered with it.
// Does not prove that the mail server follows: the end-to-end tests run a whole rotation.
import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import { ProviderClient, unknown, type Props } from "../support/client.ts";
import type { Resource } from "../support/client.ts";
import { NameServer } from "../support/nameServer.ts";
import { PowerDnsLab } from "../support/powerDnsLab.ts";
import { failedCall, refusal } from "../support/refusal.ts";

const TYPE = "sovereign:mail:DkimSelectors";
const ZONE = "rotation.example.";

/** As long as the record of an RSA key of 2048 bits: two character-strings. */
const keyOf = (selector: string): string =>
    `v=DKIM1; k=rsa; h=sha256; p=${selector}${"A".repeat(390)}`;
const NO_KEY = "v=DKIM1; k=rsa; p=";

const quoted = (text: string): string =>
    (text.match(/.{1,255}/g) ?? []).map((part) => `"${part}"`).join(" ");

interface Life {
    readonly selector: string;
    readonly state: string;
    readonly publishedAt?: string;
    readonly lastSignatureAt?: string;
}

const livesOf = (resource: Resource): readonly Life[] => resource.state.lives as Life[];

/** `r1:active r2:pending`. */
const statesOf = (resource: Resource): string =>
    livesOf(resource)
        .map(({ selector, state }) => `${selector}:${state}`)
        .join(" ");

describe("sovereign:mail:DkimSelectors", function () {
    this.timeout(90_000);
    let lab: PowerDnsLab;
    let second: NameServer;
    let provider: ProviderClient;

    before(async () => {
        lab = await PowerDnsLab.start();
        await lab.foreignZone(ZONE);
    });
    after(() => lab.stop());
    beforeEach(async () => {
        const { addresses } = lab.lab.context;
        second = await NameServer.start(secondAddress(), addresses.dnsPort);
        provider = await ProviderClient.start(lab.config());
    });
    afterEach(async () => {
        await provider.stop();
        second.stop();
        for (const selector of ["r1", "r2"]) await withdraw(selector);
    });

    /** An address of the lab that none of its parts uses. */
    const secondAddress = (): string =>
        lab.lab.context.addresses.nameServers[0].replace(/\.\d+\.\d+$/, ".250.53");

    /** Publishes the selectors at both name servers, or at PowerDNS alone. */
    async function publish(
        values: Readonly<Record<string, string>>,
        { everywhere = true } = {},
    ): Promise<void> {
        for (const [selector, value] of Object.entries(values)) {
            const name = `${selector}._domainkey.${ZONE}`;
            const records = [{ content: quoted(value) }];
            await lab.patch(ZONE, { name, type: "TXT", changetype: "REPLACE", ttl: 1, records });
            if (everywhere) second.texts.set(name.slice(0, -1), [value]);
        }
    }

    async function withdraw(selector: string): Promise<void> {
        const name = `${selector}._domainkey.${ZONE}`;
        await lab.patch(ZONE, { name, type: "TXT", changetype: "DELETE" });
    }

    /** `program("r1:active", "r2:pending")`. */
    function program(selectors: readonly string[], more: Props = {}): Props {
        return {
            zone: ZONE.slice(0, -1),
            selectors: selectors.map((text) => {
                const [selector = "", state] = text.split(":");
                const value = state === "revoked" ? NO_KEY : keyOf(selector);
                return { selector, algorithm: "rsa2048", state, value };
            }),
            nameServers: [
                {
                    name: "ns1.operator.example",
                    addresses: [lab.lab.context.addresses.nameServers[0]],
                },
                { name: "ns2.operator.example", addresses: [secondAddress()] },
            ],
            ttl: 1,
            signatureLifetime: 1,
            ...more,
        };
    }

    /** Asks until the provider no longer refuses; resolves to its first refusal, or "". */
    async function allowed(existing: Resource, wanted: Props): Promise<string> {
        let first: string | undefined;
        await eventually("the step to be allowed", async () => {
            try {
                await provider.diff(TYPE, existing, wanted);
            } catch (error) {
                first ??= (error as Error).message;
                throw error;
            }
        });
        return first ?? "";
    }

    it("goes through a whole rotation, and tells when each step is possible", async () => {
        await publish({ r1: keyOf("r1") });
        const begun = await provider.create(TYPE, program(["r1:active"]));
        assert.equal(begun.id, ZONE);
        assert.equal(statesOf(begun), "r1:active");

        await publish({ r2: keyOf("r2") });
        const both = await provider.update(TYPE, begun, program(["r1:active", "r2:pending"]));
        assert.match(livesOf(both)[1]?.publishedAt ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

        const switching = program(["r1:retiring", "r2:active"]);
        await allowed(both, switching);
        const switched = await provider.update(TYPE, both, switching);
        assert.equal(statesOf(switched), "r1:retiring r2:active");
        assert.ok(livesOf(switched)[0]?.lastSignatureAt);

        const revoking = program(["r1:revoked", "r2:active"]);
        await allowed(switched, revoking);
        await publish({ r1: NO_KEY });
        const revoked = await provider.update(TYPE, switched, revoking);

        const removing = program(["r2:active"]);
        await withdraw("r1");
        const removed = await provider.update(TYPE, revoked, removing);
        assert.equal(statesOf(removed), "r2:active r1:removed");

        assert.match(
            await refusal(provider.diff(TYPE, removed, program(["r2:active", "r1:pending"]))),
            /selector r1 was in use until .* cannot be taken up again/,
        );
        await provider.delete(TYPE, removed);
    });

    describe("in the call that a preview makes", () => {
        const long = { ttl: 300, signatureLifetime: 604_800 };

        it("refuses a key that is younger than its TTL, with the time", async () => {
            await publish({ r1: keyOf("r1"), r2: keyOf("r2") });
            const both = await provider.create(TYPE, program(["r1:active", "r2:pending"], long));
            const message = await refusal(
                provider.diff(TYPE, both, program(["r1:retiring", "r2:active"], long)),
            );
            const { publishedAt = "" } = livesOf(both)[1] ?? {};
            const from = new Date(Date.parse(publishedAt) + 300_000).toISOString();
            assert.ok(message.includes(`Possible from ${from.replace(".000Z", "Z")} on`), message);
        });

        it("refuses to revoke within the lifetime of the last signature", async () => {
            await publish({ r1: keyOf("r1"), r2: keyOf("r2") });
            const both = await provider.create(TYPE, program(["r1:retiring", "r2:active"], long));
            assert.match(
                await refusal(
                    provider.diff(TYPE, both, program(["r1:revoked", "r2:active"], long)),
                ),
                /cannot go from retiring to revoked yet: .* \(dkimSignatureLifetime\)/,
            );
        });

        it("refuses to drop a selector that is not revoked", async () => {
            await publish({ r1: keyOf("r1"), r2: keyOf("r2") });
            const both = await provider.create(TYPE, program(["r1:retiring", "r2:active"]));
            assert.match(
                await refusal(provider.diff(TYPE, both, program(["r2:active"]))),
                /selector r1 is retiring and cannot leave the list before it is revoked/,
            );
        });

        it("refuses a key that a name server no longer answers, and warns of one that is silent", async () => {
            await publish({ r1: keyOf("r1"), r2: keyOf("r2") });
            const both = await provider.create(TYPE, program(["r1:active", "r2:pending"]));
            const switching = program(["r1:retiring", "r2:active"]);
            await allowed(both, switching);
            second.texts.delete("r2._domainkey.rotation.example");
            assert.match(
                await refusal(provider.diff(TYPE, both, switching)),
                /selector r2 cannot be active: ns2\.operator\.example \(\S+\) answers NXDOMAIN for r2\._domainkey\.rotation\.example\./,
            );
            second.silent = true;
            assert.equal((await provider.diff(TYPE, both, switching)).changes, true);
            assert.match(provider.messages.at(-1)?.message ?? "", /cannot look ahead: ns2/);
        });

        it("takes the value of a new selector that is not known yet", async () => {
            await publish({ r1: keyOf("r1") });
            const begun = await provider.create(TYPE, program(["r1:active"]));
            const wanted = program(["r1:active", "r2:pending"]) as { selectors: Props[] } & Props;
            const selectors = wanted.selectors.map((s, i) =>
                i === 1 ? { ...s, value: unknown } : s,
            );
            const { detailed } = await provider.diff(TYPE, begun, { ...wanted, selectors });
            assert.deepEqual(detailed, { "selectors[1]": "ADD" });
        });

        it("refuses a list without a signing RSA key, and one with two", async () => {
            for (const [list, reason] of [
                [["r1:retiring"], /no selector of rsa2048 is active/],
                [["r1:active", "r2:active"], /2 selectors of rsa2048 are active \(r1, r2\)/],
            ] as const) {
                const { failures } = await provider.check(TYPE, program(list));
                assert.deepEqual(
                    failures.map(({ property }) => property),
                    ["selectors"],
                );
                assert.match(failures[0]?.reason ?? "", reason);
            }
        });
    });

    it("waits until the last name server has the key, and says which one it waits for", async () => {
        await publish({ r1: keyOf("r1") }, { everywhere: false });
        const creating = provider.create(TYPE, program(["r1:active"]));
        await eventually("the wait", () => {
            assert.match(
                provider.messages[0]?.message ?? "",
                /waiting for the DKIM records: ns2\.operator\.example .* answers NXDOMAIN/,
            );
        });
        second.texts.set("r1._domainkey.rotation.example", [keyOf("r1")]);
        assert.equal(statesOf(await creating), "r1:active");
    });

    it("gives up in time with what is missing, and leaves the state as it was", async () => {
        await publish({ r1: keyOf("r1") }, { everywhere: false });
        second.texts.set("r1._domainkey.rotation.example", [keyOf("another")]);
        const { message } = await failedCall(
            provider.create(TYPE, program(["r1:active"]), { timeoutSeconds: 1 }),
        );
        assert.match(message, /ns2\.operator\.example|timeout/i);
    });

    it("does not sign unseen, where nobody waits for the name servers", async () => {
        await publish({ r1: keyOf("r1") });
        const patient = { wait: false };
        const begun = await provider.create(TYPE, program(["r1:active"], patient));
        await publish({ r2: keyOf("r2") }, { everywhere: false });
        const both = await provider.update(
            TYPE,
            begun,
            program(["r1:active", "r2:pending"], patient),
        );
        assert.equal(livesOf(both)[1]?.publishedAt, undefined);
        const switching = program(["r1:retiring", "r2:active"], patient);
        assert.match(
            await refusal(provider.update(TYPE, both, switching)),
            /no moment is known .* `pulumi refresh`/,
        );
        second.texts.set("r2._domainkey.rotation.example", [keyOf("r2")]);
        const seen = await provider.refresh(TYPE, both);
        assert.ok(seen && livesOf(seen)[1]?.publishedAt);
        await allowed(seen, switching);
    });

    it("forgets at a refresh that a pending key was everywhere, when it no longer is", async () => {
        await publish({ r1: keyOf("r1"), r2: keyOf("r2") });
        const both = await provider.create(TYPE, program(["r1:active", "r2:pending"]));
        second.texts.set("r2._domainkey.rotation.example", [keyOf("r2"), keyOf("r2")]);
        const seen = await provider.refresh(TYPE, both);
        assert.ok(seen);
        assert.equal(livesOf(seen)[1]?.publishedAt, undefined);
        assert.match(provider.messages.at(-1)?.message ?? "", /ns2\.\S+ \S+ answers 2 TXT records/);
    });

    it("believes no server that does not speak for the zone", async () => {
        await publish({ r1: keyOf("r1") });
        second.authoritative = false;
        const begun = await provider.create(TYPE, program(["r1:active"], { wait: false }));
        assert.equal(livesOf(begun)[0]?.publishedAt, undefined);
    });

    it("cannot be imported, and says why", async () => {
        assert.match(
            await refusal(provider.import(TYPE, ZONE)),
            /cannot be imported: .* `pulumi up`/,
        );
    });
});
