/**
 * Proves that the parts of a Sovereign fit together: what hangs on what, that no secret of a whole stack is in the clear, that a first
 * preview of an empty account lists everything, and what a change of config touches. Golden plans hold the rest; the end-to-end tests
 * run it.
 */
import assert from "node:assert/strict";
import { Sovereign } from "../../../components/sovereign.ts";
import { loadConfig } from "../../../config.ts";
import { leaksOf } from "../../support/leaks.ts";
import { childOf, outline, plainInputs, plan, redact } from "../../support/plan.ts";
import type { Plan, PlanOptions } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";
import { MINIMAL, stackConfig } from "../../support/stackFixtures.ts";
import type { StackValues } from "../../support/stackFixtures.ts";

const outputs = sovereignOutputs();

const SECRETS = {
    powerdnsApiKey: "powerdns-key-of-a-test",
    dynadotApiKey: "dynadot-key-of-a-test",
    dynadotApiSecret: "dynadot-secret-of-a-test",
    imageRegistryToken: "registry-token-of-a-test",
    smartHostPassword: "relay-password-of-a-test",
    "hcloud:token": "hetzner-token-of-a-test".padEnd(64, "x"),
};

/** A stack that uses every secret. */
const EVERYTHING: StackValues = {
    ...MINIMAL,
    ...SECRETS,
    domainMode: "byo-api",
    workerCount: 1,
    imageRegistryUsername: "robot",
    mailEgress: "smart-host",
    smartHost: { host: "smtp.relay.example", port: 587, username: "omantel" },
};

const sovereign = (values: StackValues, options: PlanOptions = {}): Promise<Plan<Sovereign>> =>
    plan(() => new Sovereign("sovereign", loadConfig()), {
        ...stackConfig(values),
        outputs,
        ...options,
    });

