// Proves what a node is told at its first boot: files, permissions, encoding and the size limit. Does not prove that
// cloud-init acts on it; the bootstrap script has tests of its own.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { parse } from "yaml";
import { BOOT_FILES, parseBootstrapEnvironment } from "../../../components/cluster/bootFiles.ts";
import { nodeUserData, nodeUserDataArgs } from "../../../components/cluster/nodeUserData.ts";
import type { ClusterSecrets } from "../../../components/cluster/nodeUserData.ts";
import {
    MAX_USER_DATA_BYTES,
    cloudConfig,
    userData,
    userDataFiles,
} from "../../../components/cluster/userData.ts";
import { issue, privateKeyPem } from "../../support/certificates.ts";
import { fixtureCluster, fixtureNodes } from "../../support/sovereignFixture.ts";

const FQDN = "omantel.example";
const SECRETS: ClusterSecrets = {
    serverToken: `K10${"0".repeat(64)}::server:server-password`,
    agentToken: `K10${"0".repeat(64)}::node:agent-password`,
    tlsSans: ["198.51.100.1", "10.0.2.2", "api.omantel.example"],
};
const AUTHORITIES = {
    byName: { "server-ca": { chainPem: "a chain\n", keyPem: "a key\n" } },
    serviceAccountKeyPem: "a service key\n",
};

function argsOf(key: string, secrets: ClusterSecrets = SECRETS) {
    const nodes = fixtureNodes(3, 2);
    const node = nodes.find((n) => n.key === key);
    assert.ok(node);
    return nodeUserDataArgs(FQDN, fixtureCluster(nodes), node, secrets);
}

function modes(key: string, secrets?: ClusterSecrets): Record<string, string> {
    return Object.fromEntries(
        userDataFiles(argsOf(key, secrets)).map((f) => [f.path, f.permissions]),
    );
}

const ON_EVERY_NODE = {
    [BOOT_FILES.environment]: "0600",
    [BOOT_FILES.script]: "0755",
    "/etc/systemd/system/sovereign-bootstrap.service": "0644",
    [BOOT_FILES.mailProbeEnvironment]: "0644",
    [BOOT_FILES.mailProbe]: "0755",
    [BOOT_FILES.egressProbe]: "0755",
    "/etc/systemd/system/sovereign-mail-probe.service": "0644",
    "/etc/systemd/system/sovereign-mail-probe.timer": "0644",
    [BOOT_FILES.sshd]: "0600",
    [BOOT_FILES.sysctl]: "0644",
    [BOOT_FILES.metadataFirewall]: "0644",
    [BOOT_FILES.k3sConfig]: "0600",
};
const ON_CONTROL_PLANES = {
    ...ON_EVERY_NODE,
    [BOOT_FILES.auditPolicy]: "0600",
    [`${BOOT_FILES.manifestsDirectory}/00-sovereign-admins.yaml`]: "0600",
    [`${BOOT_FILES.manifestsDirectory}/10-cilium.yaml`]: "0600",
};

