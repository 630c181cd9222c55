/**
 * Proves what Mail puts into the cluster under each condition, that everything there goes with the cluster, and that the release's
 * values hold digests instead of secrets. It does not prove that the chart renders with these values (tests of the charts) or that the
 * server starts (end-to-end tests).
 */
import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { DkimKeys } from "../../../components/mail/dkimKeys.ts";
import { Mail } from "../../../components/mail/mail.ts";
import type { MailArgs } from "../../../components/mail/mail.ts";
import { MailCertificate } from "../../../components/mail/mailCertificate.ts";
import { SmtpCredentials } from "../../../components/mail/smtpCredentials.ts";
import { filesDigest } from "../../../components/mail/stalwartPlan.ts";
import type { MailConfig } from "../../../config/model.ts";
import { parseConfig } from "../../../config/sovereignConfig.ts";
import { DkimSelectors } from "../../../provider/resources/dkimSelectors.ts";
import { clusterAccess } from "../../support/clusterAccess.ts";
import { leaksOf } from "../../support/leaks.ts";
import { childOf, isSecretValue, outline, plainInputs, plan } from "../../support/plan.ts";
import type { Child } from "../../support/plan.ts";
import { mockPassword, sovereignOutputs } from "../../support/sovereignOutputs.ts";
import { MINIMAL, rawConfig } from "../../support/stackFixtures.ts";

const outputs = sovereignOutputs();
const { fqdn, mail, cloud, cluster } = parseConfig(rawConfig(MINIMAL));
const RELAY_PASSWORD = "hunter2-hunter2";

const RELAYED: Partial<MailConfig> = {
    egress: "smart-host",
    smartHost: { host: "smtp.relay.example", port: 2525, username: "omantel" },
};

function make(
    changes: Partial<MailConfig> = {},
    password?: string,
    { wayIn = { kind: "ingress" }, pullSecret }: Partial<MailArgs> = {},
): Mail {
    return new Mail("mail", {
        fqdn,
        mail: { ...mail, ...changes },
        cloudConfig: cloud,
        clusterConfig: cluster,
        cluster: clusterAccess(),
        namespace: pulumi.output("stalwart-sovereign"),
        owner: "program",
        after: [new kubernetes.core.v1.Namespace("before-mail")],
        wayIn,
        ...(pullSecret !== undefined && { pullSecret }),
        dkim: new DkimKeys("dkim", {
            selectors: [...mail.dkim, { selector: "r0", algorithm: "rsa2048", state: "retiring" }],
            protect: false,
        }),
        selectors: new DkimSelectors("selectors", {
            zone: fqdn,
            selectors: [],
            nameServers: [],
            ttl: 300,
            signatureLifetime: 604_800,
        }),
        credentials: new SmtpCredentials("smtp", { fqdn, generation: 1 }),
        certificate: new MailCertificate("certificate", { fqdn }),
        publicCertificates: [],
        ...(password !== undefined && { smartHostPassword: pulumi.secret(password) }),
        dnsRecords: [{ name: fqdn, type: "A", ttl: 300, records: ["198.51.100.1"] }],
    });
}

const ownChildren = (children: readonly Child[]): Child[] =>
    children.filter((child) => child.parentName === "mail");

interface Values {
    readonly imagePullSecret: string;
    readonly checksums: Record<string, string>;
    readonly secrets: Record<string, string>;
    readonly networkPolicy: Record<string, unknown>;
    readonly mtaSts: Record<string, unknown>;
    readonly nodeSelector: Record<string, string>;
    readonly hostPorts: Record<string, boolean>;
}

const valuesOf = (children: readonly Child[]): Values =>
    childOf(children, "mail-release").inputs.values as Values;

function filesOf(children: readonly Child[], name: string): Record<string, string> {
    return plainInputs(childOf(children, name)).stringData as Record<string, string>;
}

