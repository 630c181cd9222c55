// Proves that a load balancer carries TCP to healthy targets over the private network: balance, PROXY header, health by TCP and HTTP,
// failover, and the end of connections with their service. Does not prove HTTP features (cookies, redirects, TLS): it relays bytes.
import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import { type Server, type Socket, connect, createServer } from "node:net";
import { eventually } from "../../support/eventually.ts";
import { type CloudFixture, startCloud } from "./cloudFixture.ts";

const LISTEN = 7001;
const NODE = 7002;

/** A machine's listener that says who it is and what it was told. */
class Echo {
    readonly #server: Server;
    readonly sockets = new Set<Socket>();

    private constructor(name: string) {
        this.#server = createServer((socket) => {
            this.sockets.add(socket);
            socket.on("error", () => socket.destroy());
            socket.once("close", () => this.sockets.delete(socket));
            socket.on("data", (chunk) => socket.write(`${name}:${chunk.toString()}`));
        });
    }

    static async open(name: string, host: string, port: number): Promise<Echo> {
        const echo = new Echo(name);
        await new Promise<void>((resolve) => echo.#server.listen(port, host, resolve));
        return echo;
    }

    close(): void {
        this.#server.close();
        for (const socket of this.sockets) socket.destroy();
    }
}

/** Sends one line and gives back the answer and the open socket; rejects when the connection closes without one. */
function talk(
    host: string,
    text: string,
    port = LISTEN,
): Promise<{ reply: string; socket: Socket }> {
    return new Promise((resolve, reject) => {
        const socket = connect({ host, port });
        socket.once("connect", () => socket.write(text));
        socket.once("data", (chunk) => {
            resolve({ reply: chunk.toString(), socket });
        });
        socket.once("error", reject);
        socket.once("close", () => {
            reject(new Error("closed without an answer"));
        });
    });
}

async function answerOf(host: string, text = "hi"): Promise<string> {
    const { reply, socket } = await talk(host, text);
    socket.destroy();
    return reply.split(":")[0] ?? "";
}