describe("Sovereign", () => {
    it("is made of these parts", async () => {
        const { children } = await sovereign(MINIMAL);
        assert.deepEqual(outline(children.filter((child) => child.parentName === "sovereign")), [
            "sovereign:index:Sovereign > pulumi:providers:sovereign sovereign-provider",
            "sovereign:index:Sovereign > sovereign:bootstrap:Namespaces sovereign-namespaces",
            "sovereign:index:Sovereign > sovereign:cloud:Cloud sovereign-cloud",
            "sovereign:index:Sovereign > sovereign:cluster:Cluster sovereign-cluster",
            "sovereign:index:Sovereign > sovereign:cluster:PrerequisiteReady sovereign-ready-storage",
            "sovereign:index:Sovereign > sovereign:cluster:ReleaseHandOver sovereign-hand-over-mail",
            "sovereign:index:Sovereign > sovereign:cluster:ReleaseHandOver sovereign-hand-over-platform",
            "sovereign:index:Sovereign > sovereign:dns:Dns sovereign-dns",
            "sovereign:index:Sovereign > sovereign:mail:DkimKeys sovereign-dkim",
            "sovereign:index:Sovereign > sovereign:mail:DkimSelectors sovereign-dkim-selectors",
            "sovereign:index:Sovereign > sovereign:mail:Mail sovereign-mail",
            "sovereign:index:Sovereign > sovereign:mail:MailCertificate sovereign-certificate",
            "sovereign:index:Sovereign > sovereign:mail:SmtpCredentials sovereign-smtp",
            "sovereign:index:Sovereign > sovereign:platform:Platform sovereign-platform",
            "sovereign:index:Sovereign > sovereign:platform:PlatformCertificate sovereign-platform-certificate",
        ]);
    });

    it("shows none of its secrets in the inputs of any resource", async () => {
        const { children } = await sovereign(EVERYTHING);
        assert.deepEqual(leaksOf(children, Object.values(SECRETS)), []);
    });

    it("gives the provider its credentials as secrets, and only those that are set", async () => {
        const all = await sovereign(EVERYTHING);
        assert.deepEqual(redact(childOf(all.children, "sovereign-provider").inputs), {
            dnsPort: 53,
            dynadotApiKey: "[secret]",
            dynadotApiSecret: "[secret]",
            dynadotRequestsPerMinute: 60,
            dynadotUrl: "https://api.dynadot.com",
            epoch: 1,
            hcloudToken: "[secret]",
            powerdnsApiKey: "[secret]",
            powerdnsServerId: "localhost",
            powerdnsUrl: "https://pdns.operator.example/api/v1",
        });
        const few = await sovereign(MINIMAL);
        assert.deepEqual(Object.keys(childOf(few.children, "sovereign-provider").inputs).sort(), [
            "dnsPort",
            "dynadotRequestsPerMinute",
            "dynadotUrl",
            "epoch",
            "powerdnsApiKey",
            "powerdnsServerId",
            "powerdnsUrl",
        ]);
    });

    it("gives the provider what the registrar in use needs, its credentials as secrets", async () => {
        const ovh = {
            ovhApplicationKey: "ovh-application-of-a-test",
            ovhApplicationSecret: "ovh-secret-of-a-test",
            ovhConsumerKey: "ovh-consumer-of-a-test",
        };
        const { children } = await sovereign({
            ...MINIMAL,
            ...ovh,
            domainMode: "byo-api",
            delegation: "ovh",
        });
        const inputs = redact(childOf(children, "sovereign-provider").inputs) as object;
        assert.deepEqual(
            Object.entries(inputs).filter(([key]) =>
                /^(?:ovh|cloudflare|namecheap|godaddy)/.test(key),
            ),
            [
                ["ovhApplicationKey", "[secret]"],
                ["ovhApplicationSecret", "[secret]"],
                ["ovhConsumerKey", "[secret]"],
                ["ovhUrl", "https://eu.api.ovh.com/1.0"],
            ],
        );
        assert.deepEqual(leaksOf(children, Object.values(ovh)), []);
    });

    it("lists every resource in the first preview of an empty account", async () => {
        const real = await sovereign(EVERYTHING);
        const preview = await sovereign(EVERYTHING, { preview: true });
        assert.deepEqual(outline(preview.children), outline(real.children));
    });

    it("registers each name and type once", async () => {
        const { children } = await sovereign(EVERYTHING);
        const names = children.map((child) => `${child.type} ${child.name}`);
        assert.deepEqual(
            names.filter((name, i) => names.indexOf(name) < i),
            [],
        );
    });

    it("needs no cluster for its names: DNS hangs on addresses and keys alone", async () => {
        const { children } = await sovereign(EVERYTHING);
        const byName = new Map(children.map((child) => [child.name, child]));
        const reached = new Set<string>();
        const follow = (name: string): void => {
            if (reached.has(name)) return;
            reached.add(name);
            byName.get(name)?.dependencies.forEach(follow);
        };
        for (const { name, type } of children) if (type.startsWith("sovereign:dns:")) follow(name);
        assert.deepEqual(
            [...reached].filter((name) => name.startsWith("sovereign-cluster")),
            [],
        );
    });

    it("lets nothing sign before its key stands in the zone and the selectors have passed", async () => {
        const { children } = await sovereign({
            ...MINIMAL,
            dkim: [
                { selector: "r1", algorithm: "rsa2048", state: "active" },
                { selector: "r2", algorithm: "rsa2048", state: "pending" },
            ],
            dkimTtl: 30,
            dkimSignatureLifetime: 60,
        });
        const selectors = childOf(children, "sovereign-dkim-selectors");
        assert.deepEqual(
            selectors.dependencies.filter((name) => name.startsWith("sovereign-dns-")).sort(),
            ["sovereign-dns-r1._domainkey-txt", "sovereign-dns-r2._domainkey-txt"],
        );
        const { ttl, signatureLifetime, wait, zone, nameServers } = plainInputs(selectors);
        assert.deepEqual(
            [zone, ttl, signatureLifetime, wait, nameServers],
            [
                "omantel.example.org",
                30,
                60,
                false,
                [
                    { name: "ns1.operator.example", addresses: [] },
                    { name: "ns2.operator.example", addresses: [] },
                ],
            ],
        );
        assert.deepEqual(
            [plainInputs(childOf(children, "sovereign-dns-r1._domainkey-txt")).ttl],
            [30],
        );
        for (const name of ["sovereign-mail-plan", "sovereign-mail-dkim"])
            assert.ok(
                childOf(children, name).dependencies.includes("sovereign-dkim-selectors"),
                name,
            );
    });

    it("publishes exactly the addresses that have a PTR", async () => {
        const { children } = await sovereign(EVERYTHING);
        const ptr = children
            .filter((child) => child.type === "hcloud:index/rdns:Rdns")
            .map((child) => plainInputs(child));
        const records = (name: string, family: string) =>
            plainInputs(childOf(children, `sovereign-dns-${name}-${family}`)).records as string[];
        const pointing = (name: string) =>
            ptr
                .filter(({ dnsPtr }) => dnsPtr === `${name}.omantel.example.org`)
                .map(({ ipAddress }) => String(ipAddress))
                .sort();
        assert.deepEqual(pointing("mail"), records("mail", "a").sort());
        assert.deepEqual(pointing("mx"), [...records("mx", "a"), ...records("mx", "aaaa")].sort());
    });
});
