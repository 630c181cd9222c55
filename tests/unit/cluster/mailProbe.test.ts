// Proves that the script on a node publishes what the look at the way out printed, in an annotation of its own Node and with the
// kubelet's credentials, and fails where the cluster does not take it. k3s is a fake; what the look itself sees has tests of its own.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { BOOT_FILES } from "../../../components/cluster/bootFiles.ts";
import { GUEST_FILES } from "../../../components/cluster/guestFiles.ts";
import {
    MAIL_PROBE_ANNOTATION,
    formatMailProbe,
    parseMailProbe,
} from "../../../components/cluster/mailProbe.ts";
import { parseProbe } from "../../../operations/doctor/probe.ts";

const PROBE = {
    ehlo: "mail.omantel.example",
    node: "catalyst-omantel-example-w1",
    targets: ["localhost:1", "no-such-name.invalid:25"],
};

describe("sovereign-mail-probe", () => {
    let root: string;
    beforeEach(async () => {
        root = await mkdtemp(join(tmpdir(), "mail-probe-"));
        await put(BOOT_FILES.mailProbeEnvironment, formatMailProbe(PROBE));
        await put(BOOT_FILES.egressProbe, GUEST_FILES.egressProbe);
        await put(BOOT_FILES.mailProbe, GUEST_FILES.mailProbe);
    });
    afterEach(() => rm(root, { recursive: true }));

    async function put(path: string, content: string): Promise<void> {
        const file = join(root, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content, { mode: 0o755 });
    }

    async function run(k3s: string): Promise<number | undefined> {
        await put("/usr/local/bin/k3s", `#!/bin/bash\n${k3s}\n`);
        const { exitCode } = await execa("bash", [join(root, BOOT_FILES.mailProbe)], {
            env: { SOVEREIGN_ROOT: root },
            reject: false,
        });
        return exitCode;
    }

    it("annotates its own Node, as the kubelet", async () => {
        assert.equal(await run(`printf '%s\\n' "$@" >"${root}/arguments"`), 0);
        const words = (await readFile(join(root, "arguments"), "utf8")).trimEnd().split("\n");
        const [key, ...seen] = (words.pop() ?? "").split("=");
        assert.deepEqual(words, [
            "kubectl",
            "--kubeconfig",
            join(root, "/var/lib/rancher/k3s/agent/kubelet.kubeconfig"),
            "annotate",
            "--overwrite",
            "node",
            PROBE.node,
        ]);
        assert.equal(key, MAIL_PROBE_ANNOTATION);
        assert.deepEqual(
            parseProbe(seen.join("="))?.attempts.map(({ target, open }) => [target, open]),
            [
                ["localhost:1", false],
                ["no-such-name.invalid:25", false],
            ],
        );
    });

    it("fails where the node is not registered yet, so that systemd starts it again", async () => {
        assert.equal(await run("exit 1"), 1);
        assert.match(GUEST_FILES.mailProbeUnit, /^Restart=on-failure$/m);
    });

    it("goes by a file that can be read back, and that no shell misreads", () => {
        assert.deepEqual(parseMailProbe(formatMailProbe(PROBE)), PROBE);
        assert.throws(
            () => formatMailProbe({ ...PROBE, targets: ["$(id):25"] }),
            /MAIL_PROBE_TARGETS holds a character/,
        );
        assert.throws(() => parseMailProbe("MAIL_PROBE_EHLO='x'\n"), /MAIL_PROBE_NODE is missing/);
    });
});
