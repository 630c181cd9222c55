// Proves, on a real API server with the real helm, which source wins for each key of catalyst-openova-kc-credentials, at the
// first install, on upgrades, after rotations and deletions. Does not prove that the API's image reads the keys.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { statusOf } from "../../lab/machines/kubelet/client.ts";
import { RunningCluster } from "../support/runningCluster.ts";
import { chartPath, helm, withValues } from "./helm.ts";

const TARGET = "catalyst-openova-kc-credentials";
const KEYCLOAK = { namespace: "keycloak", name: "catalyst-kc-sa-credentials" };
const SMTP = "sovereign-smtp-credentials";
const KEYCLOAK_DATA = {
    addr: "https://auth.omantel.example",
    realm: "sovereign",
    "client-id": "catalyst-api-server",
    "client-secret": "first",
};
const FROM_KEYCLOAK = {
    "kc-addr": "https://auth.omantel.example",
    "kc-realm": "sovereign",
    "kc-sa-client-id": "catalyst-api-server",
    "kc-sa-client-secret": "first",
    "kc-audience": "catalyst-api-server",
};
const DEFAULTS = {
    "smtp-host": "mail.openova.io",
    "smtp-port": "587",
    "smtp-from": "noreply@openova.io",
};
const SMTP_DATA = {
    "smtp-host": "mail.omantel.example",
    "smtp-port": "2587",
    "smtp-from": "noreply@omantel.example",
    "smtp-user": "noreply@omantel.example",
    "smtp-pass": "pass-1",
};

type Data = Readonly<Record<string, string>>;

