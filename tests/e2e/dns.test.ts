// Proves, with the real engine, the real plugin and the real PowerDNS: zones, record sets and a delegation through their lives
// (create, no-op, change, type swap, replacement, drift, refresh, import, destroy), read back with dig, delv and unbound; a parent
// that somebody else writes is waited for where the program says so.
// Does not prove the other parents and registrars (the provider's tests do) nor other versions of PowerDNS.
import assert from "node:assert/strict";
import { z } from "zod";
import { queryServer } from "../../provider/dns/lookup/query.ts";
import { dig, delv } from "../lab/powerdns/nameServerPair.ts";
import { eventually } from "../support/eventually.ts";
import { startUnbound, type ValidatingResolver } from "../support/unbound.ts";
import { delegation, LEGACY, OWNER, POOL, recordSets, zone, ZONE } from "./dnsPlans.ts";
import { startDnsStack, type DnsStack } from "./dnsStack.ts";
import { succeeds } from "./sovereignLab.ts";

const previewSchema = z.looseObject({
    steps: z.array(
        z.looseObject({
            op: z.string(),
            urn: z.string(),
            detailedDiff: z.record(z.string(), z.unknown()).nullish(),
        }),
    ),
});

const statisticsSchema = z.array(z.object({ value: z.coerce.number() }));

