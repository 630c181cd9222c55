/**
 * Proves that the provisioner's example reads three Sovereigns of a lab on the real engine, gives the view of the fleet, and writes each
 * one's SMTP Secret from its outputs alone, byte for byte the one in its cluster; and that outputs that are missing, old, of another
 * contract or not to be decrypted are each told exactly. It does not prove it of eight at once, or of other backends.
 */
import assert from "node:assert/strict";
import { NAMESPACES, SMTP_SECRET } from "../../components/names.ts";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { startTestLab } from "../support/toolchain.ts";
import type { TestLab } from "../support/toolchain.ts";
import { clusterOf, secretData } from "./clusterAndConsole.ts";
import { bringUpThree, giveOutputs, provisioner } from "./provisionerStacks.ts";
import type { GivenOutputs } from "./provisionerStacks.ts";
import { WHOLE_STACK, readOutputs, succeeds } from "./sovereignLab.ts";
import type { Outputs } from "./sovereignLab.ts";

const DOMAINS = {
    omantel: "omantel.example",
    bankdhofar: "bankdhofar.example",
    zain: "zain.example",
};

const UNDECRYPTABLE =
    "could not be decrypted; give the reader the secrets provider's key of that stack (PULUMI_CONFIG_PASSPHRASE, or rights at its key service)";

function without(outputs: GivenOutputs, ...paths: readonly string[]): GivenOutputs {
    const copy = structuredClone(outputs) as Record<string, unknown>;
    for (const path of paths) {
        const parts = path.split(".");
        const last = parts.pop() ?? "";
        const holder = parts.reduce((value, part) => value[part] as typeof value, copy);
        Reflect.deleteProperty(holder, last);
    }
    return copy;
}

interface FleetOutputs {
    readonly fleet: readonly Readonly<Record<string, unknown>>[];
    readonly unreadable: readonly Readonly<Record<string, unknown>>[];
    readonly smtpSecrets: Readonly<Record<string, string>>;
}

describe("the provisioner's example", function () {
    this.timeout(WHOLE_STACK);
    let lab: TestLab;
    let fleetStack: PulumiCli;
    let shown: FleetOutputs;
    let warnings: string;
    const outputs: Record<string, Outputs> = {};

    before(async () => {
        lab = await startTestLab();
        const sovereigns = await bringUpThree(lab);
        for (const [name, stack] of Object.entries(sovereigns))
            outputs[name] = await readOutputs(stack);
        const given = outputs.omantel ?? {};
        await giveOutputs(lab, "old", without(given, "schemaRevision"));
        await giveOutputs(
            lab,
            "partial",
            without(given, "smtp.password", "cloud.loadBalancerIpv4"),
        );
        await giveOutputs(lab, "next", { ...given, schemaVersion: 2 });
        await giveOutputs(lab, "locked", given, "another passphrase");
        const real = Object.keys(sovereigns).map((name) => `organization/sovereign/${name}`);
        const others = ["old", "partial", "next", "locked"].map(
            (name) => `organization/given/${name}`,
        );
        fleetStack = await provisioner(lab, [...real, ...others], real);
        const result = await succeeds(fleetStack, "up", "--yes", "--skip-preview");
        warnings = result.stdout + result.stderr;
        shown = (await fleetStack.json(["stack", "output"])) as FleetOutputs;
    });

    after(() => lab.stop());

    it("shows each Sovereign as its own outputs have it", () => {
        const expected = Object.entries(DOMAINS).map(([name, fqdn]) => {
            const { schemaVersion, schemaRevision, dns, cloud, mail } =
                outputs[name] ?? assert.fail(`${name} is not up`);
            return {
                stack: `organization/sovereign/${name}`,
                fqdn,
                contract: `${schemaVersion}.${schemaRevision}`,
                location: "fsn1",
                consoleUrl: `https://console.${fqdn}`,
                gitopsRepoUrl: `https://gitea.${fqdn}`,
                nameServers: [`ns1.${fqdn}`, `ns2.${fqdn}`],
                dsRecords: dns.dsRecords,
                addresses: {
                    loadBalancerIpv4: cloud.loadBalancerIpv4,
                    loadBalancerIpv6: cloud.loadBalancerIpv6,
                    controlPlaneIpv4: cloud.nodeIpv4.cp1,
                    egressIpv4: mail.egressIpv4,
                },
                health: "ready",
                reasons: [],
            };
        });
        assert.deepEqual(shown.fleet.slice(0, 3), expected);
        const addresses = expected.map((member) => member.addresses.loadBalancerIpv4);
        assert.equal(new Set(addresses).size, 3);
    });

    it("reads an older revision of the contract", () => {
        assert.deepEqual(
            shown.fleet.slice(3).map(({ stack, contract }) => ({ stack, contract })),
            [{ stack: "organization/given/old", contract: "1.0" }],
        );
    });

    it("tells exactly what is missing, of another contract, and not to be decrypted", () => {
        const missing = (path: string) => ({
            path,
            kind: "missing",
            message: "is missing; bring the stack up again",
        });
        const undecryptable = (path: string) => ({
            path,
            kind: "undecryptable",
            message: UNDECRYPTABLE,
        });
        assert.deepEqual(shown.unreadable, [
            {
                stack: "organization/given/partial",
                problems: [missing("cloud.loadBalancerIpv4"), missing("smtp.password")],
            },
            {
                stack: "organization/given/next",
                problems: [
                    {
                        path: "schemaVersion",
                        kind: "version",
                        message: "is 2, this reader knows 1; bring the reader up to date",
                    },
                ],
            },
            {
                stack: "organization/given/locked",
                problems: ["cluster.kubeconfig", "smtp.password", "kubeconfig", "smtpPassword"].map(
                    undecryptable,
                ),
            },
        ]);
        assert.ok(warnings.includes("smtp.password: is missing"), warnings);
    });

    it("writes the SMTP Secret of each, byte for byte the one in its cluster", async () => {
        for (const name of Object.keys(DOMAINS)) {
            assert.equal(
                shown.smtpSecrets[`organization/sovereign/${name}`],
                `provisioner/${SMTP_SECRET}`,
            );
            const { cluster, smtp } = outputs[name] ?? assert.fail(`${name} is not up`);
            const { core } = clusterOf(cluster.kubeconfig);
            const copy = await secretData(core, "provisioner", SMTP_SECRET);
            assert.deepEqual(copy, await secretData(core, NAMESPACES.platform, SMTP_SECRET));
            assert.deepEqual(Object.keys(copy).sort(), [
                "password",
                "smtp-from",
                "smtp-host",
                "smtp-pass",
                "smtp-port",
                "smtp-user",
                "user",
            ]);
            assert.equal(copy["smtp-pass"], smtp.password);
        }
    });

    it("has nothing to change afterwards, and no password in plain in its state", async () => {
        await succeeds(fleetStack, "preview", "--expect-no-changes");
        const { stdout: state } = await succeeds(fleetStack, "stack", "export");
        for (const { smtp } of Object.values(outputs)) {
            assert.ok(!state.includes(smtp.password));
            assert.ok(!state.includes(Buffer.from(smtp.password).toString("base64")));
        }
    });
});
