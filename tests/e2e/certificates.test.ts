/**
 * Proves on the real engine, the real cert-manager, the real PowerDNS and a real ACME server (pebble), in a lab of its own: `up` does not wait
 * for public certificates; they take the place of our authority's by themselves, at the ingress and, after its restart, at the mail server,
 * whose key stays through the switch and a renewal; a zone beside the Sovereign's own is served under a certificate of its own; proofs leave
 * nothing in DNS; the issuer's key can change the challenge zone alone; and the engine takes none of this for a change. Waits for real:
 * cert-manager sleeps a minute before each proof, and proves apex and wildcard one after the other. Does not prove what Let's Encrypt
 * itself, or the real mail server's restart, takes.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { CoreV1Api } from "@kubernetes/client-node";
import { z } from "zod";
import { CERT_MANAGER_NAMESPACE, TSIG_SECRET } from "../../components/certificates/issuers.ts";
import { tlsaValue } from "../../components/mail/tlsa.ts";
import { labPort } from "../../lab/addresses.ts";
import { readState } from "../../lab/commands/stackState.ts";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { dig } from "../lab/powerdns/nameServerPair.ts";
import { dynamicUpdate } from "../provider/support/dynamicUpdate.ts";
import { eventually } from "../support/eventually.ts";
import type { TestLab } from "../support/toolchain.ts";
import { clusterOf, pageStatus, secretData } from "./clusterAndConsole.ts";
import { certificateSchema, isIssued, IssuedCertificates, namesIn } from "./issuedCertificates.ts";
import { submissionOf } from "./mailbox.ts";
import { certificateOverSmtp, certificateOverTls } from "./servedCertificate.ts";
import { FQDN, WHOLE_STACK, readOutputs, startSovereignLab, succeeds, up } from "./sovereignLab.ts";
import type { Outputs } from "./sovereignLab.ts";

/** Milliseconds for all certificates: two proofs one after the other, a minute each, and half as much again. */
const ISSUANCE = 300_000;

function publicKeyOf({ publicKey }: X509Certificate): string {
    return publicKey.export({ type: "spki", format: "pem" }).toString();
}

/** An HTTPRoute, as far as the tests read it. */
const routeSchema = z.looseObject({
    status: z.looseObject({
        parents: z.array(
            z.looseObject({
                conditions: z.array(
                    z.looseObject({ type: z.string(), status: z.string(), reason: z.string() }),
                ),
            }),
        ),
    }),
});

/** A zone that the Gateway serves beside the Sovereign's own. */
const FURTHER_ZONE = "omani.homes";

