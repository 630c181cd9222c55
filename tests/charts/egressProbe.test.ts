// Proves, with the real helm, that the chart looks at the way out beside the server, without credentials and by a NetworkPolicy of
// its own; and that its script tells open, refused and silent servers apart. Does not prove that a cloud blocks a port as the
// silent server here does.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1JobSpec } from "@kubernetes/client-node";
import { execa } from "execa";
import { after, afterEach, before, describe, it } from "mocha";
import { SMTPServer } from "smtp-server";
import { parseProbe, type ProbeResult } from "../../operations/doctor/probe.ts";
import { chartPath, object, render, type KubernetesObject } from "./helm.ts";
import { CHART, FULL, IMAGE, MINIMAL, NAMESPACE } from "./stalwartValues.ts";

const SCRIPT = join(chartPath(CHART), "files", "egress-probe.sh");

describe("the look at the way out in charts/stalwart-sovereign", function () {
    this.timeout(60_000);
    let objects: KubernetesObject[];
    before(async () => {
        objects = await render(CHART, FULL, NAMESPACE);
    });

    it("is left out where nothing is to be greeted", async () => {
        const kinds = (await render(CHART, MINIMAL, NAMESPACE)).map(({ kind }) => kind);
        assert.ok(!kinds.includes("CronJob") && !kinds.includes("Job"));
    });

    it("is taken at once and by schedule, by the same pod", () => {
        const cron = object(objects, "CronJob", "stalwart-probe") as unknown as {
            spec: { schedule: string; jobTemplate: { spec: V1JobSpec } };
        };
        const job = object(objects, "Job", "stalwart-probe-r1") as unknown as { spec: V1JobSpec };
        assert.equal(cron.spec.schedule, "5 * * * *");
        assert.deepEqual(job.spec, cron.spec.jobTemplate.spec);
    });

    it("runs beside the server, without credentials, privileges and ports, and is no backend of its Services", () => {
        const { spec } = object(objects, "Job", "stalwart-probe-r1") as unknown as {
            spec: V1JobSpec;
        };
        const { template } = spec;
        const [container] = template.spec?.containers ?? [];
        assert.ok(template.spec && container);
        assert.equal(template.metadata?.labels?.["app.kubernetes.io/name"], "stalwart-probe");
        assert.equal(template.spec.automountServiceAccountToken, false);
        assert.deepEqual(
            template.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
            [
                {
                    topologyKey: "kubernetes.io/hostname",
                    labelSelector: {
                        matchLabels: {
                            "app.kubernetes.io/name": "stalwart",
                            "app.kubernetes.io/instance": CHART,
                        },
                    },
                },
            ],
        );
        const { image, command, args, securityContext, ports } = container;
        assert.deepEqual(
            { image, command, args, securityContext, ports },
            {
                image: IMAGE,
                command: ["bash", "/etc/stalwart/egress-probe.sh", "/dev/termination-log"],
                args: ["mail.omantel.example", "smtp.relay.example:2525"],
                securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"] },
                },
                ports: undefined,
            },
        );
    });

    it("may ask DNS and go to those ports, and nothing else", () => {
        const { spec } = object(objects, "NetworkPolicy", "stalwart-probe") as unknown as {
            spec: { policyTypes: string[]; ingress?: unknown; egress: { ports: object[] }[] };
        };
        assert.deepEqual(spec.policyTypes, ["Ingress", "Egress"]);
        assert.equal(spec.ingress, undefined);
        assert.deepEqual(
            spec.egress.map(({ ports }) => ports),
            [
                [
                    { port: 53, protocol: "UDP" },
                    { port: 53, protocol: "TCP" },
                ],
                [{ port: 2525, protocol: "TCP" }],
            ],
        );
    });
});

describe("egress-probe.sh", function () {
    this.timeout(30_000);
    let folder: string;
    const closes: (() => void)[] = [];
    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "egress-probe-"));
    });
    after(() => rm(folder, { recursive: true }));
    afterEach(() => {
        for (const close of closes.splice(0)) close();
    });

    async function listening(server: Server): Promise<string> {
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        closes.push(() => server.close());
        return `localhost:${(server.address() as AddressInfo).port}`;
    }

    /** A large receiver: names the client's address in its reply to EHLO. */
    async function receiver(): Promise<string> {
        const smtp = new SMTPServer({ name: "mx.test", disableReverseLookup: true, logger: false });
        const target = await listening(smtp.server);
        closes.push(() => {
            smtp.close();
        });
        return target;
    }

    async function look(...targets: string[]): Promise<ProbeResult> {
        const output = join(folder, "result");
        await execa("bash", [SCRIPT, output, "mail.sov.test", ...targets], {
            env: { EGRESS_PROBE_SECONDS: "1" },
        });
        const result = parseProbe(await readFile(output, "utf8"));
        assert.ok(result, "the result is none that the doctor reads");
        return result;
    }

    it("tells who answered, and which address was seen", async () => {
        const target = await receiver();
        const begun = Date.now();
        const { observedAt, attempts } = await look(target);
        assert.ok(Math.abs(Date.parse(observedAt) - begun) < 60_000, observedAt);
        assert.deepEqual(attempts, [
            { target, open: true, answer: "220 mx.test ESMTP", sees: "127.0.0.1" },
        ]);
    });

    it("tells refused, silent and unknown servers apart, and goes on", async () => {
        const silent = await listening(createServer());
        const gone = await listening(createServer());
        closes.pop()?.();
        const target = await receiver();
        const { attempts } = await look("no-such-name.invalid:25", gone, silent, target);
        assert.deepEqual(
            attempts.map(({ open, answer }) => [open, answer]),
            [
                [false, "no-such-name.invalid has no IPv4 address here"],
                [false, "Connection refused"],
                [false, "no answer in 1 s"],
                [true, "220 mx.test ESMTP"],
            ],
        );
    });

    it("counts a server that turns everybody away as closed", async () => {
        const busy = createServer((socket) => {
            socket.on("error", () => undefined);
            socket.end("554-go\r\n554 away\r\n");
        });
        const target = await listening(busy);
        assert.deepEqual((await look(target)).attempts, [
            { target, open: false, answer: "554 away", sees: null },
        ]);
    });

    it("lets nobody write into its JSON", async () => {
        const rude = createServer((socket) => {
            socket.on("error", () => undefined);
            socket.end('220 x","open":true,"y\\":"\u0007$(id)`id`\r\n');
        });
        const { attempts } = await look(await listening(rude));
        assert.deepEqual(
            attempts.map(({ open, answer }) => [open, answer]),
            [[true, "220 x,open:true,y:(id)id"]],
        );
    });
});
