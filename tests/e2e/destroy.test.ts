/**
 * Proves on the real engine and a lab of its own that a protected Sovereign, with a zone beside its own, is refused by a plain destroy, goes
 * wholly once its protection is lifted, comes up again on the same accounts, and goes wholly as well with an expired administrator's
 * certificate and while no server runs. It does not prove the dialogue of `npm run down`, nor anything about the real Hetzner and Dynadot.
 */
import assert from "node:assert/strict";
import { protectedStack } from "../../lab/commands/down.ts";
import { remains } from "../../lab/commands/remains/remains.ts";
import { readState } from "../../lab/commands/stackState.ts";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { liftProtection } from "../../operations/provision/liftProtection.ts";
import { probeApi } from "../support/apiProber.ts";
import { eventually } from "../support/eventually.ts";
import type { TestLab } from "../support/toolchain.ts";
import { expireAdminCertificate } from "./expiredCertificate.ts";
import { FQDN, WHOLE_STACK, readOutputs, startSovereignLab, succeeds, up } from "./sovereignLab.ts";

const CONFIG = { certificateIssuer: "staging", furtherZones: ["homes.example"] };

describe("destroying a Sovereign", function () {
    this.timeout(WHOLE_STACK);
    let lab: TestLab;
    let stack: PulumiCli;
    let account: unknown;

    before(async () => {
        ({ lab, stack } = await startSovereignLab(CONFIG));
        account = holdings(lab);
        await up(stack);
    });

    after(() => lab.stop());

    it("is refused while it is protected, and changes nothing", async () => {
        const before = (await readState(stack)).resources.map(({ urn }) => urn);
        const { exitCode, stdout, stderr } = await stack.run(["destroy", "--yes"]);
        assert.notEqual(exitCode, 0);
        assert.match(stdout + stderr, /cannot be deleted\s+because it is protected/);
        const { resources } = await readState(stack);
        assert.deepEqual(
            resources.map(({ urn }) => urn),
            before,
        );
    });

    it("would be told of what it left, zones and keys of dynamic updates among it", async () => {
        const { addresses, credentials } = lab.context;
        const found = await remains({ addresses, credentials, fqdn: FQDN });
        const atPowerDns = found.filter((line) => /^PowerDNS (zone|TSIG key) /.test(line));
        assert.deepEqual(atPowerDns.sort(), [
            `PowerDNS TSIG key issuer.acme.${FQDN}.`,
            `PowerDNS zone acme.${FQDN}.`,
            "PowerDNS zone homes.example.",
            `PowerDNS zone ${FQDN}.`,
        ]);
    });

    it("leaves nothing anywhere once the protection is lifted", async () => {
        await destroy(stack, lab);
        await leavesNothing(stack, lab, account);
    });

    it("leaves the accounts such that it comes up again", async () => {
        await up(stack);
        await succeeds(stack, "preview", "--expect-no-changes");
    });

    it("leaves nothing anywhere once the administrator's certificate has expired", async () => {
        const { kubeconfig } = (await readOutputs(stack)).cluster;
        await expireAdminCertificate(stack, lab.context.directory);
        const expired = (await readOutputs(stack)).cluster.kubeconfig;
        assert.notEqual(expired, kubeconfig);
        assert.match(await probeApi(expired), /^HTTP 401:/);
        await destroy(stack, lab);
        await leavesNothing(stack, lab, account);
        await up(stack);
    });

    it("leaves nothing anywhere while every server is off and the cluster does not answer", async () => {
        await powerOff(lab);
        await destroy(stack, lab);
        await leavesNothing(stack, lab, account);
    });
});

/** What `npm run down -- --include-protected` does. */
async function destroy(stack: PulumiCli, lab: TestLab): Promise<void> {
    const quiet = {
        run: (args: readonly string[]) => stack.run(args),
        show: async (args: readonly string[]) => (await succeeds(stack, ...args)).exitCode,
    };
    await liftProtection(protectedStack(quiet, lab.context), AbortSignal.timeout(WHOLE_STACK));
    await succeeds(stack, "destroy", "--yes", "--skip-preview");
}

/** What the registrar's account holds; its counter of ids only ever rises. */
function holdings(lab: TestLab): unknown {
    const { domains, hosts } = lab.dynadot.account;
    return structuredClone({ domains, hosts });
}

async function leavesNothing(stack: PulumiCli, lab: TestLab, account: unknown): Promise<void> {
    assert.deepEqual(await readState(stack), { resources: [], pending: [] });
    const { addresses, credentials } = lab.context;
    assert.deepEqual(await remains({ addresses, credentials, fqdn: FQDN }), []);
    assert.deepEqual(await lab.powerDns.listBeyondWorld(), { zones: [], recordSets: [] });
    assert.deepEqual(holdings(lab), account);
    for (const project of Object.values(lab.hetzner.snapshot().projects)) {
        const { actions, ...kinds } = project;
        assert.ok(actions.length > 0, "the cloud was never asked for anything");
        for (const [kind, list] of Object.entries(kinds)) assert.deepEqual(list, [], kind);
    }
    assert.deepEqual(lab.hetzner.listening(), []);
}

/** Switches every server off at the API of the cloud, as a person would. */
async function powerOff(lab: TestLab): Promise<void> {
    const servers = () =>
        Object.values(lab.hetzner.snapshot().projects).flatMap((project) => project.servers);
    assert.equal(servers().length, 2);
    for (const { id } of servers()) {
        const response = await fetch(`${lab.hetzner.endpoint}/servers/${id}/actions/poweroff`, {
            method: "POST",
            headers: { Authorization: `Bearer ${lab.context.credentials.hcloudToken}` },
        });
        assert.equal(response.status, 201, await response.text());
    }
    await eventually(
        "every server to be off",
        () => {
            assert.deepEqual(
                servers().map(({ status }) => status),
                ["off", "off"],
            );
        },
        { timeout: 60_000 },
    );
}
