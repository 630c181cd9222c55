/**
 * Proves that the pods of one machine that answer HTTP-01 challenges give each name's proof at that name alone, side by side, and let go of
 * their port with the last of them. Does not prove what cert-manager makes of it: tests/e2e/certificatesByHttp.test.ts.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { V1Pod } from "@kubernetes/client-node";
import { labPort, podAddress } from "../../../lab/addresses.ts";
import { AcmeSolver } from "../../../lab/acme/solver.ts";
import type { PodView } from "../../../lab/parts.ts";
import { claimTestLab } from "../../support/labContext.ts";
import type { TestLab } from "../../support/labContext.ts";

const PORT = 8089;

function solverPod(domain: string, token: string, key: string): V1Pod {
    return {
        metadata: { name: `cm-acme-http-solver-${token}`, namespace: "catalyst-system" },
        spec: {
            containers: [
                {
                    name: "acmesolver",
                    image: "quay.io/jetstack/cert-manager-acmesolver:v1.19.1",
                    args: [
                        `--listen-port=${PORT}`,
                        `--domain=${domain}`,
                        `--token=${token}`,
                        `--key=${key}`,
                    ],
                },
            ],
        },
    };
}

describe("solvers of HTTP-01 challenges", () => {
    let lab: TestLab;
    let solver: AcmeSolver;
    let hostAddress: string;

    before(async () => {
        lab = await claimTestLab();
        const { prefix, portOffset } = lab.context.addresses;
        hostAddress = `${prefix}.128.7`;
        solver = new AcmeSolver(portOffset);
    });

    after(() => lab.release());

    const start = (pod: V1Pod) =>
        solver.start({
            namespace: pod.metadata?.namespace ?? "",
            name: pod.metadata?.name ?? "",
            nodeName: "node",
            hostAddress,
            pod,
            readFile: () => Promise.resolve(undefined),
            listFiles: () => Promise.resolve([]),
        } satisfies PodView);

    async function ask(host: string, path: string): Promise<string> {
        const asked = request({
            host: podAddress(hostAddress),
            port: labPort(PORT, lab.context.addresses.portOffset),
            path,
            headers: { host },
            agent: false,
        }).end();
        const [answer] = (await once(asked, "response")) as [IncomingMessage];
        return `${answer.statusCode} ${await text(answer)}`.trim();
    }

    it("are cert-manager's, by their image", () => {
        assert.equal(solver.matches(solverPod("a.example", "t", "k")), true);
        assert.equal(
            solver.matches({ spec: { containers: [{ name: "web", image: "web" }] } }),
            false,
        );
    });

    it("give each name's proof at that name alone, and let go of the port with the last", async () => {
        const path = (token: string) => `/.well-known/acme-challenge/${token}`;
        const stopA = await start(solverPod("a.example", "ta", "ta.thumb"));
        const stopB = await start(solverPod("b.example", "tb", "tb.thumb"));
        assert.equal(await ask("a.example", path("ta")), "200 ta.thumb");
        assert.equal(await ask("b.example:80", path("tb")), "200 tb.thumb");
        assert.equal(await ask("a.example", path("tb")), "404");
        assert.equal(await ask("b.example", path("ta")), "404");
        assert.equal(await ask("a.example", "/elsewhere/ta"), "404");
        assert.equal(await ask("a.example", "/healthz"), "200");
        await stopA();
        assert.equal(await ask("a.example", path("ta")), "404");
        assert.equal(await ask("b.example", path("tb")), "200 tb.thumb");
        await stopB();
        await assert.rejects(ask("b.example", path("tb")), { code: "ECONNREFUSED" });
        const again = await start(solverPod("a.example", "ta", "ta.thumb"));
        assert.equal(await ask("a.example", path("ta")), "200 ta.thumb");
        await again();
    });

    it("die of arguments that they cannot read", async () => {
        const pod = solverPod("a.example", "t", "k");
        const [container] = pod.spec?.containers ?? [];
        assert.ok(container);
        container.args = ["--domain=a.example"];
        await assert.rejects(start(pod));
    });
});
