// Proves, with the real plugin process, the real PowerDNS and the emulated Dynadot: a delegation waits for its child, is
// written in the right order, validates from the parent's key down, is refused where it would harm, and is taken back exactly.
// Does not prove what the live Dynadot does: the emulator is built from its documentation and from reports.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { eventually } from "../../support/eventually.ts";
import { ProviderClient, unknown, type Props, type Resource } from "../support/client.ts";
import { DnsWorld } from "../support/dnsWorld.ts";
import { failedCall, refusal } from "../support/refusal.ts";

const run = promisify(execFile);

const DELEGATION = "sovereign:dns:Delegation";
const ZONE = "sovereign:dns:Zone";
const RECORD_SET = "sovereign:dns:RecordSet";
const OWNER = "pulumi:sovereign/test";

describe("sovereign:dns:Delegation", function () {
    this.timeout(90_000);
    let world: DnsWorld;
    let provider: ProviderClient;
    const resources: [string, Resource][] = [];

    beforeEach(async () => {
        world = await DnsWorld.start();
        provider = await ProviderClient.start(world.config());
        resources.length = 0;
    });
    afterEach(async () => {
        await provider.stop();
        await world.stop();
    });

    /** A signed child zone with name servers of its own. */
    async function child(domain: string): Promise<string[]> {
        const zone = await provider.create(ZONE, {
            name: domain,
            nameServers: [`ns1.${domain}`, `ns2.${domain}`],
            owner: OWNER,
        });
        resources.push([ZONE, zone]);
        for (const [i, address] of world.servers.entries()) {
            const set = { zone: domain, name: `ns${i + 1}.${domain}`, type: "A", ttl: 60 };
            const made = await provider.create(RECORD_SET, {
                ...set,
                records: [address],
                owner: OWNER,
            });
            resources.push([RECORD_SET, made]);
        }
        return zone.state.ds as string[];
    }

    function program(domain: string, via: string, ds: readonly string[], more: Props = {}): Props {
        return {
            domain,
            via,
            nameServers: world.servers.map((address, i) => ({
                name: `ns${i + 1}.${domain}`,
                addresses: [address],
            })),
            ds,
            owner: OWNER,
            ...more,
        };
    }

    async function validates(name: string): Promise<void> {
        const [server] = world.servers;
        const { dnsPort } = world.powerDns.lab.context.addresses;
        const anchor = world.powerDns.powerDns.trustAnchorFile;
        const { stdout } = await run("delv", [
            `@${server}`,
            "-p",
            String(dnsPort),
            "-a",
            anchor,
            "+root=example",
            name,
            "A",
        ]);
        assert.match(stdout, /; fully validated/);
    }

    describe("check", () => {
        it("names what is missing at its path", async () => {
            const { failures } = await provider.check(DELEGATION, {
                domain: "tenant.omani.example",
                via: "powerdns",
                nameServers: [
                    { name: "ns1.tenant.omani.example" },
                    { name: "ns1.openova.example" },
                ],
                owner: OWNER,
            });
            assert.deepEqual(failures, [
                {
                    property: "parent",
                    reason: "is required where the delegation is written in a zone (via: powerdns); expected the zone above tenant.omani.example.",
                },
                {
                    property: "nameServers[0].addresses",
                    reason: "ns1.tenant.omani.example. lies in the delegated zone itself, so the parent must hold its address; expected at least one",
                },
            ]);
        });

        it("takes what is not known yet", async () => {
            const { failures, inputs } = await provider.check(
                DELEGATION,
                program("omantel.example", "dynadot-registrar", [unknown]),
            );
            assert.deepEqual(failures, []);
            assert.deepEqual(inputs.ds, [unknown]);
        });

        it("refuses a DS that is none", async () => {
            const { failures } = await provider.check(
                DELEGATION,
                program("omantel.example", "dynadot-registrar", ["1 13 2 abcd"]),
            );
            assert.deepEqual(failures, [
                {
                    property: "ds[0]",
                    reason: 'the digest of "1 13 2 abcd" has 4 hexadecimal digits; digest type 2 has 64',
                },
            ]);
        });
    });

    it("waits until the child answers on every server, and says for what", async () => {
        const ds = `1 13 2 ${"ab".repeat(32)}`;
        const creating = failedCall(
            provider.create(DELEGATION, program("omantel.example", "dynadot-registrar", [ds]), {
                timeoutSeconds: 20,
            }),
        );
        await eventually("a status message", () => {
            const [first] = provider.messages;
            assert.match(
                first?.message ?? "",
                /waiting for the child zone omantel\.example\. to answer/,
            );
            assert.equal(first?.ephemeral, true);
        });
        await provider.cancel();
        await creating;
        assert.equal(world.domain("omantel.example").mode, "parking");
    });

    it("does not publish a DS whose key nobody serves", async () => {
        await child("omantel.example.");
        const wrong = `1 13 2 ${"ab".repeat(32)}`;
        const message = await refusal(
            provider.create(DELEGATION, program("omantel.example.", "dynadot-registrar", [wrong]), {
                timeoutSeconds: 1,
            }),
        );
        assert.match(message, /does not serve the key of DS 1 13 2 abab|timeout/i);
        assert.equal(world.domain("omantel.example").mode, "parking");
    });

    describe("via powerdns", () => {
        const CHILD = "tenant.omani.example.";
        const PARENT = "omani.example.";

        it("writes NS, glue and DS in one PATCH, validates, and takes exactly them back", async () => {
            const ds = await child(CHILD);
            const before = await world.powerDns.zone(PARENT);
            const wanted = program(CHILD, "powerdns", ds, { parent: "omani.example" });
            const created = await provider.create(DELEGATION, wanted);
            assert.equal(created.id, CHILD);
            assert.deepEqual(await world.powerDns.contents(PARENT, CHILD, "DS"), ds);
            assert.deepEqual(await world.powerDns.contents(PARENT, `ns2.${CHILD}`, "A"), [
                world.servers[1],
            ]);
            assert.equal((await world.powerDns.zone(PARENT))?.serial, (before?.serial ?? 0) + 1);
            await validates(`ns1.${CHILD}`);
            assert.deepEqual(await provider.refresh(DELEGATION, created), created);
            await provider.delete(DELEGATION, created);
            assert.deepEqual(
                (await world.powerDns.zone(PARENT))?.rrsets.filter(({ name }) =>
                    name.endsWith(CHILD),
                ),
                [],
            );
            assert.equal(await provider.refresh(DELEGATION, created), undefined);
        });

        it("changes servers and DS in place", async () => {
            const ds = await child(CHILD);
            const wanted = program(CHILD, "powerdns", ds, { parent: PARENT });
            const created = await provider.create(DELEGATION, wanted);
            const changed = {
                ...wanted,
                nameServers: [{ name: `ns1.${CHILD}`, addresses: [world.servers[0]] }],
                ds: [],
            };
            const diff = await provider.diff(DELEGATION, created, changed);
            assert.deepEqual(diff.detailed, { "nameServers[1]": "DELETE", "ds[0]": "DELETE" });
            await provider.update(DELEGATION, created, changed);
            assert.equal(await world.powerDns.contents(PARENT, CHILD, "DS"), undefined);
            assert.equal(await world.powerDns.contents(PARENT, `ns2.${CHILD}`, "A"), undefined);
            assert.deepEqual(await world.powerDns.contents(PARENT, CHILD, "NS"), [`ns1.${CHILD}`]);
        });

        it("refuses a delegation of somebody else, and imports it", async () => {
            const ds = await child(CHILD);
            await world.powerDns.patch(PARENT, {
                name: CHILD,
                type: "NS",
                changetype: "REPLACE",
                ttl: 60,
                records: [{ content: "ns.elsewhere.example." }],
            });
            const wanted = program(CHILD, "powerdns", ds, { parent: PARENT });
            assert.match(
                await refusal(provider.create(DELEGATION, wanted)),
                /the record set tenant\.omani\.example\. NS exists already and is not ours: "ns\.elsewhere\.example\."/,
            );
            assert.equal(await world.powerDns.contents(PARENT, CHILD, "DS"), undefined);
            const imported = await provider.import(DELEGATION, `powerdns/${PARENT}/${CHILD}`);
            assert.equal(imported?.id, CHILD);
            assert.deepEqual(imported.inputs.nameServers, [
                { name: "ns.elsewhere.example.", addresses: [] },
            ]);
        });
    });

    describe("via dynadot-registrar", () => {
        const DOMAIN = "omantel.example.";

        it("writes hosts, then name servers, then DS, validates, and puts everything back", async () => {
            const ds = await child(DOMAIN);
            const created = await provider.create(
                DELEGATION,
                program(DOMAIN, "dynadot-registrar", ds),
            );
            const written = world.dynadot.requests.requests
                .filter(({ method }) => method !== "GET")
                .map(({ operation }) => operation);
            assert.deepEqual(written, ["register_ns", "register_ns", "set_ns", "set_dnssec"]);
            assert.deepEqual(world.domain("omantel.example").nameServers, [
                "ns1.omantel.example",
                "ns2.omantel.example",
            ]);
            assert.deepEqual(created.state.previousNameServers, []);
            await validates(`ns1.${DOMAIN}`);
            assert.deepEqual(await provider.refresh(DELEGATION, created), created);
            const count = world.dynadot.requests.requests.length;
            await provider.delete(DELEGATION, created);
            assert.deepEqual(
                world.dynadot.requests.requests
                    .slice(count)
                    .filter(({ method, api }) => method !== "GET" || api !== "rest")
                    .map(({ operation }) => operation),
                ["clear_dnssec", "set_clear_domain_setting", "delete_ns", "delete_ns"],
            );
            assert.equal(world.domain("omantel.example").mode, "parking");
            assert.deepEqual(world.domain("omantel.example").ds, []);
            assert.deepEqual(world.dynadot.account.hosts, []);
            assert.equal(await provider.refresh(DELEGATION, created), undefined);
        });

        it("is a no-op the second time, and adopts what a crash left", async () => {
            const ds = await child(DOMAIN);
            const wanted = program(DOMAIN, "dynadot-registrar", ds);
            await provider.create(DELEGATION, wanted);
            const count = world.dynadot.requests.requests.length;
            const again = await provider.create(DELEGATION, wanted);
            const more = world.dynadot.requests.requests.slice(count);
            assert.ok(more.every(({ method }) => method === "GET"));
            await provider.delete(DELEGATION, again);
            assert.equal(world.domain("omantel.example").mode, "name-servers");
            assert.match(
                provider.messages.at(-1)?.message ?? "",
                /were the same before this program/,
            );
        });

        it("finds out what became of writes whose answers were lost", async () => {
            const ds = await child(DOMAIN);
            for (const operation of ["register_ns", "set_ns", "set_dnssec"])
                world.dynadot.faults.add({ operation, action: { kind: "drop-reply" } });
            await provider.create(DELEGATION, program(DOMAIN, "dynadot-registrar", ds));
            await validates(`ns1.${DOMAIN}`);
            assert.equal(world.domain("omantel.example").ds.length, 1);
        });

        it("refuses a domain with records on Dynadot's own DNS, before it touches anything", async () => {
            const domain = "omani-dynadot.example.";
            const wanted = program(domain, "dynadot-registrar", [], { wait: false });
            assert.match(
                await refusal(provider.create(DELEGATION, wanted)),
                /^omani-dynadot\.example\. has 6 records on Dynadot's own DNS, which would be gone/,
            );
            assert.ok(world.dynadot.requests.requests.every(({ method }) => method === "GET"));
        });

        it("keeps in the state what it could not finish, and goes on from there", async () => {
            const ds = await child(DOMAIN);
            world.dynadot.setSwitches({ dnssecSupported: false });
            const wanted = program(DOMAIN, "dynadot-registrar", ds);
            const failure = await failedCall(provider.create(DELEGATION, wanted));
            assert.match(failure.message, /This domain doesn't support DNSSEC/);
            assert.deepEqual(failure.partial?.state.registeredHosts, [
                `ns1.${DOMAIN}`,
                `ns2.${DOMAIN}`,
            ]);
            world.dynadot.setSwitches({ dnssecSupported: true });
            const partial = {
                id: failure.partial.id,
                state: failure.partial.state,
                inputs: failure.partial.state,
            };
            const updated = await provider.update(DELEGATION, partial, wanted);
            await validates(`ns1.${DOMAIN}`);
            await provider.delete(DELEGATION, updated);
            assert.equal(world.domain("omantel.example").mode, "parking");
        });

        it("leaves name servers that somebody else has set since", async () => {
            const ds = await child(DOMAIN);
            const created = await provider.create(
                DELEGATION,
                program(DOMAIN, "dynadot-registrar", ds),
            );
            await otherNameServers(world);
            await provider.delete(DELEGATION, created);
            assert.deepEqual(world.domain("omantel.example").nameServers, ["ns.elsewhere.test"]);
            assert.match(provider.messages.at(-1)?.message ?? "", /not this program's/);
        });

        it("never says key, secret or signature, in an error or on stderr", async () => {
            world.dynadot.faults.add({ times: 1, action: { kind: "html", status: 502 } });
            const stranger = await ProviderClient.start({
                ...world.config(),
                dynadotApiKey: "a-wrong-key-for-dynadot",
            });
            const wanted = program(DOMAIN, "dynadot-registrar", [], { wait: false });
            const message = await refusal(stranger.create(DELEGATION, wanted));
            assert.match(
                message,
                /^Dynadot refused to read the name servers of omantel\.example\.: invalid api key/,
            );
            for (const text of [message, stranger.stderr])
                assert.doesNotMatch(text, /a-wrong-key-for-dynadot|lab-dynadot-secret/);
            await stranger.stop();
        });
    });

    describe("via dynadot-zone", () => {
        const CHILD = "tenant.omani-dynadot.example.";
        const PARENT = "omani-dynadot.example.";

        it("appends NS and glue, leaves everything else, and removes exactly them", async () => {
            await child(CHILD);
            const before = structuredClone(world.domain("omani-dynadot.example").hosted);
            const wanted = program(CHILD, "dynadot-zone", [], { parent: PARENT });
            const created = await provider.create(DELEGATION, wanted);
            const [first, second] = world.servers;
            const during = world.domain("omani-dynadot.example").hosted;
            assert.deepEqual(during, {
                ...before,
                sub: [
                    ...before.sub,
                    { subhost: "tenant", type: "ns", value: "ns1.tenant.omani-dynadot.example" },
                    { subhost: "ns1.tenant", type: "a", value: first },
                    { subhost: "tenant", type: "ns", value: "ns2.tenant.omani-dynadot.example" },
                    { subhost: "ns2.tenant", type: "a", value: second },
                ],
            });
            assert.ok(
                world.dynadot.requests.requests.every(({ replacedAll }) => replacedAll !== true),
            );
            assert.deepEqual(await provider.refresh(DELEGATION, created), created);
            await provider.delete(DELEGATION, created);
            assert.deepEqual(world.domain("omani-dynadot.example").hosted, before);
        });

        for (const subList of ["dns_sub_list", "sub_list"] as const)
            it(`finds the name that the API has for the list of records: ${subList}`, async () => {
                await child(CHILD);
                world.dynadot.setSwitches({ subList });
                const wanted = program(CHILD, "dynadot-zone", [], { parent: PARENT });
                const created = await provider.create(DELEGATION, wanted);
                assert.equal(world.domain("omani-dynadot.example").hosted.sub.length, 7);
                await provider.delete(DELEGATION, created);
                assert.equal(world.domain("omani-dynadot.example").hosted.sub.length, 3);
            });

        it("does not append twice when the answer was lost", async () => {
            await child(CHILD);
            world.dynadot.setSwitches({ duplicates: "keep" });
            world.dynadot.faults.add({ operation: "set_dns2", action: { kind: "drop-reply" } });
            const wanted = program(CHILD, "dynadot-zone", [], { parent: PARENT });
            await provider.create(DELEGATION, wanted);
            assert.equal(world.domain("omani-dynadot.example").hosted.sub.length, 7);
        });

        it("tells of a foreign write in between, and loses nothing of it", async () => {
            await child(CHILD);
            world.dynadot.faults.add({
                operation: "set_dns2",
                action: {
                    kind: "foreign-write",
                    domain: "omani-dynadot.example",
                    sub: [{ subhost: "_acme-challenge", type: "txt", value: "token" }],
                },
            });
            const wanted = program(CHILD, "dynadot-zone", [], { parent: PARENT });
            assert.match(
                await refusal(provider.create(DELEGATION, wanted)),
                /changed in more than was written; somebody else may be at work there/,
            );
            const { sub } = world.domain("omani-dynadot.example").hosted;
            assert.ok(sub.some(({ subhost }) => subhost === "_acme-challenge"));
        });

        it("refuses a domain that is not on Dynadot's own DNS", async () => {
            const wanted = program("a.omantel.example.", "dynadot-zone", [], {
                parent: "omantel.example",
                wait: false,
            });
            assert.match(
                await refusal(provider.create(DELEGATION, wanted)),
                /^omantel\.example\. is not on Dynadot's own DNS \(it says PARKING\)/,
            );
            assert.equal(world.domain("omantel.example").mode, "parking");
        });

        it("refuses names that somebody else uses", async () => {
            const wanted = program("shop.omani-dynadot.example.", "dynadot-zone", [], {
                parent: PARENT,
                wait: false,
            });
            assert.match(
                await refusal(provider.create(DELEGATION, wanted)),
                /has records at Dynadot that are not ours and in the way: shop FORWARD/,
            );
        });

        it("warns in the preview that there can be no DS", async () => {
            const ds = `1 13 2 ${"ab".repeat(32)}`;
            const wanted = program(CHILD, "dynadot-zone", [ds], { parent: PARENT });
            await provider.previewCreate(DELEGATION, wanted);
            assert.match(provider.messages[0]?.message ?? "", /will not be validated/);
            assert.equal(provider.messages[0]?.severity, "warning");
        });
    });

    describe("via external", () => {
        it("writes nothing and waits until the parent delegates", async () => {
            const domain = "tenant.omani.example.";
            const ds = await child(domain);
            const creating = provider.create(DELEGATION, program(domain, "external", ds));
            await eventually("the wait", () => {
                assert.match(provider.messages[0]?.message ?? "", /it lacks DS \d+ 13 2 /);
            });
            const record = (name: string, type: string, contents: readonly string[]) =>
                ({
                    name,
                    type,
                    changetype: "REPLACE",
                    ttl: 60,
                    records: contents.map((content) => ({ content })),
                }) as const;
            await world.powerDns.patch(
                "omani.example.",
                record(domain, "NS", [`ns1.${domain}`, `ns2.${domain}`]),
                record(domain, "DS", ds),
            );
            const created = await creating;
            await provider.delete(DELEGATION, created);
            assert.ok(await world.powerDns.contents("omani.example.", domain, "NS"));
        });
    });

    it("leaves a retained delegation on destroy", async () => {
        const domain = "tenant.omani.example.";
        const ds = await child(domain);
        const wanted = program(domain, "powerdns", ds, { parent: "omani.example", retain: true });
        const created = await provider.create(DELEGATION, wanted);
        await provider.delete(DELEGATION, created);
        assert.ok(await world.powerDns.contents("omani.example.", domain, "NS"));
    });
});

async function otherNameServers(world: DnsWorld): Promise<void> {
    const { addresses, credentials } = world.powerDns.lab.context;
    const call = async (parameters: Record<string, string>) => {
        const query = new URLSearchParams({ key: credentials.dynadotApiKey, ...parameters });
        await fetch(
            `http://${addresses.dynadot.host}:${addresses.dynadot.port}/api3.json?${query.toString()}`,
        );
    };
    await call({ command: "add_ns", host: "ns.elsewhere.test" });
    await call({ command: "set_ns", domain: "omantel.example", ns0: "ns.elsewhere.test" });
}
