// Proves: user data is decoded as cloud-init does it, k3s' files and tokens are read as k3s does, and a machine starts k3s
// only where its commands say so; also for the user data that the program writes. Starts no process.
import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { stringify } from "yaml";
import { BOOT_FILES } from "../../../../components/cluster/bootFiles.ts";
import { userData } from "../../../../components/cluster/userData.ts";
import {
    readEnvironment,
    runCloudInit,
    startsBootstrap,
} from "../../../../lab/machines/boot/bootstrap.ts";
import { Disk } from "../../../../lab/machines/boot/disk.ts";
import { releaseUrl } from "../../../../lab/machines/boot/release.ts";
import { decodeUserData } from "../../../../lab/machines/boot/userData.ts";
import { K3sSettings, parseK3sConfig } from "../../../../lab/machines/control/k3sConfig.ts";
import { planJoin } from "../../../../lab/machines/control/etcd.ts";
import { mergeArguments } from "../../../../lab/machines/control/daemonArguments.ts";
import { caHash, issueLeaf, selfSignedCa } from "../../../../lab/machines/control/pki.ts";
import { checkCaHash, parseToken, roleOf } from "../../../../lab/machines/control/token.ts";
import {
    k3sReleaseContent,
    k3sReleaseSha256,
    releaseAt,
} from "../../../../lab/machines/k3sRelease.ts";
import { checkNodeLabels } from "../../../../lab/machines/kubelet/nodeLabels.ts";

describe("user data", () => {
    const cloudConfig = (document: unknown) => `#cloud-config\n${stringify(document)}`;

    it("is taken plain, and as base64 of gzip", () => {
        const text = cloudConfig({
            write_files: [{ path: "/a", content: "1" }],
            runcmd: ["x", ["y", "z"]],
        });
        for (const data of [text, gzipSync(text).toString("base64")]) {
            const decoded = decodeUserData(data);
            assert.equal(decoded.files[0]?.content.toString(), "1");
            assert.deepEqual(decoded.commands, ["x", "y z"]);
        }
    });

    it("keeps every content through each encoding of write_files", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), (content) => {
                const bytes = Buffer.from(content);
                for (const [encoding, encoded] of [
                    ["b64", bytes.toString("base64")],
                    ["gz+b64", gzipSync(bytes).toString("base64")],
                ] as const) {
                    const [file] = decodeUserData(
                        cloudConfig({ write_files: [{ path: "/a", encoding, content: encoded }] }),
                    ).files;
                    assert.ok(file?.content.equals(bytes));
                }
            }),
            { numRuns: 30 },
        );
    });

    it("is refused without its first line, with an unknown encoding, or as no YAML", () => {
        assert.throws(
            () => decodeUserData("runcmd: []"),
            /does not begin with the line #cloud-config/,
        );
        assert.throws(
            () => decodeUserData(cloudConfig({ write_files: [{ path: "/a", encoding: "rot13" }] })),
            /write_files \/a: unknown encoding rot13/,
        );
        assert.throws(() => decodeUserData("#cloud-config\na: [\n"), /user data is not YAML/);
    });

    describe("on a disk", () => {
        let folder: string;
        let disk: Disk;

        beforeEach(async () => {
            folder = await mkdtemp(join(tmpdir(), "sovereign-disk-"));
            disk = new Disk(folder);
        });
        afterEach(async () => {
            await rm(folder, { recursive: true });
        });

        it("that the program writes starts the bootstrap script, by its unit", async () => {
            const environment = {
                role: "agent",
                mayInitialise: false,
                epoch: 1,
                nodeIp: "10.0.1.10",
                peers: ["10.0.1.2"],
                k3sVersion: "v1.36.1+k3s1",
                k3sDownloadUrl: "http://127.0.0.1",
                k3sSha256: { amd64: "ab" },
            } as const;
            const data = userData({
                key: "w1",
                environment,
                mailProbe: { ehlo: "mail.test", node: "w1", targets: [] },
                k3sConfig: "token: x\n",
                manifests: {},
            });
            const commands = await runCloudInit(data, disk, () => undefined);
            assert.equal(await startsBootstrap(commands, disk), true);
            assert.deepEqual(await readEnvironment(disk), environment);
            assert.equal(await startsBootstrap(["systemctl start other.service"], disk), false);
        });

        it("is written once per disk", async () => {
            const data = (content: string) =>
                cloudConfig({ write_files: [{ path: "/a", content }], runcmd: ["x"] });
            await runCloudInit(data("1"), disk, () => undefined);
            assert.deepEqual(await runCloudInit(data("2"), disk, () => undefined), ["x"]);
            assert.equal(await disk.read("/a"), "1");
        });

        it("never leaves the disk", () => {
            assert.equal(disk.path("/../../etc/passwd"), join(folder, "etc/passwd"));
        });

        it("without its environment is told so", async () => {
            await assert.rejects(readEnvironment(disk), {
                message: `${BOOT_FILES.environment}: no such file`,
            });
        });
    });
});

