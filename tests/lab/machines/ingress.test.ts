// Proves: the shared ingress of Cilium's agents serves Ingress objects on the nodes, over HTTP and TLS on one port, behind the PROXY
// header alone. Proves nothing about envoy itself.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { INETProtocol, Peer, V1ProxyProtocol } from "proxy-protocol-js";
import { issueLeaf, selfSignedCa } from "../../../lab/machines/control/pki.ts";
import { eventually } from "../../support/eventually.ts";
import { NAMESPACE, RunningCluster, WAIT } from "../../support/runningCluster.ts";

describe("the shared ingress on the lab's machines", function () {
    this.timeout(300_000);
    let running: RunningCluster;

    before(async () => {
        running = await RunningCluster.claim();
        await running.boot();
    });

    after(() => running.release());

    it("serves Ingress objects on every ready node, behind the PROXY header alone", async () => {
        await running.pod("web", {});
        await running.running("web");
        await running.client.core.createNamespacedService({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "web" },
                spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
            },
        });
        const ca = await selfSignedCa("ingress");
        const leaf = await issueLeaf(ca, {
            commonName: "console.example",
            altNames: ["console.example"],
            usages: ["server"],
        });
        await running.client.core.createNamespacedSecret({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "web-tls" },
                type: "kubernetes.io/tls",
                stringData: { "tls.crt": leaf.certificate, "tls.key": leaf.privateKey },
            },
        });
        await running.client.networking.createNamespacedIngress({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "web" },
                spec: {
                    ingressClassName: "cilium",
                    tls: [{ hosts: ["console.example"], secretName: "web-tls" }],
                    rules: ["console.example", "plain.example"].map((host) => ({
                        host,
                        http: {
                            paths: [
                                {
                                    path: "/",
                                    pathType: "Prefix",
                                    backend: { service: { name: "web", port: { number: 80 } } },
                                },
                            ],
                        },
                    })),
                },
            },
        });
        const host = `${running.lab.context.addresses.prefix}.128.2`;
        const header = new V1ProxyProtocol(
            INETProtocol.TCP4,
            new Peer("192.0.2.7", 4711),
            new Peer("198.51.100.1", 80),
        ).build();
        const plain = (name: string, proxied: boolean) =>
            new Promise<string>((resolve) => {
                let text = "";
                const socket = connect(8080, host, () => {
                    socket.write(
                        `${proxied ? header : ""}GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`,
                    );
                });
                socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
                socket.on("error", () => undefined);
                socket.on("close", () => {
                    resolve(text);
                });
            });
        await eventually(
            "the page",
            async () => {
                assert.match(
                    await plain("plain.example", true),
                    /work\/web<\/code>, pod <code>web</,
                );
            },
            WAIT,
        );
        assert.match(
            await plain("console.example", true),
            /^HTTP\/1\.1 301 .*\r\nlocation: https:\/\/console\.example\//is,
        );
        assert.match(await plain("nobody.example", true), /^HTTP\/1\.1 404 /);
        assert.equal(await plain("plain.example", false), "");
        const secure = await new Promise<string>((resolve, reject) => {
            const raw = connect(8080, host, () => {
                raw.write(header);
                const tls = connectTls(
                    { socket: raw, ca: ca.certificate, servername: "console.example" },
                    () =>
                        tls.write(
                            "GET / HTTP/1.1\r\nHost: console.example\r\nConnection: close\r\n\r\n",
                        ),
                );
                let text = "";
                tls.on("data", (chunk: Buffer) => (text += chunk.toString()));
                tls.on("error", reject);
                tls.on("close", () => {
                    resolve(text);
                });
            });
        });
        assert.match(secure, /^HTTP\/1\.1 200 [\s\S]*work\/web/);
    });
});
