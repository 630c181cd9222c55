/**
 * Proves on the real engine, the real providers and a lab of its own that the `dev` stack is previewed on an empty account, comes up
 * whole, is stable, passes every policy, keeps its secrets, serves its console, and is named in DNS as its outputs say. It does not prove that
 * mail is accepted, nor anything about the real Hetzner and Dynadot.
 */
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { parse } from "yaml";
import { z } from "zod";
import { prerequisites } from "../../components/bootstrap/prerequisites.ts";
import { auditStack } from "../../components/bootstrap/stackAudit.ts";
import { NAMESPACES, SMTP_SECRET } from "../../components/names.ts";
import { labPort } from "../../lab/addresses.ts";
import { reverseName } from "../../lab/powerdns/reverseName.ts";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { readState } from "../../lab/commands/stackState.ts";
import { RULES } from "../../policy/rules/all.ts";
import { delv, dig } from "../lab/powerdns/nameServerPair.ts";
import { eventually } from "../support/eventually.ts";
import type { TestLab } from "../support/toolchain.ts";
import {
    clusterOf,
    firstLine,
    helmReleases,
    isReady,
    pageStatus,
    secretData,
} from "./clusterAndConsole.ts";
import { canonical } from "./presentation.ts";
import { runWithPolicies } from "./policyStack.ts";
import type { PolicyRun } from "./policyStack.ts";
import { reviewedPreview } from "./reviewedPreview.ts";
import {
    FQDN,
    WHOLE_STACK,
    readOutputs,
    sovereignStack,
    startSovereignLab,
    succeeds,
    up,
} from "./sovereignLab.ts";
import type { Outputs } from "./sovereignLab.ts";

const previewSchema = z.object({
    steps: z.array(z.looseObject({ op: z.string(), urn: z.string() })),
});

const privateKeys = z.looseObject({
    deployment: z.looseObject({
        resources: z.array(
            z.looseObject({
                type: z.string(),
                outputs: z.record(z.string(), z.unknown()).optional(),
            }),
        ),
    }),
});

/** Providers that the engine makes by itself; a preview does not list them. */
const DEFAULT_PROVIDER = /::pulumi:providers:[a-z]+::default(_[0-9_]+)?$/;

