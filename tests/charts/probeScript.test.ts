// Proves that probe.sh passes for a mail server that greets, says good-bye to it, and fails for everything else.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, describe, it } from "mocha";
import { chartPath } from "./helm.ts";

const SCRIPT = join(chartPath("stalwart-sovereign"), "files", "probe.sh");

describe("probe.sh", () => {
    let server: Server | undefined;
    let received: string;

    afterEach(() => server?.close());

    /** Listens with this greeting, hanging up after the first line it gets, or at once without a greeting. */
    async function listen(greeting: string | undefined): Promise<number> {
        received = "";
        server = createServer((socket) => {
            socket.on("error", () => undefined);
            if (greeting === undefined) {
                socket.end();
                return;
            }
            socket.write(greeting);
            socket.on("data", (chunk) => {
                received += chunk.toString();
                socket.end("221 2.0.0 Bye.\r\n");
            });
        }).listen(0, "127.0.0.1");
        await once(server, "listening");
        const address = server.address();
        assert.ok(address !== null && typeof address === "object");
        return address.port;
    }

    async function probe(port: number): Promise<number | undefined> {
        const { exitCode } = await execa("bash", [SCRIPT, "127.0.0.1", String(port)], {
            reject: false,
        });
        return exitCode;
    }

    it("passes for a greeting, and takes leave", async () => {
        assert.equal(await probe(await listen("220 mail.sov.test Stalwart ESMTP\r\n")), 0);
        assert.equal(received, "QUIT\r\n");
    });

    it("fails for a server that is shutting down", async () => {
        assert.equal(await probe(await listen("421 4.3.0 Too busy\r\n")), 1);
    });

    it("fails for one that hangs up at once", async () => {
        assert.equal(await probe(await listen(undefined)), 1);
    });

    it("fails where nothing listens", async () => {
        const port = await listen("220 x\r\n");
        await new Promise((resolve) => server?.close(resolve));
        assert.equal(await probe(port), 1);
    });
});
