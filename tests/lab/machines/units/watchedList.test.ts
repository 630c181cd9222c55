/**
 * Proves that a watched list follows what the API server says, and that nothing of it goes on once it is stopped, whatever it was doing
 * then. The API server is a few lines of HTTP; the real one is watched in cluster.test.ts.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { KubeConfig, type KubernetesListObject, type V1Pod } from "@kubernetes/client-node";
import { ClusterClient } from "../../../../lab/machines/kubelet/client.ts";
import { ListWatcher } from "../../../../lab/machines/kubelet/watchedList.ts";
import { issue, privateKeyPem } from "../../../support/certificates.ts";

const PATH = "/api/v1/pods";

const pod = (name: string, resourceVersion = "1"): V1Pod => ({
    metadata: { name, namespace: "default", resourceVersion },
});

const podList = (...items: V1Pod[]): KubernetesListObject<V1Pod> => ({
    metadata: { resourceVersion: "1" },
    items,
});

/** How many timers run. In a later turn of the event loop: mocha sets a test's own once it has returned its promise. */
async function timers(): Promise<number> {
    await new Promise(setImmediate);
    return process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}

describe("a watched list", () => {
    let server: Server;
    let config: KubeConfig;

    beforeEach(async () => {
        server = createServer();
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        const { port } = server.address() as AddressInfo;
        config = new KubeConfig();
        config.loadFromOptions({
            clusters: [{ name: "test", server: `http://127.0.0.1:${port}`, skipTLSVerify: true }],
            users: [{ name: "test" }],
            contexts: [{ name: "test", cluster: "test", user: "test" }],
            currentContext: "test",
        });
    });

    afterEach(async () => {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
    });

    const watchRequest = async (): Promise<ServerResponse> => {
        const [, response] = (await once(server, "request")) as [unknown, ServerResponse];
        return response;
    };

    it("holds what was listed and follows what the watch says", async () => {
        const seen: string[] = [];
        let told = (): void => undefined;
        const watched = new ListWatcher<V1Pod>(config, {
            path: PATH,
            list: () => Promise.resolve(podList(pod("a"))),
            changed: (object, gone) => {
                seen.push(`${gone ? "-" : "+"}${object.metadata?.name ?? ""}`);
                told();
            },
        });
        const request = watchRequest();
        const started = watched.start();
        const response = await request;
        const complete = new Promise<void>((resolve) => {
            told = () => {
                if (seen.length === 3) resolve();
            };
        });
        for (const event of [
            { type: "ADDED", object: pod("b", "2") },
            { type: "DELETED", object: pod("a", "3") },
        ])
            response.write(`${JSON.stringify(event)}\n`);
        await complete;
        await started;
        assert.deepEqual(seen, ["+a", "+b", "-a"]);
        assert.deepEqual(
            watched.list().map(({ metadata }) => metadata?.name),
            ["b"],
        );
        await watched.stop();
        await once(response, "close");
    });

    it("looks again where the list cannot be read, and never after it was stopped", async () => {
        const before = await timers();
        let lists = 0;
        let twice = (): void => undefined;
        const again = new Promise<void>((resolve) => (twice = resolve));
        const watched = new ListWatcher<V1Pod>(config, {
            path: PATH,
            list: () => {
                lists++;
                if (lists === 2) twice();
                return Promise.reject(new Error("refused"));
            },
            changed: () => undefined,
        });
        await watched.start();
        await again;
        await watched.stop();
        assert.equal(await timers(), before);
        assert.equal(lists, 2);
    });

    it("lets go of a watch that was still being set up when it was stopped", async () => {
        const watched = new ListWatcher<V1Pod>(config, {
            path: PATH,
            list: () => Promise.resolve(podList()),
            changed: () => undefined,
        });
        const request = watchRequest();
        const started = watched.start();
        const response = await request;
        await watched.stop();
        response.writeHead(200);
        response.flushHeaders();
        await Promise.all([once(response, "close"), started]);
    });

    it("is empty and asks nothing where its client is closed", async () => {
        const before = await timers();
        const key = privateKeyPem();
        const certificate = await issue({ commonName: "test", ca: true, hours: 1 }, key);
        const client = new ClusterClient({
            server: "https://127.0.0.1:1",
            ca: certificate,
            client: { certificate, privateKey: key },
        });
        await client.close();
        let lists = 0;
        const watched = await client.watch<V1Pod>(
            PATH,
            () => {
                lists++;
                return Promise.resolve(podList(pod("a")));
            },
            () => undefined,
        );
        assert.deepEqual(watched.list(), []);
        assert.equal(lists, 0);
        assert.equal(await timers(), before);
    });
});