describe("the release", () => {
    it("is at the path of its version, with the plus sign encoded, and its sum file agrees", () => {
        const environment = {
            role: "agent",
            mayInitialise: false,
            epoch: 1,
            nodeIp: "",
            peers: [],
            k3sVersion: "v1.36.1+k3s1",
            k3sDownloadUrl: "http://h/k3s-io/k3s/releases/download",
            k3sSha256: {},
        } as const;
        for (const [architecture, key] of [
            ["x86", "amd64"],
            ["arm", "arm64"],
        ] as const) {
            const url = new URL(releaseUrl(environment, architecture));
            const content = releaseAt(url.pathname);
            assert.ok(content);
            assert.ok(content.equals(k3sReleaseContent("v1.36.1+k3s1", key)));
            assert.equal(
                createHash("sha256").update(content).digest("hex"),
                k3sReleaseSha256("v1.36.1+k3s1", key),
            );
        }
        assert.equal(releaseAt("/k3s-io/k3s/releases/download/v1.36.1/k3s"), undefined);
        assert.equal(
            releaseAt("/k3s-io/k3s/releases/download/v1.36.1%2Bk3s1/k3s-riscv"),
            undefined,
        );
    });
});

describe("k3s' configuration", () => {
    it("merges files: the later wins, `+` appends", () => {
        const { flags } = parseK3sConfig("server", [
            "tls-san: [a]\ntoken: 1\nsecrets-encryption: true\n",
            "tls-san+: [b]\ntoken: 2\n",
        ]);
        const settings = new K3sSettings(flags);
        assert.deepEqual(settings.list("tls-san"), ["a", "b"]);
        assert.equal(settings.text("token"), "2");
        assert.equal(settings.enabled("secrets-encryption"), true);
        assert.equal(settings.enabled("disable-kube-proxy"), false);
        assert.equal(settings.serviceAddress(1), "10.43.0.1");
        assert.equal(settings.clusterDns, "10.43.0.10");
    });

    it("ends an agent over an unknown flag, and warns a server", () => {
        assert.throws(() => parseK3sConfig("agent", ["cluster-init: true"]), {
            message: "flag provided but not defined: -cluster-init",
        });
        const { flags, warnings } = parseK3sConfig("server", ["nosuch: 1\ntoken: x"]);
        assert.deepEqual([...flags.keys()], ["token"]);
        assert.deepEqual(warnings, ["Unknown flag --nosuch found in config.yaml, skipping"]);
    });

    it("puts arguments of components over k3s' own, with paths on the guest's disk", () => {
        const merged = mergeArguments(
            { a: "1", b: "2", c: "3" },
            ["a=/etc/x", "b-=", "d"],
            new Disk("/disk"),
        );
        assert.deepEqual(merged, ["--a=/disk/etc/x", "--c=3", "--d=true"]);
    });

    it("refuses labels that a node may not give itself", () => {
        checkNodeLabels(["catalyst.openova.io/role=worker", "topology.kubernetes.io/zone=a"]);
        assert.throws(() => {
            checkNodeLabels(["node-role.kubernetes.io/worker=true"]);
        }, /specified with --node-labels: \[node-role\.kubernetes\.io\/worker\]/);
    });
});

describe("tokens", () => {
    it("are taken apart as k3s does", () => {
        const hash = "a".repeat(64);
        assert.deepEqual(parseToken(`K10${hash}::server:p:w`), {
            caHash: hash,
            username: "server",
            password: "p:w",
        });
        assert.deepEqual(parseToken("bare"), { caHash: "", username: "", password: "bare" });
        assert.throws(() => parseToken(""), { message: "token must not be empty" });
        assert.throws(() => parseToken("K10ab::server:x"), {
            message: "invalid token CA hash length",
        });
        assert.throws(() => parseToken(`K10${hash}::server:`), { message: "invalid token format" });
    });

    it("carry the hash of the root's DER for a chain, of the file for one certificate", async () => {
        const root = await selfSignedCa("root");
        const leaf = await issueLeaf(root, { commonName: "x", usages: ["server"] });
        const der = createHash("sha256").update(new X509Certificate(root.certificate).raw);
        assert.equal(caHash(leaf.certificate), der.digest("hex"));
        const file = createHash("sha256").update(root.certificate);
        assert.equal(caHash(root.certificate), file.digest("hex"));
        assert.throws(() => {
            checkCaHash(parseToken(`K10${"a".repeat(64)}::node:x`), root.certificate);
        }, /^Error: token CA hash does not match the Cluster CA certificate hash: a{64} != /);
    });

    it("give the role that the password is for", () => {
        const passwords = { server: "s", agent: "a" };
        assert.equal(roleOf(passwords, "server", "s"), "server");
        assert.equal(roleOf(passwords, "node", "a"), "agent");
        assert.equal(roleOf(passwords, "node", "s"), undefined);
        assert.equal(roleOf({ server: "s" }, "node", "s"), "agent");
    });
});

describe("joining etcd", () => {
    const self = { name: "cp2-bbbbbbbb", nodeName: "cp2", peerUrl: "https://127.0.0.2:2380" };
    const member = (name: string, url: string) => ({
        ID: "1",
        name,
        peerURLs: [url],
        clientURLs: [],
        isLearner: false,
    });
    const first = member("cp1-aaaaaaaa", "https://127.0.0.1:2380");

    it("adds a member that is not there yet", () => {
        assert.deepEqual(planJoin([first], self), {
            add: true,
            initialCluster:
                "cp1-aaaaaaaa=https://127.0.0.1:2380,cp2-bbbbbbbb=https://127.0.0.2:2380",
        });
    });

    it("takes up a join that was interrupted", () => {
        assert.equal(planJoin([first, member("", self.peerUrl)], self).add, false);
        assert.equal(planJoin([first, member(self.name, self.peerUrl)], self).add, false);
    });

    it("is refused while a member of the same node is still in the cluster", () => {
        assert.throws(
            () => planJoin([first, member("cp2-cccccccc", "https://127.0.0.9:2380")], self),
            {
                message: "duplicate node name found, please use a unique name for this node",
            },
        );
    });
});