describe("a Sovereign on an empty account", function () {
    this.timeout(WHOLE_STACK);
    let lab: TestLab;
    let stack: PulumiCli;
    let planned: z.infer<typeof previewSchema>["steps"];
    let outputs: Outputs;
    let firstPreview: PolicyRun;

    before(async () => {
        ({ lab, stack } = await startSovereignLab());
        firstPreview = await runWithPolicies(stack, lab.context.directory, "preview", "--json");
        assert.deepEqual(firstPreview.violations, []);
        assert.equal(firstPreview.exitCode, 0, firstPreview.stdout + firstPreview.stderr);
        planned = previewSchema.parse(JSON.parse(firstPreview.stdout)).steps;
        await up(stack);
        outputs = await readOutputs(stack);
    });

    after(() => lab.stop());

    describe("on the engine", () => {
        it("creates exactly the resources that the first preview lists", async () => {
            assert.deepEqual(
                planned.filter(({ op }) => op !== "create"),
                [],
            );
            const { resources, pending } = await readState(stack);
            assert.deepEqual(pending, []);
            assert.ok(planned.length > 100, `only ${planned.length} resources were planned`);
            assert.deepEqual(
                resources
                    .map(({ urn }) => urn)
                    .filter((urn) => !DEFAULT_PROVIDER.test(urn))
                    .sort(),
                planned.map(({ urn }) => urn).sort(),
            );
        });

        it("passes every policy before there is anything", () => {
            const policies = RULES.map(({ name }) => name).sort();
            assert.deepEqual(
                firstPreview.passed,
                policies.filter((name) => name !== "allowed-replacement"),
            );
        });

        it("has nothing to change afterwards, and passes every policy", async () => {
            const { directory } = lab.context;
            const run = await runWithPolicies(stack, directory, "preview", "--expect-no-changes");
            assert.equal(run.exitCode, 0, run.stdout + run.stderr);
            assert.deepEqual(run.violations, []);
            assert.deepEqual(run.passed, RULES.map(({ name }) => name).sort());
        });

        it("is stopped by the policies that a change of its configuration violates", async () => {
            const changed = await sovereignStack(lab, {
                protect: false,
                sshAllowedCidrs: ["0.0.0.0/0"],
                dmarcPolicy: "none",
                // Replaces the network; the worker's new generation replaces its server, which is meant.
                networkCidr: "10.0.0.0/15",
                generations: { w1: 2 },
            });
            const { directory } = lab.context;
            const { exitCode, failed, violations, ...run } = await runWithPolicies(
                changed,
                directory,
                "preview",
            );
            await sovereignStack(lab);
            assert.notEqual(exitCode, 0);
            assert.deepEqual(
                failed,
                ["allowed-replacement", "closed-administration", "dmarc-present", "protection"],
                run.stdout,
            );
            const lost = violations.filter(({ policy }) => policy === "allowed-replacement");
            assert.deepEqual(
                lost.map(({ name }) => name),
                ["sovereign-cloud-private-network"],
            );
        });

        it("waits for everything in the cluster as the graph of its prerequisites says", async () => {
            const { resources } = await readState(stack);
            const graph = prerequisites({
                gateway: true,
                pullSecrets: true,
                publicCertificates: false,
            });
            assert.deepEqual(auditStack(resources, graph), { drift: [], cycles: [] });
        });

        it("finds nothing different when it looks at everything again", async () => {
            await succeeds(stack, "refresh", "--yes", "--skip-preview", "--expect-no-changes");
        });

        it("has no secret in plain in its state", async () => {
            const { stdout: state } = await succeeds(stack, "stack", "export");
            for (const secret of await secrets())
                assert.ok(!state.includes(secret), "a secret lies in plain in the stack's state");
        });

        it("has a replaced server reported to its reviewer, with every policy, no drift, the cost and no secret", async () => {
            const reports = await reviewedPreview(lab, { generations: { w1: 2 } });
            assert.match(
                reports[0] ?? "",
                /^<!-- sovereign-report: dev -->\n\*\*dev: \+0 ~0 ±3 -0 · €40\.47\/mo, unchanged · policies (\d+)\/\1(?: \(\d+ advice\))? · drift none\*\*\n/,
            );
            for (const report of reports) {
                assert.match(report, /catalyst-omantel-example-w1/);
                for (const secret of await secrets())
                    assert.ok(!report.includes(secret), "a secret is in the report");
            }
        });

        async function secrets(): Promise<string[]> {
            const found = [
                outputs.smtp.password,
                ...Object.values<string>({ ...lab.context.credentials }),
                clientKey(outputs.cluster.kubeconfig),
                ...(await privateKeysOf(stack)),
            ];
            assert.ok(found.length >= 7, "the password, four credentials, and keys");
            return found.flatMap(spellings);
        }
    });

    describe("in its cluster", () => {
        it("has two ready nodes, reached at the load balancer", async () => {
            const { core, server } = clusterOf(outputs.cluster.kubeconfig);
            assert.equal(server, `https://${outputs.cloud.loadBalancerIpv4}:6443`);
            const { items } = await core.listNode();
            assert.deepEqual(items.map(isReady), [true, true]);
            assert.deepEqual(items.map(({ metadata }) => metadata?.name).sort(), [
                "catalyst-omantel-example-cp1",
                "catalyst-omantel-example-w1",
            ]);
        });

        it("has the submission credentials under the keys of both readers", async () => {
            const { core } = clusterOf(outputs.cluster.kubeconfig);
            const { smtp } = outputs;
            assert.equal(smtp.port, "587");
            assert.deepEqual(await secretData(core, NAMESPACES.platform, SMTP_SECRET), {
                "smtp-host": smtp.host,
                "smtp-port": "587",
                "smtp-from": smtp.from,
                "smtp-user": smtp.user,
                "smtp-pass": smtp.password,
                user: smtp.user,
                password: smtp.password,
            });
        });

        it("has its Helm releases deployed", async () => {
            const { core } = clusterOf(outputs.cluster.kubeconfig);
            const deployed = (await helmReleases(core)).filter((r) => r.endsWith(" deployed"));
            assert.deepEqual(deployed, [
                `${NAMESPACES.platform}/catalyst-platform deployed`,
                "kube-system/gateway-api deployed",
                `${NAMESPACES.mail}/stalwart-sovereign deployed`,
            ]);
        });

        it("serves the console by name, with a certificate of its own authority", async () => {
            const page = {
                host: `console.${FQDN}`,
                address: outputs.cloud.loadBalancerIpv4,
                port: labPort(443, lab.context.addresses.portOffset),
                ca: outputs.mail.authorityCertificate,
            };
            await eventually(
                "the console",
                async () => {
                    assert.equal(await pageStatus(page), 200);
                },
                {
                    timeout: 60_000,
                    interval: 200,
                },
            );
        });
    });

    describe("from outside, through the load balancer", () => {
        const port = (number: number) => labPort(number, lab.context.addresses.portOffset);

        it("leads plain HTTP to HTTPS", async () => {
            const head = await firstLine(
                outputs.cloud.loadBalancerIpv4,
                port(80),
                `GET /x HTTP/1.1\r\nHost: console.${FQDN}\r\nConnection: close\r\n\r\n`,
            );
            assert.equal(head, "HTTP/1.1 301 Moved Permanently");
        });

        it("reaches the mail server on 25", async () => {
            assert.match(
                await firstLine(outputs.cloud.loadBalancerIpv4, port(25), ""),
                new RegExp(`^220 mail\\.${FQDN.replaceAll(".", "\\.")} `),
            );
        });
    });

    describe("in DNS", () => {
        const ask = async (name: string, type: string, server?: string): Promise<string[]> =>
            (await dig(lab.context.addresses, name, type, server))
                .map((line) => canonical(type, line))
                .sort();

        it("is answered at both name servers as the outputs say", async () => {
            const { records } = outputs.dns;
            assert.deepEqual(outputs.dnsRecords, records);
            assert.deepEqual([...new Set(records.map(({ type }) => type))].sort(), [
                "A",
                "AAAA",
                "CAA",
                "MX",
                "TLSA",
                "TXT",
            ]);
            for (const server of lab.context.addresses.nameServers)
                for (const { name, type, records: expected } of records)
                    assert.deepEqual(
                        await ask(name, type, server),
                        [...expected].sort(),
                        `${name} ${type} at ${server}`,
                    );
        });

        it("is delegated with the DS of its own keys", async () => {
            const { addresses } = lab.context;
            assert.deepEqual(await dig(addresses, FQDN, "NS"), outputs.dns.nameServers.map(dotted));
            assert.ok(outputs.dns.dsRecords.length > 0);
            const published = await dig(addresses, FQDN, "DS");
            const digests = (lines: readonly string[]) =>
                lines
                    .map((line) => canonical("TLSA", line).replaceAll(" ", "").toLowerCase())
                    .sort();
            assert.deepEqual(digests(published), digests(outputs.dns.dsRecords));
        });

        it("validates from the top-level zone's key down", async () => {
            const { addresses } = lab.context;
            const { trustAnchorFile } = lab.powerDns;
            const { mxHost } = outputs.mail;
            const mx = await delv(addresses, trustAnchorFile, FQDN, "MX");
            assert.match(mx, /^; fully validated$/m);
            assert.ok(mx.includes(`10 ${dotted(mxHost)}`), mx);
            const address = await delv(addresses, trustAnchorFile, mxHost, "A");
            assert.match(address, /^; fully validated$/m);
            assert.ok(address.includes(outputs.cloud.loadBalancerIpv4), address);
        });

        it("resolves every address that mail uses to a name, and the name back to it", async () => {
            const { cloud, mail } = outputs;
            assert.deepEqual([...mail.egressIpv4].sort(), Object.values(cloud.nodeIpv4).sort());
            const expected: [string, string][] = [
                [cloud.loadBalancerIpv4, mail.mxHost],
                ...mail.egressIpv4.map((ip): [string, string] => [ip, mail.host]),
            ];
            for (const [ip, name] of expected) {
                const names = await ask(reverseName(ip), "PTR");
                assert.deepEqual(names, [dotted(name)], `PTR of ${ip}`);
                assert.ok((await ask(name, "A")).includes(ip), `${name} does not lead to ${ip}`);
            }
            for (const { ip, name } of cloud.ptrRecords)
                assert.deepEqual(await ask(reverseName(ip), "PTR"), [dotted(name)], `PTR of ${ip}`);
        });
    });
});