describe("lab/hetzner load balancer traffic", () => {
    let f: CloudFixture;
    let balancer: number;
    let address: string;
    let network: number;
    const nodes: { id: number; host: string; echo: Echo }[] = [];

    const addNode = async (name: string) => {
        const { server } = await f.api.done("POST", "/servers", {
            name,
            server_type: "cx23",
            image: "ubuntu-24.04",
            labels: { role: "ingress" },
            networks: [network],
        });
        const id = Number(server?.id);
        const host = f.machines.machines.get(id)?.hostAddress ?? "";
        nodes.push({ id, host, echo: await Echo.open(name, host, NODE) });
    };

    const health = async (): Promise<string[]> => {
        const { load_balancer: now } = await f.api.get(`/load_balancers/${balancer}`);
        return (
            now?.targets as unknown as { targets: { health_status: { status: string }[] }[] }[]
        ).flatMap(({ targets }) => targets.map((t) => t.health_status[0]?.status ?? "none"));
    };

    const untilHealth = (...expected: string[]) =>
        eventually(`health ${expected.join(", ")}`, async () => {
            assert.deepEqual(await health(), expected);
        });

    const act = (name: string, body: object) =>
        f.api.done("POST", `/load_balancers/${balancer}/actions/${name}`, body);

    before(async () => {
        f = await startCloud();
        const net = await f.api.done("POST", "/networks", {
            name: "net",
            ip_range: "10.0.0.0/16",
            subnets: [{ type: "cloud", network_zone: "eu-central", ip_range: "10.0.1.0/24" }],
        });
        network = Number(net.network?.id);
        const made = await f.api.done("POST", "/load_balancers", {
            name: "lb",
            load_balancer_type: "lb11",
            location: "fsn1",
            network,
        });
        balancer = Number(made.load_balancer?.id);
        address = String(made.load_balancer?.public_net?.ipv4?.ip);
        await act("add_service", {
            protocol: "tcp",
            listen_port: LISTEN,
            destination_port: NODE,
            health_check: { protocol: "tcp", port: NODE, interval: 3, timeout: 1, retries: 2 },
        });
        await addNode("one");
        await addNode("two");
        await act("add_target", {
            type: "label_selector",
            label_selector: { selector: "role=ingress" },
            use_private_ip: true,
        });
        await untilHealth("healthy", "healthy");
    });

    after(async () => {
        for (const node of nodes) node.echo.close();
        await f.release();
    });

    it("listens on its public address and takes turns", async () => {
        assert.ok(f.cloud.listening().includes(`${address}:${LISTEN}`));
        const answers = [];
        for (let index = 0; index < 4; index++) answers.push(await answerOf(address));
        assert.deepEqual([...answers].sort(), ["one", "one", "two", "two"]);
        assert.notEqual(answers[0], answers[1]);
    });

    it("carries much data both ways", async () => {
        const { reply, socket } = await talk(address, "start");
        assert.match(reply, /^(one|two):start$/);
        let length = 0;
        socket.on("data", (chunk) => (length += chunk.length));
        const block = Buffer.alloc(1_000_000, "x");
        socket.write(block);
        await eventually("a megabyte back", () => {
            assert.ok(length >= block.length);
        });
        socket.destroy();
    });

    it("sends new connections where the fewest are open", async () => {
        await act("change_algorithm", { type: "least_connections" });
        const open = [await talk(address, "a"), await talk(address, "b")];
        assert.deepEqual(open.map(({ reply }) => reply.split(":")[0]).sort(), ["one", "two"]);
        for (const { socket } of open) socket.destroy();
        await act("change_algorithm", { type: "round_robin" });
    });

    it("tells the backend who called, when asked to", async () => {
        await act("update_service", { listen_port: LISTEN, proxyprotocol: true });
        const { reply, socket } = await talk(address, "hello");
        const port = socket.localPort ?? 0;
        const from = socket.localAddress ?? "";
        assert.ok(
            reply.slice(4).startsWith(`PROXY TCP4 ${from} ${address} ${port} ${LISTEN}\r\n`),
            reply,
        );
        socket.destroy();
        await act("update_service", { listen_port: LISTEN, proxyprotocol: false });
    });

    it("sends nothing to a target that doesn't answer, and takes it back", async () => {
        const [first] = nodes;
        assert.ok(first);
        first.echo.close();
        for (let index = 0; index < 4; index++) assert.equal(await answerOf(address), "two");
        await untilHealth("unhealthy", "healthy");
        first.echo = await Echo.open("one", first.host, NODE);
        await untilHealth("healthy", "healthy");
        const answers = [await answerOf(address), await answerOf(address)];
        assert.deepEqual(answers.sort(), ["one", "two"]);
    });

    it("counts a server that is off as unhealthy", async () => {
        const [, second] = nodes;
        assert.ok(second);
        await f.api.done("POST", `/servers/${second.id}/actions/poweroff`, {});
        await untilHealth("healthy", "unhealthy");
        assert.deepEqual([await answerOf(address), await answerOf(address)], ["one", "one"]);
        await f.api.done("POST", `/servers/${second.id}/actions/poweron`, {});
        await untilHealth("healthy", "healthy");
    });

    it("no longer reaches a server that left the network", async () => {
        const [, second] = nodes;
        assert.ok(second);
        await f.api.done("POST", `/servers/${second.id}/actions/detach_from_network`, { network });
        await untilHealth("healthy", "unhealthy");
        await f.api.done("POST", `/servers/${second.id}/actions/attach_to_network`, { network });
        await untilHealth("healthy", "healthy");
    });

    it("ends connections when their service goes", async () => {
        const { socket } = await talk(address, "stay");
        const closed = new Promise<void>((resolve) => {
            socket.once("close", () => {
                resolve();
            });
        });
        socket.on("error", () => socket.destroy());
        await act("delete_service", { listen_port: LISTEN });
        await closed;
        await assert.rejects(talk(address, "again"), { code: "ECONNREFUSED" });
    });

    it("checks by HTTP status and content", async () => {
        let status = 503;
        let body = "starting";
        let asked = 0;
        const [first] = nodes;
        assert.ok(first);
        const web = createHttpServer((request, response) => {
            asked += 1;
            response.statusCode = request.headers.host === "console.example" ? status : 400;
            response.end(body);
        });
        await new Promise<void>((resolve) => web.listen(7003, first.host, resolve));
        try {
            await act("add_service", {
                protocol: "tcp",
                listen_port: LISTEN,
                destination_port: NODE,
                health_check: {
                    protocol: "http",
                    port: 7003,
                    interval: 3,
                    timeout: 1,
                    retries: 1,
                    http: {
                        path: "/healthz",
                        domain: "console.example",
                        response: "ready",
                        status_codes: ["2??"],
                    },
                },
            });
            await untilHealth("unhealthy", "unhealthy");
            await assert.rejects(talk(address, "hi"));
            status = 200;
            const before = asked;
            await eventually("two checks with the wrong content", () => {
                assert.ok(asked >= before + 2);
            });
            await untilHealth("unhealthy", "unhealthy");
            body = "ready to serve";
            await untilHealth("healthy", "unhealthy");
            assert.equal(await answerOf(address), "one");
        } finally {
            web.close();
            web.closeAllConnections();
        }
    });
});