describe("DNS on the real engine", function () {
    this.timeout(300_000);
    this.bail(true);
    let dns: DnsStack;
    let resolver: ValidatingResolver;

    before(async () => {
        dns = await startDnsStack();
        const { powerDns, lab } = dns.lab;
        resolver = await startUnbound(lab.context, "example.", powerDns.trustAnchor);
    });
    after(async () => {
        await resolver.stop();
        await dns.stop();
    });

    const base = {
        zones: { tenant: zone },
        recordSets,
        delegations: { tenant: delegation },
    };
    const up = () => succeeds(dns.cli, "up", "--yes", "--skip-preview", "--parallel", "64");
    const ask = (name: string, type: string) => dig(dns.lab.lab.context.addresses, name, type);
    const serial = async () => (await dns.lab.zone(ZONE))?.serial ?? 0;
    const patches = () =>
        dns.proxy.requests.filter(
            ({ method, path }) => method === "PATCH" && path.endsWith(`/zones/${ZONE}`),
        ).length;

    /** Questions that PowerDNS has answered so far. */
    const questions = async () => {
        const [found] = statisticsSchema.parse(
            await dns.lab.api("GET", "/statistics?statistic=udp-queries"),
        );
        return found?.value ?? 0;
    };

    /** What a preview would do, as `<op> <name>` with the changed properties; what stays is left out. */
    async function foreseen(): Promise<string[]> {
        const { steps } = previewSchema.parse(await dns.cli.json(["preview"]));
        return steps
            .filter(({ op }) => op !== "same")
            .map(({ op, urn, detailedDiff }) =>
                [op, urn.split("::").at(-1), ...Object.keys(detailedDiff ?? {})].join(" "),
            )
            .sort();
    }

    it("creates a signed, delegated zone with every record, in few PATCHes", async () => {
        await dns.declare(base);
        await up();
        assert.ok(
            patches() <= 3,
            `${patches()} PATCHes for ${Object.keys(recordSets).length} sets`,
        );
        const { addresses } = dns.lab.lab.context;
        assert.deepEqual(await ask(`www.${ZONE}`, "CNAME"), [`web.${ZONE}`]);
        assert.deepEqual(await ask(ZONE, "MX"), [`10 mail.${ZONE}`]);
        assert.deepEqual(await ask(`geo.${ZONE}`, "A"), ["192.0.2.80"]);
        assert.deepEqual(await ask(ZONE, "A"), ["192.0.2.80"], "the ALIAS at the apex");
        const [key = ""] = await ask(`s1._domainkey.${ZONE}`, "TXT");
        assert.equal(key.replaceAll('" "', "").length, 2 + recordSets.dkim.records[0].length);
        const anchor = dns.lab.powerDns.trustAnchorFile;
        for (const [name, type] of [
            [ZONE, "MX"],
            [`www.${ZONE}`, "A"],
            [`_25._tcp.mail.${ZONE}`, "TLSA"],
            [`mail.${ZONE}`, "HTTPS"],
        ] as const)
            assert.match(await delv(addresses, anchor, name, type), /^; fully validated$/m, name);
        assert.match(
            await delv(addresses, anchor, `nobody.mail.${ZONE}`, "A"),
            /negative response, fully validated/,
        );
    });

    it("is validated by a resolver that knows the top-level zone's key only", async () => {
        const server = { address: resolver.address, port: resolver.port };
        const signal = AbortSignal.timeout(20_000);
        const answer = await queryServer(server, `mail.${ZONE}`, "A", { recursive: true, signal });
        assert.equal(answer.code, "NOERROR");
        assert.ok(answer.authenticated, "AD is not set");
        const missing = await queryServer(server, `nobody.mail.${ZONE}`, "A", {
            recursive: true,
            signal,
        });
        assert.equal(missing.code, "NXDOMAIN");
        assert.ok(missing.authenticated, "AD is not set for what does not exist");
    });

    it("has nothing to do afterwards, and writes nothing", async () => {
        const before = await serial();
        dns.proxy.requests.length = 0;
        await succeeds(dns.cli, "up", "--yes", "--skip-preview", "--expect-no-changes");
        await succeeds(dns.cli, "refresh", "--yes", "--skip-preview", "--expect-no-changes");
        assert.equal(await serial(), before);
        assert.deepEqual(
            dns.proxy.requests.filter(({ method }) => method !== "GET"),
            [],
        );
    });

    it("foresees a change property by property, and makes it in one PATCH", async () => {
        await dns.declare({
            ...base,
            recordSets: {
                ...recordSets,
                mail: { ...recordSets.mail, ttl: 60, records: ["192.0.2.26"] },
            },
        });
        assert.deepEqual(await foreseen(), ["update mail records[0] ttl"]);
        dns.proxy.requests.length = 0;
        const before = await serial();
        await up();
        assert.equal(patches(), 1);
        assert.equal(await serial(), before + 1);
        assert.deepEqual(await ask(`mail.${ZONE}`, "A"), ["192.0.2.26"]);
    });

    it("swaps a CNAME for an address, and names, without a moment without an answer", async () => {
        const { www } = recordSets;
        await dns.declare({
            ...base,
            recordSets: {
                ...recordSets,
                www: { ...www, type: "A", records: ["192.0.2.81"] },
                geo: { ...recordSets.geo, name: `near.${ZONE}` },
            },
        });
        assert.deepEqual(
            (await foreseen()).filter((step) => step.startsWith("replace")),
            ["replace geo name", "replace www records[0] type"],
        );
        const gaps: string[] = [];
        const done = new AbortController();
        const watching = watch(`www.${ZONE}`, gaps, done.signal);
        await up();
        done.abort();
        assert.ok((await watching) > 0, "the name was asked for");
        assert.deepEqual(gaps, []);
        assert.deepEqual(await ask(`www.${ZONE}`, "CNAME"), []);
        assert.deepEqual(await ask(`www.${ZONE}`, "A"), ["192.0.2.81"]);
        assert.deepEqual(await ask(`near.${ZONE}`, "A"), ["192.0.2.80"]);
        assert.equal(await dns.lab.contents(ZONE, `geo.${ZONE}`, "LUA"), undefined);
        await dns.declare(base);
        await up();
        assert.deepEqual(await ask(`www.${ZONE}`, "CNAME"), [`web.${ZONE}`]);
    });

    it("shows what somebody changed, refuses to overwrite it unseen, and converges once it was seen", async () => {
        const theirs = {
            name: `mail.${ZONE}`,
            type: "A",
            changetype: "REPLACE",
            ttl: 77,
            records: [{ content: "198.51.100.9" }],
        } as const;
        const foreign = { ...theirs, name: `shop.${ZONE}` };
        await dns.lab.patch(ZONE, theirs, foreign, {
            name: `web.${ZONE}`,
            type: "A",
            changetype: "DELETE",
        });
        const changed = { ...recordSets, mail: { ...recordSets.mail, ttl: 120 } };
        await dns.declare({ ...base, recordSets: changed });
        const refused = await dns.cli.run(["up", "--yes", "--skip-preview"]);
        assert.notEqual(refused.exitCode, 0);
        assert.match(refused.stdout, /was changed by somebody else: it now is "198\.51\.100\.9"/);
        await dns.declare(base);
        await succeeds(dns.cli, "refresh", "--yes", "--skip-preview");
        assert.deepEqual(await foreseen(), ["create web", "update mail records[0] ttl"]);
        await up();
        assert.deepEqual(await ask(`mail.${ZONE}`, "A"), ["192.0.2.25"]);
        assert.deepEqual(await ask(`web.${ZONE}`, "A"), ["192.0.2.80"]);
        assert.deepEqual(await ask(foreign.name, "A"), ["198.51.100.9"]);
        await succeeds(dns.cli, "preview", "--expect-no-changes");
    });

    it("imports a zone and a record set of somebody else, and changes nothing by it", async () => {
        await dns.lab.foreignZone(LEGACY, { dnssec: true });
        await dns.lab.patch(LEGACY, {
            name: `www.${LEGACY}`,
            type: "AAAA",
            changetype: "REPLACE",
            ttl: 300,
            records: [{ content: "2001:db8::1" }],
        });
        const keys = async () => dns.lab.api("GET", `/zones/${LEGACY}/cryptokeys`);
        const before = [await keys(), await dns.lab.contents(LEGACY, `www.${LEGACY}`, "AAAA")];
        const how = ["--yes", "--generate-code=false", "--protect=false"];
        await succeeds(dns.cli, "import", "sovereign:dns:Zone", "legacy", LEGACY, ...how);
        const id = `${LEGACY}/www.${LEGACY}/AAAA`;
        await succeeds(dns.cli, "import", "sovereign:dns:RecordSet", "legacy-www", id, ...how);
        await dns.declare({
            ...base,
            zones: { ...base.zones, legacy: { ...zone, name: LEGACY } },
            recordSets: {
                ...recordSets,
                "legacy-www": {
                    zone: LEGACY,
                    name: `www.${LEGACY}`,
                    type: "AAAA",
                    ttl: 300,
                    records: ["2001:db8::1"],
                    owner: OWNER,
                },
            },
        });
        const steps = await foreseen();
        assert.ok(
            steps.every((step) => step.startsWith("update legacy")),
            steps.join("\n"),
        );
        await up();
        const after = [await keys(), await dns.lab.contents(LEGACY, `www.${LEGACY}`, "AAAA")];
        assert.deepEqual(after, before);
    });

    it("waits for a parent that somebody else writes, or does not, and writes nothing there", async () => {
        const { nameServers, ttl, owner } = delegation;
        const external = { nameServers, ttl, owner, via: "external" as const, signedBy: "nobody" };
        const byHand = { ...external, domain: `byhand.${POOL}`, wait: false };
        const declared = { ...base.delegations, byHand };
        await dns.declare({ ...base, delegations: declared });
        await up();
        const managed = { ...external, domain: `managed.${POOL}`, wait: true };
        await dns.declare({ ...base, delegations: { ...declared, managed } });
        let ended = false;
        const running = up().finally(() => {
            ended = true;
        });
        const before = await questions();
        await eventually(
            "the parent is asked again and again",
            async () => {
                assert.ok((await questions()) >= before + 20);
            },
            { timeout: 60_000 },
        );
        assert.equal(ended, false);
        await dns.lab.patch(POOL, {
            name: managed.domain,
            type: "NS",
            changetype: "REPLACE",
            ttl: 60,
            records: managed.nameServers.map(({ name }) => ({ content: name })),
        });
        await running;
        assert.equal(await dns.lab.contents(POOL, byHand.domain, "NS"), undefined);
        await dns.declare(base);
        await up();
        assert.equal((await dns.lab.contents(POOL, managed.domain, "NS"))?.length, 2);
        await dns.lab.patch(POOL, { name: managed.domain, type: "NS", changetype: "DELETE" });
    });

    it("warns in the preview of what is not ours", async () => {
        const shop = { ...recordSets.mail, name: `shop.${ZONE}` };
        await dns.declare({ ...base, recordSets: { ...recordSets, shop } });
        const { stdout } = await succeeds(dns.cli, "preview");
        assert.match(
            stdout,
            new RegExp(`the record set shop\\.${ZONE} A exists already and is not ours`),
        );
        await dns.declare(base);
    });

    it("destroys only what is ours, and no zone with somebody else's records in it", async () => {
        const refused = await dns.cli.run(["destroy", "--yes", "--skip-preview"]);
        assert.notEqual(refused.exitCode, 0);
        assert.match(
            refused.stdout,
            /holds 1 record sets that are not ours and would be lost with it/,
        );
        assert.deepEqual(await ask(`shop.${ZONE}`, "A"), ["198.51.100.9"]);
        await dns.lab.patch(ZONE, { name: `shop.${ZONE}`, type: "A", changetype: "DELETE" });
        await succeeds(dns.cli, "destroy", "--yes", "--skip-preview");
        assert.deepEqual(await dns.lab.powerDns.listBeyondWorld(), { zones: [], recordSets: [] });
        assert.deepEqual(await dns.lab.contents(POOL, ZONE, "NS"), undefined);
    });

    it("kept no key in the state", async () => {
        const { stdout } = await succeeds(dns.cli, "stack", "export", "--show-secrets");
        assert.ok(!stdout.includes(dns.lab.lab.context.credentials.powerdnsApiKey));
    });

    /** Asks for the address again and again; notes every answer without one. Resolves to the number of answers. */
    async function watch(name: string, gaps: string[], until: AbortSignal): Promise<number> {
        const { nameServers, dnsPort } = dns.lab.lab.context.addresses;
        const server = { address: nameServers[0], port: dnsPort };
        let count = 0;
        while (!until.aborted) {
            const signal = AbortSignal.timeout(10_000);
            const answer = await queryServer(server, name, "A", { recursive: false, signal });
            if (!answer.answers.some(({ type }) => type === "A")) gaps.push(answer.code);
            count++;
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return count;
    }
});