describe("catalyst-openova-kc-credentials on a cluster", function () {
    this.timeout(300_000);
    let running: RunningCluster;
    let kubeconfig: string;
    let namespace: string;
    let count = 0;

    before(async () => {
        running = await RunningCluster.claim();
        await running.boot();
        kubeconfig = join(running.lab.context.directory, "kubeconfig");
        await writeFile(kubeconfig, running.client.config.exportConfig(), { mode: 0o600 });
        await running.client.core.createNamespace({ body: { metadata: { name: "keycloak" } } });
    });
    after(() => running.release());
    beforeEach(async () => {
        count += 1;
        namespace = `catalyst-${count}`;
        await running.client.core.createNamespace({ body: { metadata: { name: namespace } } });
        await remove(KEYCLOAK.namespace, KEYCLOAK.name);
    });

    async function remove(where: string, name: string): Promise<void> {
        try {
            await running.client.core.deleteNamespacedSecret({ namespace: where, name });
        } catch (error) {
            if (statusOf(error) !== 404) throw error;
        }
    }

    /** A Secret with exactly these keys, anew. */
    async function put(where: string, name: string, stringData: Data): Promise<void> {
        await remove(where, name);
        await running.client.core.createNamespacedSecret({
            namespace: where,
            body: { metadata: { name }, stringData },
        });
    }

    const keycloak = (changes: Data = {}) =>
        put(KEYCLOAK.namespace, KEYCLOAK.name, { ...KEYCLOAK_DATA, ...changes });
    const smtp = (data: Data) => put(namespace, SMTP, data);

    async function release(verb: "install" | "upgrade", values: object = {}): Promise<void> {
        const chart = { global: { sovereignFQDN: "" }, ...values };
        const { exitCode, stderr } = await withValues(chart, (file) =>
            helm(
                [
                    verb,
                    "catalyst-platform",
                    chartPath("catalyst-platform"),
                    "--namespace",
                    namespace,
                    "--values",
                    file,
                ],
                { KUBECONFIG: kubeconfig },
            ),
        );
        assert.equal(exitCode, 0, stderr);
    }

    /** The target's keys with something in them; undefined when there is no target. */
    async function target(): Promise<Data | undefined> {
        try {
            const { data = {} } = await running.client.core.readNamespacedSecret({
                namespace,
                name: TARGET,
            });
            assert.equal(Object.keys(data).length, 10);
            return Object.fromEntries(
                Object.entries(data)
                    .map(([key, value]) => [key, Buffer.from(value, "base64").toString()] as const)
                    .filter(([, value]) => value !== ""),
            );
        } catch (error) {
            if (statusOf(error) === 404) return undefined;
            throw error;
        }
    }

    it("is not rendered where Keycloak's source is missing, or has no data", async () => {
        await smtp(SMTP_DATA);
        await release("install");
        assert.equal(await target(), undefined);
        await put(KEYCLOAK.namespace, KEYCLOAK.name, {});
        await release("upgrade");
        assert.equal(await target(), undefined);
    });

    it("leaves another owner's Secret alone on the mothership", async () => {
        await put(namespace, TARGET, { "kc-addr": "by hand" });
        await release("install");
        const { data, metadata } = await running.client.core.readNamespacedSecret({
            namespace,
            name: TARGET,
        });
        assert.deepEqual(data, { "kc-addr": Buffer.from("by hand").toString("base64") });
        assert.equal(metadata?.annotations, undefined);
    });

    it("has mail addresses from values and no mail credentials at first, with its labels", async () => {
        await keycloak();
        await release("install");
        assert.deepEqual(await target(), { ...FROM_KEYCLOAK, ...DEFAULTS });
        const { metadata, type } = await running.client.core.readNamespacedSecret({
            namespace,
            name: TARGET,
        });
        assert.equal(type, "Opaque");
        assert.equal(metadata?.annotations?.["helm.sh/resource-policy"], "keep");
        assert.deepEqual(
            [
                "catalyst.openova.io/blueprint",
                "catalyst.openova.io/component",
                "app.kubernetes.io/part-of",
            ].map((label) => metadata.labels?.[label]),
            ["bp-catalyst-platform", "catalyst-api", "catalyst"],
        );
    });

    it("follows the mail source as soon as it is there, and each rotation of it", async () => {
        await keycloak();
        await release("install");
        await smtp(SMTP_DATA);
        await release("upgrade");
        assert.deepEqual(await target(), { ...FROM_KEYCLOAK, ...SMTP_DATA });
        await smtp({ ...SMTP_DATA, "smtp-pass": "pass-2", "smtp-host": "mx2.omantel.example" });
        await release("upgrade");
        assert.deepEqual(await target(), {
            ...FROM_KEYCLOAK,
            ...SMTP_DATA,
            "smtp-pass": "pass-2",
            "smtp-host": "mx2.omantel.example",
        });
    });

    it("takes the older keys of the mail source after the newer ones, and empty for absent", async () => {
        await keycloak();
        await smtp({ user: "old-user", password: "old-pass" });
        await release("install");
        assert.deepEqual(await target(), {
            ...FROM_KEYCLOAK,
            ...DEFAULTS,
            "smtp-user": "old-user",
            "smtp-pass": "old-pass",
        });
        await smtp({
            "smtp-user": "new-user",
            "smtp-pass": "",
            user: "old-user",
            password: "old-2",
            "smtp-host": "",
        });
        await release("upgrade");
        assert.deepEqual(await target(), {
            ...FROM_KEYCLOAK,
            ...DEFAULTS,
            "smtp-user": "new-user",
            "smtp-pass": "old-2",
        });
    });

    it("keeps what it has when the mail source is deleted, whatever the values say", async () => {
        await keycloak();
        await smtp(SMTP_DATA);
        await release("install");
        await remove(namespace, SMTP);
        await release("upgrade", { sovereign: { smtp: { host: "other.example" } } });
        assert.deepEqual(await target(), { ...FROM_KEYCLOAK, ...SMTP_DATA });
    });

    it("survives a rotation at Keycloak, until it is deleted", async () => {
        await keycloak();
        await release("install");
        await keycloak({ "client-secret": "second", realm: "other" });
        await release("upgrade");
        assert.deepEqual(await target(), { ...FROM_KEYCLOAK, ...DEFAULTS });
        await remove(namespace, TARGET);
        await release("upgrade");
        assert.deepEqual(await target(), {
            ...FROM_KEYCLOAK,
            ...DEFAULTS,
            "kc-sa-client-secret": "second",
            "kc-realm": "other",
        });
    });

    it("fills an empty key of an existing target from Keycloak, and keeps its own audience", async () => {
        await keycloak({ "client-secret": "" });
        await release("install");
        assert.equal((await target())?.["kc-sa-client-secret"], undefined);
        await running.client.core.patchNamespacedSecret({
            namespace,
            name: TARGET,
            body: [
                {
                    op: "replace",
                    path: "/data/kc-audience",
                    value: Buffer.from("account").toString("base64"),
                },
            ],
        });
        await keycloak({ "client-secret": "late" });
        await release("upgrade");
        assert.deepEqual(await target(), {
            ...FROM_KEYCLOAK,
            ...DEFAULTS,
            "kc-sa-client-secret": "late",
            "kc-audience": "account",
        });
    });

    it("outlives the release, and the next install takes the same bytes up", async () => {
        await keycloak();
        await smtp(SMTP_DATA);
        await release("install");
        const { exitCode } = await helm(
            ["uninstall", "catalyst-platform", "--namespace", namespace],
            { KUBECONFIG: kubeconfig },
        );
        assert.equal(exitCode, 0);
        assert.deepEqual(await target(), { ...FROM_KEYCLOAK, ...SMTP_DATA });
        await remove(namespace, SMTP);
        await keycloak({ "client-secret": "second" });
        await release("install");
        assert.deepEqual(await target(), { ...FROM_KEYCLOAK, ...SMTP_DATA });
    });

    it("reads the mail source of its own namespace alone", async () => {
        await keycloak();
        await put("keycloak", SMTP, SMTP_DATA);
        await release("install");
        assert.deepEqual(await target(), { ...FROM_KEYCLOAK, ...DEFAULTS });
        await remove("keycloak", SMTP);
    });
});
