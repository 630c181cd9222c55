/**
 * Proves: listening sockets at a lab's addresses are found in the kernel's tables, and only those. Does not prove: IPv6, which the
 * lab does not listen on.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { labListeners, parseListeners } from "../../../lab/supervisor/listeners.ts";
import { claimLabInstance } from "../../support/labInstance.ts";

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0200407F:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 0100007F:A001 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0000000000000000 20 4 30 10 -1
`;

describe("listeners of a lab", () => {
    it("are read from the kernel's table; connections are none", () => {
        assert.deepEqual(parseListeners(TCP, "tcp"), [
            { protocol: "tcp", address: "127.64.0.2", port: 53 },
        ]);
    });

    it("are there while something listens, and gone afterwards", async () => {
        const { instance, release } = await claimed();
        const prefix = `127.${64 + instance}`;
        try {
            assert.deepEqual(await labListeners(prefix), []);
            const server = createServer().listen(40_001, `${prefix}.0.7`);
            await once(server, "listening");
            assert.deepEqual(await labListeners(prefix), [
                { protocol: "tcp", address: `${prefix}.0.7`, port: 40_001 },
            ]);
            server.close();
            await once(server, "close");
            assert.deepEqual(await labListeners(prefix), []);
        } finally {
            await release();
        }
    });

    async function claimed() {
        const claim = await claimLabInstance();
        return { instance: claim.instance, release: () => claim.release() };
    }
});
