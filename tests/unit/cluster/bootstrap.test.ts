// Proves each decision of the bootstrap script by running it, on the files that the user data really holds, with a fake
// root directory and fakes for the commands that reach outside of it. Does not prove that k3s then starts.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { NodeConfig } from "../../../config/model.ts";
import { BOOT_FILES } from "../../../components/cluster/bootFiles.ts";
import { nodeUserDataArgs } from "../../../components/cluster/nodeUserData.ts";
import { agentToken, serverToken } from "../../../components/cluster/tokens.ts";
import { userDataFiles } from "../../../components/cluster/userData.ts";
import { FAKES, Guest, SCRIPT, authority } from "../../support/bootstrapGuest.ts";
import type { Authority } from "../../support/bootstrapGuest.ts";
import { fixtureCluster, fixtureNodes } from "../../support/sovereignFixture.ts";

const K3S = "#!/bin/sh\necho a k3s release\n";
const K3S_SHA256 = createHash("sha256").update(K3S).digest("hex");

describe("bootstrap script", () => {
    const guests: Guest[] = [];
    let own: Authority;
    let foreign: Authority;

    before(async () => {
        own = await authority("own");
        foreign = await authority("foreign");
    });

    afterEach(async () => {
        await Promise.all(guests.splice(0).map((g) => g.remove()));
    });

    /** `key` of three control planes and one worker, with everything but its peers in place. */
    async function guest(
        key: string,
        options: { mayInitialise?: boolean; nodes?: readonly NodeConfig[]; sha256?: string } = {},
    ): Promise<Guest> {
        const nodes = options.nodes ?? fixtureNodes(3, 1);
        const node = nodes.find((n) => n.key === key);
        assert.ok(node);
        const args = nodeUserDataArgs(
            "omantel.example",
            fixtureCluster(nodes, { k3sSha256: { amd64: options.sha256 ?? K3S_SHA256 } }),
            node,
            {
                serverToken: serverToken(own.rootPem, "server-password"),
                agentToken: agentToken(own.rootPem, "agent-password"),
                tlsSans: ["198.51.100.1"],
                ...(options.mayInitialise && {
                    authorities: {
                        byName: { "server-ca": { chainPem: own.bundle, keyPem: "a key\n" } },
                        serviceAccountKeyPem: "a key\n",
                    },
                }),
            },
        );
        const machine = new Guest(await mkdtemp(join(tmpdir(), "bootstrap-")));
        guests.push(machine);
        for (const f of userDataFiles(args)) {
            const path = join(machine.root, f.path);
            await mkdir(dirname(path), { recursive: true });
            await writeFile(path, f.content, { mode: Number.parseInt(f.permissions, 8) });
        }
        await mkdir(join(machine.directory, "bin"));
        await mkdir(machine.fake);
        for (const [name, body] of Object.entries(FAKES)) {
            const path = join(machine.directory, "bin", name);
            await writeFile(path, `#!/bin/bash\n${body}\n`);
            await chmod(path, 0o755);
        }
        await machine.set("machine", "x86_64\n");
        await machine.set("release", K3S);
        await machine.set(
            "interfaces",
            `2: eth0    inet 203.0.113.1/32 scope global\n3: enp7s0    inet ${node.privateIp}/32 brd ${node.privateIp} scope global\n`,
        );
        return machine;
    }

    it("is a script that bash can parse", () => {
        assert.deepEqual(spawnSync("bash", ["-n", SCRIPT]).stderr.toString(), "");
    });

    it("initialises where it may and no peer answers", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        assert.equal(await cp1.boot(), 0, cp1.output);
        assert.equal(await cp1.read(BOOT_FILES.k3sClusterConfig), "cluster-init: true\n");
        assert.equal(await cp1.read("/usr/local/bin/k3s"), K3S);
        assert.deepEqual((await cp1.log("commands.log")).trim().split("\n"), [
            `nft -f ${cp1.root}${BOOT_FILES.metadataFirewall}`,
            "systemctl daemon-reload",
            "systemctl enable --now --no-block k3s.service",
        ]);
        const unit = await cp1.read("/etc/systemd/system/k3s.service");
        assert.match(unit, /^ExecStart=\/usr\/local\/bin\/k3s server$/m);
        assert.match(unit, /^Type=notify$/m);
        assert.match(unit, /^ExecStartPre=-\/sbin\/modprobe br_netfilter$/m);
    });

    it("keeps its decision and the CA keys from everybody but root", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        assert.equal(await cp1.boot(), 0, cp1.output);
        for (const path of [
            BOOT_FILES.k3sClusterConfig,
            `${BOOT_FILES.tlsDirectory}/server-ca.key`,
            BOOT_FILES.tlsDirectory,
        ])
            assert.equal((await stat(join(cp1.root, path))).mode & 0o077, 0, path);
    });

    it("asks every peer three times before it initialises", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        assert.equal(await cp1.boot(), 0, cp1.output);
        const asked = (await cp1.log("curl.log")).split("\n").filter((l) => l.includes("cacerts"));
        const round = ["https://10.0.1.3:6443/cacerts", "https://10.0.1.4:6443/cacerts"];
        assert.deepEqual(asked, [...round, ...round, ...round]);
    });

    it("initialises a cluster of one", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true, nodes: fixtureNodes(1, 0) });
        assert.equal(await cp1.boot(), 0, cp1.output);
        assert.equal(await cp1.read(BOOT_FILES.k3sClusterConfig), "cluster-init: true\n");
    });

    it("joins where it may initialise but a peer of this cluster answers", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        await cp1.set("peer-10.0.1.4", own.bundle);
        assert.equal(await cp1.boot(), 0, cp1.output);
        assert.equal(
            await cp1.read(BOOT_FILES.k3sClusterConfig),
            "server: https://10.0.1.4:6443\n",
        );
    });

    it("joins through the first peer that answers, in order", async () => {
        const cp3 = await guest("cp3");
        await cp3.set("peer-10.0.1.2", own.bundle);
        await cp3.set("peer-10.0.1.3", own.bundle);
        assert.equal(await cp3.boot(), 0, cp3.output);
        assert.equal(
            await cp3.read(BOOT_FILES.k3sClusterConfig),
            "server: https://10.0.1.2:6443\n",
        );
    });

    it("takes what an earlier epoch left behind for no peer", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        await cp1.set("peer-10.0.1.3", foreign.bundle);
        await cp1.set("peer-10.0.1.4", "not even a certificate\n");
        assert.equal(await cp1.boot(), 0, cp1.output);
        assert.match(cp1.output, /10\.0\.1\.3 serves another cluster and is left alone/);
        assert.equal(await cp1.read(BOOT_FILES.k3sClusterConfig), "cluster-init: true\n");
    });

    it("joins past a foreign peer", async () => {
        const cp2 = await guest("cp2");
        await cp2.set("peer-10.0.1.2", foreign.bundle);
        await cp2.set("peer-10.0.1.4", own.bundle);
        assert.equal(await cp2.boot(), 0, cp2.output);
        assert.equal(
            await cp2.read(BOOT_FILES.k3sClusterConfig),
            "server: https://10.0.1.4:6443\n",
        );
    });

    for (const key of ["cp1", "cp2", "w1"])
        it(`never initialises on ${key} without being allowed to, and joins once a peer is there`, async () => {
            const machine = await guest(key);
            const exit = machine.boot();
            await machine.says(/(no control plane of this cluster answers.*\n){4}/);
            await assert.rejects(machine.read(BOOT_FILES.k3sClusterConfig), { code: "ENOENT" });
            await machine.set("peer-10.0.1.4", own.bundle);
            assert.equal(await exit, 0, machine.output);
            assert.equal(
                await machine.read(BOOT_FILES.k3sClusterConfig),
                "server: https://10.0.1.4:6443\n",
            );
        });

    it("runs the agent on a worker", async () => {
        const w1 = await guest("w1");
        await w1.set("peer-10.0.1.2", own.bundle);
        assert.equal(await w1.boot(), 0, w1.output);
        const unit = await w1.read("/etc/systemd/system/k3s-agent.service");
        assert.match(unit, /^ExecStart=\/usr\/local\/bin\/k3s agent$/m);
        assert.match(await w1.log("commands.log"), /enable --now --no-block k3s-agent\.service/);
    });

    it("refuses to initialise without a CA", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        await rm(join(cp1.root, BOOT_FILES.tlsDirectory, "server-ca.key"));
        assert.equal(await cp1.boot(), 1);
        assert.match(cp1.output, /holds no CA, without which this server may not initialise/);
    });

    it("keeps its decision after a reboot, without asking anybody", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        assert.equal(await cp1.boot(), 0, cp1.output);
        await cp1.set("peer-10.0.1.3", own.bundle);
        await cp1.set("curl.log", "");
        assert.equal(await cp1.boot(), 0, cp1.output);
        assert.equal(await cp1.read(BOOT_FILES.k3sClusterConfig), "cluster-init: true\n");
        assert.equal(await cp1.log("curl.log"), "");
    });

    it("goes on where a reboot broke it off", async () => {
        const cp2 = await guest("cp2");
        await mkdir(join(cp2.root, "/usr/local/bin"), { recursive: true });
        await writeFile(join(cp2.root, "/usr/local/bin/k3s.download"), K3S.slice(0, 5));
        await mkdir(dirname(join(cp2.root, BOOT_FILES.k3sClusterConfig)), { recursive: true });
        await writeFile(join(cp2.root, `${BOOT_FILES.k3sClusterConfig}.new`), "server: ht");
        await cp2.set("peer-10.0.1.2", own.bundle);
        assert.equal(await cp2.boot(), 0, cp2.output);
        assert.equal(await cp2.read("/usr/local/bin/k3s"), K3S);
        assert.equal(
            await cp2.read(BOOT_FILES.k3sClusterConfig),
            "server: https://10.0.1.2:6443\n",
        );
    });

    it("waits for the interface that carries its private address", async () => {
        const cp2 = await guest("cp2");
        // 10.0.1.30 begins like 10.0.1.3, but is another.
        await cp2.set("interfaces", "2: eth0    inet 10.0.1.30/32 scope global\n");
        await cp2.set("peer-10.0.1.2", own.bundle);
        const exit = cp2.boot();
        await cp2.says(/(waiting for an interface with 10\.0\.1\.3\n){3}/);
        assert.ok(!cp2.output.includes("installed k3s"));
        await cp2.set("interfaces", "3: ens10    inet 10.0.1.3/32 scope global\n");
        assert.equal(await exit, 0, cp2.output);
        assert.match(cp2.output, /ens10 carries 10\.0\.1\.3/);
    });

    it("downloads by version, with the plus sign encoded", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        assert.equal(await cp1.boot(), 0, cp1.output);
        assert.equal(
            (await cp1.log("curl.log")).split("\n")[0],
            "https://releases.test/k3s/v1.36.1%2Bk3s1/k3s",
        );
    });

    it("tries again when the download fails, and never installs a binary of another checksum", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        await rm(join(cp1.fake, "release"));
        const exit = cp1.boot();
        await cp1.says(/cannot be had/);
        await cp1.set("release", `${K3S}# changed on the way\n`);
        await cp1.says(/(.*its SHA-256 is not [0-9a-f]{64}; trying again\n){2}/);
        await assert.rejects(cp1.read("/usr/local/bin/k3s"), { code: "ENOENT" });
        await cp1.set("release", K3S);
        assert.equal(await exit, 0, cp1.output);
        assert.equal(await cp1.read("/usr/local/bin/k3s"), K3S);
    });

    it("replaces a binary of another version", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        await mkdir(join(cp1.root, "/usr/local/bin"), { recursive: true });
        await writeFile(join(cp1.root, "/usr/local/bin/k3s"), "an older k3s\n");
        assert.equal(await cp1.boot(), 0, cp1.output);
        assert.equal(await cp1.read("/usr/local/bin/k3s"), K3S);
    });

    it("says what to configure on an architecture without a checksum", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        await cp1.set("machine", "aarch64\n");
        assert.equal(await cp1.boot(), 1);
        assert.match(
            cp1.output,
            /no SHA-256 of k3s-arm64 v1\.36\.1\+k3s1 is configured: set it for this architecture and raise the node's generation/,
        );
    });

    it("refuses a machine that k3s is not released for", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        await cp1.set("machine", "riscv64\n");
        assert.equal(await cp1.boot(), 1);
        assert.match(cp1.output, /k3s is not released for riscv64/);
    });

    it("starts nothing while the metadata address is open to pods", async () => {
        const cp1 = await guest("cp1", { mayInitialise: true });
        await cp1.set("no-nft", "");
        assert.notEqual(await cp1.boot(), 0);
        await assert.rejects(cp1.log("commands.log"), { code: "ENOENT" });
    });

    it("shows no secret in its output", async () => {
        const cp2 = await guest("cp2");
        await cp2.set("peer-10.0.1.3", foreign.bundle);
        await cp2.set("peer-10.0.1.2", own.bundle);
        assert.equal(await cp2.boot(), 0, cp2.output);
        assert.doesNotMatch(cp2.output, /password|K10/);
    });
});