function dotted(name: string): string {
    return `${name}.`;
}

const kubeconfigSchema = z.looseObject({
    users: z.tuple([z.looseObject({ user: z.looseObject({ "client-key-data": z.string() }) })]),
});

function clientKey(kubeconfig: string): string {
    const [{ user }] = kubeconfigSchema.parse(parse(kubeconfig)).users;
    return Buffer.from(user["client-key-data"], "base64").toString();
}

/** Every private key that `tls` made: DKIM's, and those of the cluster's and the mail's authorities. */
async function privateKeysOf(stack: PulumiCli): Promise<string[]> {
    const { stdout } = await succeeds(stack, "stack", "export", "--show-secrets");
    const { resources } = privateKeys.parse(JSON.parse(stdout)).deployment;
    const keys = resources.filter(({ type }) => type === "tls:index/privateKey:PrivateKey");
    const pems = keys.map(({ outputs = {} }) => plaintext(outputs.privateKeyPem));
    assert.ok(pems.length >= 2, "a DKIM key and the cluster's");
    for (const pem of pems) createPrivateKey(pem);
    return pems;
}

/** The value of a secret in an export with `--show-secrets`. */
function plaintext(secret: unknown): string {
    return z
        .string()
        .parse(JSON.parse(z.looseObject({ plaintext: z.string() }).parse(secret).plaintext));
}

/** How a secret would stand in the state's JSON: as it is, its first line of key material, and as base64. */
function spellings(secret: string): string[] {
    const [, keyLine] = secret.split("\n");
    const base64 = Buffer.from(secret).toString("base64");
    return [keyLine ?? secret, base64];
}
