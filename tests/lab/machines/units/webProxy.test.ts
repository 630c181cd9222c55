/**
 * Proves that the proxy by which cert-manager looks at proofs where the lab's port 80 lies elsewhere asks the given name server, reaches the offset
 * port with the host that was asked for, and says what it could not do. Does not prove that cert-manager uses it: that shows
 * tests/e2e/certificatesByHttp.test.ts, where it runs as a user who may not bind port 80.
 */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { startWebProxy } from "../../../../lab/machines/addons/webProxy.ts";

const HOST = "127.0.0.1";

/** Addresses that the name server gives; nobody listens at the second. */
const ADDRESSES = { known: [127, 0, 0, 1], unserved: [127, 200, 0, 1] } as const;

/** What a name server says to a question (RFC 1035, 4.1): an address of `ADDRESSES` by the first label, or NXDOMAIN. */
function answerOf(question: Buffer): Buffer {
    const label = question.toString("latin1", 13, 13 + (question[12] ?? 0));
    const address = ADDRESSES[label as keyof typeof ADDRESSES] as readonly number[] | undefined;
    const end = question.indexOf(0, 12) + 5;
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(address ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(address ? 1 : 0, 6);
    header.writeUInt16BE(0, 10);
    const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...(address ?? [])];
    return Buffer.concat([header, question.subarray(12, end), Buffer.from(address ? record : [])]);
}

describe("the proxy to the web of a lab whose port 80 lies elsewhere", () => {
    let names: Socket;
    let web: Server;
    let proxy: Awaited<ReturnType<typeof startWebProxy>>;

    before(async () => {
        names = createSocket("udp4");
        names.on("message", (question, { port, address }) => {
            names.send(answerOf(question), port, address);
        });
        names.bind(0, HOST);
        await once(names, "listening");
        web = createServer(({ url, headers }, response) => {
            response.writeHead(203).end(`${headers.host} ${url}`);
        }).listen(0, HOST);
        await once(web, "listening");
        const { port } = web.address() as AddressInfo;
        proxy = await startWebProxy({
            host: HOST,
            portOffset: port - 80,
            nameServers: [`${HOST}:${names.address().port}`],
        });
    });

    after(async () => {
        await proxy.stop();
        web.close();
        names.close();
    });

    async function ask(url: string): Promise<[number | undefined, string]> {
        const { hostname, port } = new URL(proxy.url);
        const asked = request({ hostname, port, path: url, agent: false }).end();
        const [answer] = (await once(asked, "response")) as [IncomingMessage];
        return [answer.statusCode, await text(answer)];
    }

    it("reaches port 80 of a name where the lab put it", async () => {
        assert.deepEqual(await ask("http://known.example/a/b?c=d"), [
            203,
            "known.example /a/b?c=d",
        ]);
    });

    it("says 502 of a name that is not there, of one where nobody answers, and of what is no URL", async () => {
        assert.deepEqual(await ask("http://absent.example/"), [
            502,
            "queryA ENOTFOUND absent.example",
        ]);
        const [status, refused] = await ask("http://unserved.example/");
        assert.equal(status, 502);
        assert.match(refused, /ECONNREFUSED/);
        assert.deepEqual(await ask("/path"), [502, "/path is no http URL"]);
    });
});
