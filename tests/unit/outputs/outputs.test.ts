/**
 * Proves the contract of the stack's outputs: names, types, which of them are secret, and that flat names repeat the nested values. It does
 * not prove that a provisioner reads them.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { SovereignOutputs } from "../../../components/outputs.ts";
import { Sovereign } from "../../../components/sovereign.ts";
import { loadConfig } from "../../../config.ts";
import {
    OUTPUTS_SCHEMA_REVISION,
    OUTPUTS_SCHEMA_VERSION,
} from "../../../operations/outputs/contract.ts";
import { plan, valueOf } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";
import { MINIMAL, stackConfig } from "../../support/stackFixtures.ts";
import type { StackValues } from "../../support/stackFixtures.ts";

async function outputsOf(values: StackValues): Promise<SovereignOutputs> {
    const { result } = await plan(() => new Sovereign("sovereign", loadConfig()), {
        ...stackConfig(values),
        outputs: sovereignOutputs(),
    });
    return result.outputs;
}

const resolved = (value: unknown): Promise<unknown> => valueOf(pulumi.output(value));

/** Paths of everything in the outputs that is secret. */
async function secretPaths(value: unknown, path = ""): Promise<string[]> {
    if (pulumi.Output.isInstance(value)) return (await pulumi.isSecret(value)) ? [path] : [];
    if (typeof value !== "object" || value === null) return [];
    const nested = await Promise.all(
        Object.entries(value).map(([key, v]) =>
            secretPaths(v, path === "" ? key : `${path}.${key}`),
        ),
    );
    return nested.flat();
}

describe("stack outputs", () => {
    it("have these names, and the version of the contract", async () => {
        const outputs = await outputsOf(MINIMAL);
        assert.equal(outputs.schemaVersion, OUTPUTS_SCHEMA_VERSION);
        assert.equal(outputs.schemaRevision, OUTPUTS_SCHEMA_REVISION);
        assert.deepEqual(Object.keys(outputs).sort(), [
            "catalystReleaseStatus",
            "cloud",
            "cluster",
            "consoleUrl",
            "controlPlaneIp",
            "control_plane_ip",
            "dkimPublicKey",
            "dkimSelector",
            "dkimTxt",
            "dns",
            "dnsRecords",
            "domainMode",
            "dsRecords",
            "firewallId",
            "gitopsRepoUrl",
            "kubeconfig",
            "loadBalancerId",
            "loadBalancerIp",
            "loadBalancerIpv6",
            "load_balancer_ip",
            "mail",
            "mailEgressIp",
            "mailHost",
            "nameservers",
            "networkId",
            "platform",
            "poolDomain",
            "ptrRecords",
            "schemaRevision",
            "schemaVersion",
            "serverIds",
            "smtp",
            "smtpFrom",
            "smtpHost",
            "smtpPassword",
            "smtpPort",
            "smtpSecretRef",
            "smtpUser",
            "sovereign",
            "sovereignFqdn",
            "stalwartReleaseStatus",
            "zone",
        ]);
    });

    it("keep kubeconfig and password secret, and nothing else", async () => {
        assert.deepEqual((await secretPaths(await outputsOf(MINIMAL))).sort(), [
            "cluster.kubeconfig",
            "kubeconfig",
            "smtp.password",
            "smtpPassword",
        ]);
    });

    it("say under the flat names what the nested ones say", async () => {
        const o = await outputsOf(MINIMAL);
        const pairs: [unknown, unknown][] = [
            [o.controlPlaneIp, o.cloud.nodeIpv4.cp1],
            [o.control_plane_ip, o.cloud.nodeIpv4.cp1],
            [o.loadBalancerIp, o.cloud.loadBalancerIpv4],
            [o.load_balancer_ip, o.cloud.loadBalancerIpv4],
            [o.smtpPassword, o.smtp.password],
            [o.dkimTxt, o.mail.dkim[0]?.txt],
            [o.zone, o.dns.zone],
            [o.catalystReleaseStatus, o.platform.release],
            [o.stalwartReleaseStatus, o.mail.release],
        ];
        for (const [flat, nested] of pairs)
            assert.deepEqual(await resolved(flat), await resolved(nested));
    });

    it("tell what a Sovereign is", async () => {
        const o = await outputsOf(MINIMAL);
        assert.deepEqual(await resolved([o.sovereign, o.mailHost, o.smtpPort, o.smtpSecretRef]), [
            {
                fqdn: "omantel.example.org",
                domainMode: "byo-manual",
                poolDomain: null,
                consoleUrl: "https://console.omantel.example.org",
                gitopsRepoUrl: "https://gitea.omantel.example.org",
            },
            "mail.omantel.example.org",
            "587",
            "catalyst-system/sovereign-smtp-credentials",
        ]);
    });

    it("give the addresses that mail leaves from: the pinned node's where it is pinned", async () => {
        const pinned = { mailEgress: "pinned", mailPinnedNode: "w1", workerCount: 1 };
        const o = await outputsOf({ ...MINIMAL, ...pinned });
        assert.deepEqual(await resolved([o.mailEgressIp, o.mail.egressIpv4]), [
            "203.0.113.101",
            ["203.0.113.101"],
        ]);
    });

    it("tell the RSA selector that signs, whatever comes before it", async () => {
        const o = await outputsOf({
            ...MINIMAL,
            dkim: [
                { selector: "e1", algorithm: "ed25519", state: "active" },
                { selector: "r1", algorithm: "rsa2048", state: "retiring" },
                { selector: "r2", algorithm: "rsa2048", state: "active" },
            ],
        });
        assert.equal(o.dkimSelector, "r2");
        assert.match(String(await resolved(o.dkimTxt)), /^v=DKIM1; k=rsa; h=sha256; p=/);
    });

    it("have null where there is no IPv6", async () => {
        const o = await outputsOf({ ...MINIMAL, ipv6: false });
        assert.equal(o.loadBalancerIpv6, null);
        assert.equal(o.cloud.loadBalancerIpv6, null);
    });

    it("list records that belong into somebody else's zone", async () => {
        const o = await outputsOf({ ...MINIMAL, dmarcReportAddress: "r@central.example" });
        assert.deepEqual(o.dns.recordsElsewhere, [
            {
                name: "omantel.example.org._report._dmarc.central.example",
                type: "TXT",
                ttl: 300,
                records: ["v=DMARC1"],
            },
        ]);
        assert.deepEqual((await outputsOf(MINIMAL)).dns.recordsElsewhere, []);
    });
});