describe("Mail", () => {
    it("puts Secrets, the name inside the cluster and the release there", async () => {
        const { children } = await plan(() => make(), { outputs });
        assert.deepEqual(outline(ownChildren(children)), [
            "sovereign:mail:Mail > kubernetes:core/v1:ConfigMap mail-coredns",
            "sovereign:mail:Mail > kubernetes:core/v1:Secret mail-dkim",
            "sovereign:mail:Mail > kubernetes:core/v1:Secret mail-ingress",
            "sovereign:mail:Mail > kubernetes:core/v1:Secret mail-plan",
            "sovereign:mail:Mail > kubernetes:core/v1:Secret mail-tls",
            "sovereign:mail:Mail > kubernetes:helm.sh/v3:Release mail-release",
        ]);
    });

    it("lets everything go with the cluster, through the cluster's provider", async () => {
        const { children } = await plan(() => make(RELAYED, RELAY_PASSWORD), { outputs });
        for (const { name, options } of ownChildren(children))
            assert.deepEqual(
                [options.deletedWith, options.provider],
                ["cluster-ready", "cluster-kubernetes"],
                name,
            );
    });

    it("releases the chart of the repository by its version, after the Secrets", async () => {
        const { children } = await plan(() => make(), { outputs });
        const release = childOf(children, "mail-release");
        const { name, namespace, chart, version, timeout, maxHistory } = release.inputs;
        assert.deepEqual(
            [name, namespace, chart, version, timeout, maxHistory],
            [
                "stalwart-sovereign",
                "stalwart-sovereign",
                "./charts/stalwart-sovereign",
                "0.1.0",
                600,
                5,
            ],
        );
        for (const secret of ["mail-plan", "mail-dkim", "mail-tls", "mail-ingress"])
            assert.ok(release.dependencies.includes(secret), secret);
    });

    it("puts nothing there before what has to be there", async () => {
        const { children } = await plan(() => make(), { outputs });
        for (const { name, dependencies } of ownChildren(children))
            if (name !== "mail-release") assert.ok(dependencies.includes("before-mail"), name);
    });

    it("leads to the MTA-STS policy by the Gateway's certificate where there is one", async () => {
        const gateway = { name: "edge", namespace: "kube-system" };
        const wayIn = { kind: "gateway", ...gateway } as const;
        const { children } = await plan(() => make({}, undefined, { wayIn }), { outputs });
        assert.deepEqual(valuesOf(children).mtaSts, { enabled: true, gateway });
        assert.ok(!children.some(({ name }) => name === "mail-ingress"));
    });

    it("gives its pod the credentials of the registry where it asks for some", async () => {
        const values = async (pullSecret?: string) =>
            valuesOf(
                (
                    await plan(
                        () => make({}, undefined, pullSecret === undefined ? {} : { pullSecret }),
                        { outputs },
                    )
                ).children,
            ).imagePullSecret;
        assert.deepEqual([await values(), await values("pull")], ["", "pull"]);
    });

    it("hands the server no plan and no key before the selectors may sign", async () => {
        const { children } = await plan(() => make(), { outputs });
        for (const name of ["mail-plan", "mail-dkim"])
            assert.ok(childOf(children, name).dependencies.includes("selectors"), name);
    });

    it("keeps every Secret's content secret, and tells the chart digests of it", async () => {
        const { children } = await plan(() => make(RELAYED, RELAY_PASSWORD), { outputs });
        for (const name of ["mail-plan", "mail-dkim", "mail-tls", "mail-ingress", "mail-relay"])
            assert.ok(isSecretValue(childOf(children, name).inputs.stringData), name);
        const { checksums } = valuesOf(children);
        assert.deepEqual(Object.keys(checksums).sort(), ["dkim", "plan", "relay", "tls"]);
        for (const digest of Object.values(checksums)) assert.match(digest, /^[0-9a-f]{64}$/);
        assert.deepEqual(leaksOf(children, [RELAY_PASSWORD]), []);
    });

    it("gives the server the keys that sign, and only those", async () => {
        const { children } = await plan(() => make(), { outputs });
        const files = filesOf(children, "mail-dkim");
        assert.deepEqual(Object.keys(files), ["r1.pem"]);
        assert.match(files["r1.pem"] ?? "", /^-----BEGIN RSA PRIVATE KEY-----/);
    });

    it("writes the plan for this very Sovereign, with the password as a hash alone", async () => {
        const { children } = await plan(() => make(), { outputs });
        const text = Object.values(filesOf(children, "mail-plan")).join("\n");
        assert.ok(text.includes(fqdn));
        assert.match(text, /\$2a\$\d\d\$/);
        assert.ok(text.includes("10.0.2.2"), "the load balancer may speak the PROXY protocol");
        assert.ok(!text.includes(mockPassword("smtp-password", 40)));
    });

    it("goes through a smart host on its port only, with its password in a Secret", async () => {
        const { children } = await plan(() => make(RELAYED, RELAY_PASSWORD), { outputs });
        assert.deepEqual(filesOf(children, "mail-relay"), { password: RELAY_PASSWORD });
        const values = valuesOf(children);
        assert.equal(values.secrets.relay, "stalwart-relay");
        assert.deepEqual(values.networkPolicy.egressPorts, ["2525"]);
    });

    it("salts the digest of the smart host's password, which people choose", async () => {
        const { children } = await plan(() => make(RELAYED, RELAY_PASSWORD), { outputs });
        const { relay } = valuesOf(children).checksums;
        assert.notEqual(relay, filesDigest({ password: RELAY_PASSWORD }));
    });

    it("delivers directly without a smart host", async () => {
        const { children } = await plan(() => make(), { outputs });
        const values = valuesOf(children);
        assert.deepEqual(values.networkPolicy, {
            enabled: true,
            smtpFrom: ["10.0.2.2/32"],
            submissionNamespaces: ["catalyst-system"],
            egressPorts: ["25", "443"],
        });
        assert.equal(values.secrets.relay, "");
        assert.equal(values.checksums.relay, "");
    });

    it("has no policy host, nor its certificate, without MTA-STS", async () => {
        const { children } = await plan(() => make({ mtaSts: "none" }), { outputs });
        assert.deepEqual(
            ownChildren(children).filter((child) => child.name === "mail-ingress"),
            [],
        );
        assert.equal(valuesOf(children).mtaSts.enabled, false);
    });

    it("stays on the node that mail is pinned to", async () => {
        const { children } = await plan(() => make({ egress: "pinned", pinnedNode: "cp1" }), {
            outputs,
        });
        assert.deepEqual(valuesOf(children).nodeSelector, {
            "kubernetes.io/hostname": "catalyst-omantel-example-org-cp1",
        });
    });

    it("opens submission to the outside only when it is public", async () => {
        const closed = await plan(() => make(), { outputs });
        const open = await plan(() => make({ publicSubmission: true }), { outputs });
        assert.deepEqual(valuesOf(closed.children).hostPorts, {
            smtp: true,
            submission: false,
            submissions: false,
        });
        assert.deepEqual(valuesOf(open.children).hostPorts, {
            smtp: true,
            submission: true,
            submissions: true,
        });
    });

    it("resolves mail.<fqdn> inside the cluster to the submission Service", async () => {
        const { children } = await plan(() => make(), { outputs });
        const { metadata, data } = plainInputs(childOf(children, "mail-coredns"));
        assert.deepEqual(metadata, {
            name: "coredns-custom",
            namespace: "kube-system",
            labels: {
                "catalyst.openova.io/sovereign": fqdn,
                "app.kubernetes.io/managed-by": "pulumi",
            },
        });
        assert.deepEqual(data, {
            "sovereign-mail.override": `rewrite stop name exact mail.${fqdn} stalwart.stalwart-sovereign.svc.cluster.local answer auto\n`,
        });
    });

    it("lists everything in a first preview, when nothing exists yet", async () => {
        const real = await plan(() => make(), { outputs });
        const preview = await plan(() => make(), { outputs, preview: true });
        assert.deepEqual(outline(preview.children), outline(real.children));
    });
});
