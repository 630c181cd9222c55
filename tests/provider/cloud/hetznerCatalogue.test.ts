// Proves: how the catalogue is read from Hetzner's API (pages, stock, deprecation, retries) and that no error carries the
// token. Does not prove: that the emulator of the lab answers alike (tests/lab/hetzner does).
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { readCatalogue } from "../../../provider/cloud/hetznerCatalogue.ts";

const TOKEN = "t".repeat(64);

describe("the catalogue of Hetzner", () => {
    let server: Server;
    let requests: string[];
    let answer: (request: IncomingMessage, response: ServerResponse) => void;

    beforeEach(async () => {
        requests = [];
        server = createServer((request, response) => {
            requests.push(request.url ?? "");
            answer(request, response);
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    afterEach(() => {
        server.close();
        server.closeAllConnections();
    });

    const read = () =>
        readCatalogue(
            {
                endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
                token: TOKEN,
            },
            new AbortController().signal,
            new Date("2026-06-01T00:00:00Z"),
        );
    const json = (response: ServerResponse, status: number, body: unknown) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
    };
    const type = (name: string, locations: unknown[]) => ({
        name,
        architecture: "x86",
        locations,
    });

    it("follows pages and tells offered from orderable", async () => {
        answer = (request, response) => {
            assert.equal(request.headers.authorization, `Bearer ${TOKEN}`);
            if (request.url?.startsWith("/v1/locations")) {
                json(response, 200, { locations: [{ name: "fsn1", network_zone: "eu-central" }] });
                return;
            }
            const second = request.url?.includes("page=2&");
            json(response, 200, {
                server_types: second
                    ? [
                          type("old1", [
                              {
                                  name: "fsn1",
                                  available: true,
                                  deprecation: {
                                      announced: "2026-01-01T00:00:00Z",
                                      unavailable_after: "2026-05-01T00:00:00Z",
                                  },
                              },
                          ]),
                      ]
                    : [
                          type("cx43", [
                              { name: "fsn1", available: false, deprecation: null },
                              { name: "nbg1", available: true, deprecation: null },
                          ]),
                      ],
                meta: { pagination: { page: second ? 2 : 1, next_page: second ? null : 2 } },
            });
        };
        assert.deepEqual(await read(), {
            serverTypes: [
                {
                    name: "cx43",
                    architecture: "x86",
                    offeredIn: ["fsn1", "nbg1"],
                    availableIn: ["nbg1"],
                },
                { name: "old1", architecture: "x86", offeredIn: [], availableIn: [] },
            ],
            locations: [{ name: "fsn1", networkZone: "eu-central" }],
        });
    });

    it("retries 429 and does not retry 401", async () => {
        let first = true;
        answer = (_request, response) => {
            if (first) {
                first = false;
                json(response, 429, { error: { code: "rate_limit_exceeded" } });
            } else json(response, 401, { error: { code: "unauthorized", message: "no" } });
        };
        await assert.rejects(read(), {
            message:
                "Hetzner API: /server_types answered 401 (unauthorized); set a valid token: `pulumi config set --secret hcloud:token …`",
        });
        assert.equal(requests.length, 2);
    });

    it("says so when an answer has another shape", async () => {
        answer = (_request, response) => {
            json(response, 200, { server_types: [{ name: 1 }] });
        };
        await assert.rejects(read(), {
            message: "Hetzner API: /server_types does not have the expected shape",
        });
    });
});
