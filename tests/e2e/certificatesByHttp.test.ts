/**
 * Proves on the real engine, the real cert-manager and a real ACME server (pebble), in a lab of its own: names are proven by HTTP through the
 * load balancer and the shared ingress, of hosts that have TLS already too; the certificate of the platform's hosts and that of the MTA-STS host
 * take the place of our authority's by themselves; the mail server keeps ours; and the engine takes none of this for a change. Waits for real: cert-manager
 * looks at each proof several times. The pods that give the proofs are played (lab/acme/solver.ts), and so is Cilium's envoy, by the rules of
 * its source. Does not prove what Let's Encrypt itself takes.
 */
import assert from "node:assert/strict";
import { request } from "node:http";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { NetworkingV1Api, KubeConfig } from "@kubernetes/client-node";
import { labPort } from "../../lab/addresses.ts";
import { readState } from "../../lab/commands/stackState.ts";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { eventually } from "../support/eventually.ts";
import type { TestLab } from "../support/toolchain.ts";
import { certificateSchema, isIssued, IssuedCertificates, namesIn } from "./issuedCertificates.ts";
import { submissionOf } from "./mailbox.ts";
import { certificateOverSmtp, certificateOverTls } from "./servedCertificate.ts";
import { FQDN, WHOLE_STACK, readOutputs, startSovereignLab, succeeds, up } from "./sovereignLab.ts";
import type { Outputs } from "./sovereignLab.ts";

/** Milliseconds for all proofs, which are given side by side. */
const ISSUANCE = 240_000;

const PLATFORM_NAMES = ["api", "console", "gitea", "harbor"].map((host) => `${host}.${FQDN}`);

describe("public certificates of a Sovereign, proven by HTTP", function () {
    this.timeout(WHOLE_STACK);
    let lab: TestLab;
    let stack: PulumiCli;
    let outputs: Outputs;
    let issued: IssuedCertificates;

    before(async () => {
        ({ lab, stack } = await startSovereignLab({
            certificateIssuer: "staging",
            acmeChallenge: "http-01",
            mtaSts: "testing",
            // All of it on one machine.
            workerCount: 0,
            // pebble prefers IPv6 and never falls back; no IPv6 address of the lab leads anywhere.
            ipv6: false,
            // A Gateway could not answer for single hosts.
            gatewayApiChart: undefined,
            gatewayApiChartVersion: undefined,
        }));
        await up(stack);
        outputs = await readOutputs(stack);
        issued = new IssuedCertificates(outputs.cluster.kubeconfig);
    });

    after(() => lab.stop());

    const port = (of: number) => labPort(of, lab.context.addresses.portOffset);

    const served = (name: string, ca: string) =>
        certificateOverTls({ host: outputs.cloud.loadBalancerIpv4, port: port(443), name, ca });

    it("are not waited for: when the engine was done with each, it was not issued", async () => {
        const { resources } = await readState(stack);
        const seen = resources
            .filter(({ type }) => type === "kubernetes:cert-manager.io/v1:Certificate")
            .map(({ outputs: live }) => certificateSchema.parse(live).status);
        assert.equal(seen.length, 2, "one for the MTA-STS host, one for the platform's");
        for (const status of seen) assert.ok(!isIssued(status));
    });

    it("take the place of our authority's by themselves, at every host of the ingress", async () => {
        for (const name of ["catalyst-system", "stalwart-sovereign"] as const)
            await eventually(
                `the certificate in ${name}`,
                () => issued.assertIssued(name, "sovereign-ingress-tls"),
                { timeout: ISSUANCE, interval: 1_000 },
            );
        const names = [FQDN, ...PLATFORM_NAMES].sort();
        for (const host of ["console", "api"])
            await eventually(`it at ${host}`, async () => {
                const certificate = await served(`${host}.${FQDN}`, lab.acme.root);
                assert.deepEqual(namesIn(certificate), names);
            });
        await eventually("it at the MTA-STS host", async () => {
            const certificate = await served(`mta-sts.${FQDN}`, lab.acme.root);
            assert.deepEqual(namesIn(certificate), [`mta-sts.${FQDN}`]);
        });
    });

    it("leave the mail server our authority's: HTTP cannot prove a name that leads to the nodes", async () => {
        const { address } = await submissionOf(outputs.cluster.kubeconfig);
        const certificate = await certificateOverSmtp({
            host: address,
            port: port(587),
            name: `mail.${FQDN}`,
            ca: outputs.mail.authorityCertificate,
        });
        assert.deepEqual(namesIn(certificate), [`mail.${FQDN}`, `mx.${FQDN}`]);
    });

    it("leave nothing of the proofs: no Ingress, and no answer where they were", async () => {
        const config = new KubeConfig();
        config.loadFromString(outputs.cluster.kubeconfig);
        const networking = config.makeApiClient(NetworkingV1Api);
        await eventually("only the Sovereign's own Ingresses", async () => {
            const { items } = await networking.listIngressForAllNamespaces();
            assert.deepEqual(items.map(({ metadata }) => metadata?.name).sort(), [
                "catalyst",
                "stalwart-mta-sts",
            ]);
        });
        const asked = request({
            host: outputs.cloud.loadBalancerIpv4,
            port: port(80),
            path: "/.well-known/acme-challenge/token",
            headers: { host: FQDN },
        }).end();
        const [answer] = (await once(asked, "response")) as [IncomingMessage];
        answer.resume();
        assert.equal(answer.statusCode, 404);
    });

    it("is no change to the engine", async () => {
        await succeeds(stack, "preview", "--expect-no-changes");
    });
});