describe("public certificates of a Sovereign", function () {
    this.timeout(WHOLE_STACK);
    let lab: TestLab;
    let stack: PulumiCli;
    let outputs: Outputs;
    let core: CoreV1Api;
    let issued: IssuedCertificates;
    let root: string;

    before(async () => {
        ({ lab, stack } = await startSovereignLab({
            certificateIssuer: "staging",
            furtherZones: [FURTHER_ZONE],
        }));
        root = lab.acme.root;
    });

    after(() => lab.stop());

    const port = (of: number) => labPort(of, lab.context.addresses.portOffset);

    const MAIL = ["stalwart-sovereign", "stalwart-tls"] as const;
    const INGRESS = ["catalyst-system", "sovereign-ingress-tls"] as const;

    /** What the zone pins for port 25. */
    const pinned = () =>
        outputs.dns.records.filter(({ type }) => type === "TLSA").flatMap(({ records }) => records);

    /** The chain that the mail server serves on 587, checked for `mail.` against an authority. */
    async function servedOnSubmission(ca: string): Promise<X509Certificate> {
        const { address } = await submissionOf(outputs.cluster.kubeconfig);
        return certificateOverSmtp({ host: address, port: port(587), name: `mail.${FQDN}`, ca });
    }

    it("are not waited for: when the engine was done with each, it was not issued", async () => {
        await up(stack);
        const { resources } = await readState(stack);
        const seen = resources
            .filter(({ type }) => type === "kubernetes:cert-manager.io/v1:Certificate")
            .map(({ outputs: live }) => certificateSchema.parse(live).status);
        assert.equal(seen.length, 3, "one for mail, one for apex and wildcard of each zone");
        for (const status of seen) assert.ok(!isIssued(status));
        outputs = await readOutputs(stack);
        ({ core } = clusterOf(outputs.cluster.kubeconfig));
        issued = new IssuedCertificates(outputs.cluster.kubeconfig);
    });

    it("take the place of our authority's by themselves: mail's leads to the ACME server's root, with the key that DNS pins", async () => {
        await eventually("mail's certificate", () => issued.assertIssued(...MAIL), {
            timeout: ISSUANCE,
            interval: 1_000,
        });
        const served = await eventually("it on port 587", () => servedOnSubmission(root), {
            timeout: 30_000,
        });
        assert.deepEqual(namesIn(served), [`mail.${FQDN}`, `mx.${FQDN}`]);
        assert.deepEqual(pinned(), [tlsaValue(publicKeyOf(served))]);
    });

    it("is renewed with the same key, and served after its reload; apex and wildcard follow meanwhile", async () => {
        const first = await servedOnSubmission(root);
        await renew(...MAIL);
        await eventually("the renewal", () => issued.assertIssued(...MAIL, 2), {
            timeout: ISSUANCE,
            interval: 1_000,
        });
        const renewed = await eventually(
            "the renewed one on port 587",
            async () => {
                const served = await servedOnSubmission(root);
                assert.notEqual(served.serialNumber, first.serialNumber);
                return served;
            },
            { timeout: 30_000 },
        );
        assert.deepEqual(pinned(), [tlsaValue(publicKeyOf(renewed))]);
        await eventually("the other one", () => issued.assertIssued(...INGRESS), {
            timeout: ISSUANCE,
            interval: 1_000,
        });
    });

    /** What `cmctl renew` does: says that the certificate is being issued. */
    async function renew(namespace: string, name: string): Promise<void> {
        await issued.custom.patchNamespacedCustomObjectStatus(
            {
                group: "cert-manager.io",
                version: "v1",
                plural: "certificates",
                namespace,
                name,
                body: {
                    status: {
                        conditions: [
                            ...(await issued.status(namespace, name)).conditions,
                            {
                                type: "Issuing",
                                status: "True",
                                reason: "ManuallyTriggered",
                                message: "Certificate re-issuance manually triggered",
                                lastTransitionTime: new Date().toISOString(),
                            },
                        ],
                    },
                },
            },
            setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
        );
    }

    it("serves the one for apex and wildcard, and that of the MTA-STS host, by name through the load balancer", async () => {
        const address = outputs.cloud.loadBalancerIpv4;
        const served = (name: string) =>
            certificateOverTls({ host: address, port: port(443), name, ca: root });
        for (const name of [`console.${FQDN}`, `api.${FQDN}`, `mta-sts.${FQDN}`])
            assert.deepEqual(namesIn(await served(name)), [`*.${FQDN}`, FQDN]);
        const page = { host: `console.${FQDN}`, address, port: port(443), ca: root };
        assert.equal(await pageStatus(page), 200);
    });

    it("serves a further zone by listeners and a certificate of its own; routes find them by host name", async () => {
        const zone = ["catalyst-system", "zone-omani-homes-tls"] as const;
        await eventually("its certificate", () => issued.assertIssued(...zone), {
            timeout: ISSUANCE,
            interval: 1_000,
        });
        const shop = `shop.${FURTHER_ZONE}`;
        const [found, pinned] = await Promise.all([
            createRoute("shop", [shop, FURTHER_ZONE], {}),
            createRoute("shop-pinned", [shop], { sectionName: "https" }),
        ]);
        assert.deepEqual(await found(), ["True", "Accepted"]);
        assert.deepEqual(await pinned(), ["False", "NoMatchingParent"]);
        const address = outputs.cloud.loadBalancerIpv4;
        const at = { port: port(443), ca: root };
        for (const name of [FURTHER_ZONE, shop]) {
            assert.deepEqual(namesIn(await certificateOverTls({ host: address, name, ...at })), [
                `*.${FURTHER_ZONE}`,
                FURTHER_ZONE,
            ]);
            await eventually(`the page of ${name}`, async () => {
                assert.equal(await pageStatus({ host: name, address, ...at }), 200);
            });
        }
        const { addresses } = lab.context;
        assert.deepEqual(await dig(addresses, shop, "A"), [address]);
        assert.deepEqual(await dig(addresses, FURTHER_ZONE, "MX"), ["0 ."]);
        const [given] = outputs.dns.furtherZones;
        assert.equal(given?.zone, `${FURTHER_ZONE}.`);
        assert.deepEqual(given.nameServers, outputs.dns.nameServers);
        assert.match(given.dsRecords[0] ?? "", /^[0-9]+ 13 2 [0-9a-f]{64}$/i);
    });

    /** Makes a route to the console's pods; resolves to what tells what the Gateway's controller said of it. */
    async function createRoute(
        name: string,
        hostnames: readonly string[],
        parent: { readonly sectionName?: string },
    ): Promise<() => Promise<string[]>> {
        const at = {
            group: "gateway.networking.k8s.io",
            version: "v1",
            plural: "httproutes",
            namespace: "catalyst-system",
        };
        await issued.custom.createNamespacedCustomObject({
            ...at,
            body: {
                apiVersion: `${at.group}/${at.version}`,
                kind: "HTTPRoute",
                metadata: { name },
                spec: {
                    hostnames,
                    parentRefs: [{ name: "cilium-gateway", namespace: "kube-system", ...parent }],
                    rules: [{ backendRefs: [{ name: "catalyst-ui", port: 8080 }] }],
                },
            },
        });
        return () =>
            eventually(`the status of route ${name}`, async () => {
                const route: unknown = await issued.custom.getNamespacedCustomObject({
                    ...at,
                    name,
                });
                const [condition] = routeSchema
                    .parse(route)
                    .status.parents.flatMap(({ conditions }) =>
                        conditions.filter(({ type }) => type === "Accepted"),
                    );
                assert.ok(condition);
                return [condition.status, condition.reason];
            });
    }

    it("leaves nothing of the proofs in DNS, whose aliases lead into the challenge zone", async () => {
        const { addresses } = lab.context;
        for (const [name, label] of [
            [FQDN, ""],
            [`mail.${FQDN}`, "mail."],
            [`mx.${FQDN}`, "mx."],
            [FURTHER_ZONE, `${FURTHER_ZONE}.`],
        ] as const) {
            const target = `_acme-challenge.${label}acme.${FQDN}.`;
            assert.deepEqual(await dig(addresses, `_acme-challenge.${name}`, "CNAME"), [target]);
            await eventually(`no proof at ${target}`, async () => {
                assert.deepEqual(await dig(addresses, target, "TXT"), []);
            });
        }
    });

    it("gives the issuer a key that changes the challenge zone and nothing else", async () => {
        const data = await secretData(core, CERT_MANAGER_NAMESPACE, TSIG_SECRET.name);
        const key = { name: `issuer.acme.${FQDN}`, secret: data[TSIG_SECRET.key] ?? "" };
        const update = (zone: string, record: string) =>
            dynamicUpdate(lab.context, zone, record, key);
        const zone = `acme.${FQDN}.`;
        assert.deepEqual(
            {
                challenge: await update(zone, `_acme-challenge.probe.${zone} 60 TXT proof`),
                main: await update(`${FQDN}.`, `_acme-challenge.probe.${FQDN}. 60 TXT proof`),
                mail: await update(`${FQDN}.`, `mail.${FQDN}. 60 A 192.0.2.1`),
                mailInTheWrongZone: await update(zone, `mail.${FQDN}. 60 A 192.0.2.1`),
                top: await update("example.", "evil.example. 60 A 192.0.2.1"),
            },
            {
                challenge: "accepted",
                main: "REFUSED",
                mail: "REFUSED",
                mailInTheWrongZone: "NOTZONE",
                top: "REFUSED",
            },
        );
    });

    it("is no change to the engine, and no secret in its state", async () => {
        await succeeds(stack, "preview", "--expect-no-changes");
        await succeeds(stack, "refresh", "--yes", "--skip-preview");
        await succeeds(stack, "preview", "--expect-no-changes");
        const { pending } = await readState(stack);
        assert.deepEqual(pending, []);
        const { stdout: state } = await succeeds(stack, "stack", "export");
        const tsig = await secretData(core, CERT_MANAGER_NAMESPACE, TSIG_SECRET.name);
        const ingress = await secretData(core, ...INGRESS);
        for (const secret of [tsig[TSIG_SECRET.key], ingress["tls.key"]?.split("\n")[1]]) {
            assert.ok(secret !== undefined && secret.length > 20);
            assert.ok(!state.includes(secret), "a secret lies in plain in the stack's state");
        }
    });
});