describe("user data", () => {
    it("holds exactly these files, with these permissions", () => {
        assert.deepEqual(modes("w1"), ON_EVERY_NODE);
        assert.deepEqual(modes("cp2"), ON_CONTROL_PLANES);
        assert.deepEqual(modes("cp1", { ...SECRETS, authorities: AUTHORITIES }), {
            ...ON_CONTROL_PLANES,
            [`${BOOT_FILES.tlsDirectory}/server-ca.crt`]: "0644",
            [`${BOOT_FILES.tlsDirectory}/server-ca.key`]: "0600",
            [`${BOOT_FILES.tlsDirectory}/service.key`]: "0600",
        });
    });

    it("lets readers other than root see no file with a secret in it", () => {
        for (const f of userDataFiles(argsOf("cp1", { ...SECRETS, authorities: AUTHORITIES })))
            if (/password|a key|a service key/.test(f.content))
                assert.equal(f.permissions, "0600", f.path);
    });

    it("is base64 of gzip of a cloud-init document, the same each time", () => {
        const encoded = userData(argsOf("cp2"));
        assert.equal(encoded, userData(argsOf("cp2")));
        const text = gunzipSync(Buffer.from(encoded, "base64")).toString();
        assert.equal(text, cloudConfig(argsOf("cp2")));
        assert.equal(text.split("\n")[0], "#cloud-config");
        const document = parse(text) as Record<string, unknown>;
        assert.deepEqual(document.write_files, userDataFiles(argsOf("cp2")));
        assert.deepEqual(document.packages, ["nftables"]);
        assert.deepEqual((document.runcmd as string[][]).at(-1), [
            "systemctl",
            "enable",
            "--now",
            "--no-block",
            "sovereign-bootstrap.service",
        ]);
    });

    it("carries any content unharmed", () => {
        fc.assert(
            fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), (content) => {
                const args = { ...argsOf("cp2"), manifests: { "20-any.yaml": content } };
                const document = parse(cloudConfig(args)) as {
                    write_files: { path: string; content: string }[];
                };
                const file = document.write_files.find((f) => f.path.endsWith("20-any.yaml"));
                assert.equal(file?.content, content);
            }),
        );
    });

    it("says who is over the limit, by how much, and what takes the room", () => {
        const noise = randomBytes(40_000).toString("base64");
        const args = { ...argsOf("cp2"), manifests: { "noise.yaml": noise } };
        assert.throws(
            () => userData(args),
            (error: Error) => {
                const match =
                    /^the user data of cp2 takes (\d+) bytes, (\d+) more than Hetzner's limit of 32768; its largest files: (.*)$/.exec(
                        error.message,
                    );
                assert.equal(Number(match?.[1]) - Number(match?.[2]), MAX_USER_DATA_BYTES);
                assert.match(match?.[3] ?? "", /^\S+\/noise\.yaml \(53336\), /);
                assert.ok(!error.message.includes("password"));
                return true;
            },
        );
    });

    it("leaves room under the limit with all CAs and a hundred nodes", async () => {
        const nodes = fixtureNodes(3, 97);
        const first = nodes[0];
        assert.ok(first);
        const certificate = await issue(
            { commonName: `${"a".repeat(60)} etcd server-ca`, ca: true, hours: 1 },
            privateKeyPem(),
        );
        const byName = Object.fromEntries(
            Array.from({ length: 5 }, (_, i) => [
                `ca-${i}`,
                { chainPem: certificate + certificate, keyPem: privateKeyPem() },
            ]),
        );
        const encoded = nodeUserData(FQDN, fixtureCluster(nodes), first, {
            ...SECRETS,
            authorities: { byName, serviceAccountKeyPem: privateKeyPem() },
        });
        assert.ok(encoded.length < MAX_USER_DATA_BYTES / 2, `${encoded.length} bytes`);
    });

    it("tells the bootstrap script what it decides by", () => {
        const read = (key: string, secrets?: ClusterSecrets) =>
            parseBootstrapEnvironment(
                userDataFiles(argsOf(key, secrets)).find((f) => f.path === BOOT_FILES.environment)
                    ?.content ?? "",
            );
        assert.deepEqual(read("cp1", { ...SECRETS, authorities: AUTHORITIES }), {
            role: "server",
            mayInitialise: true,
            epoch: 1,
            nodeIp: "10.0.1.2",
            peers: ["10.0.1.3", "10.0.1.4"],
            k3sVersion: "v1.36.1+k3s1",
            k3sDownloadUrl: "https://releases.test/k3s",
            k3sSha256: { amd64: "a".repeat(64), arm64: "b".repeat(64) },
        });
        assert.equal(read("cp1").mayInitialise, false);
        assert.equal(read("w2").role, "agent");
        assert.equal(read("w2").nodeIp, "10.0.1.11");
    });

    it("leaves who initialises and who joins to the bootstrap script", () => {
        for (const key of ["cp1", "cp2", "w1"]) {
            const config = parse(argsOf(key).k3sConfig) as object;
            assert.ok(!("cluster-init" in config) && !("server" in config), key);
        }
    });
});
