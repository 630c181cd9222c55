// Proves that PROXY protocol headers of both versions are read exactly, in any fragmentation, and everything else refused.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import {
    IPv6Address,
    IPv6ProxyAddress,
    Command,
    TransportProtocol,
    V2ProxyProtocol,
} from "proxy-protocol-js";
import { parseProxyHeader } from "../../lab/proxyHeader.ts";

const V1 = Buffer.from("PROXY TCP4 203.0.113.8 10.0.0.254 40000 25\r\n");
const V2_LOCAL = Buffer.concat([
    Buffer.from("\r\n\r\n\0\r\nQUIT\n"),
    Buffer.from([0x20, 0x00, 0, 0]),
]);
const V2_WITH_TLV = Buffer.concat([
    Buffer.from("\r\n\r\n\0\r\nQUIT\n"),
    Buffer.from([0x21, 0x11, 0, 17, 203, 0, 113, 9, 10, 0, 0, 254, 0x9c, 0x40, 0, 25]),
    Buffer.from([0x04, 0, 2, 1, 1]),
]);

describe("PROXY protocol headers", () => {
    it("are read with what follows left alone", () => {
        assert.deepEqual(parseProxyHeader(Buffer.concat([V1, Buffer.from("EHLO x\r\n")])), {
            length: V1.length,
            peer: { address: "203.0.113.8", port: 40000 },
        });
        assert.deepEqual(parseProxyHeader(V2_WITH_TLV), {
            length: 33,
            peer: { address: "203.0.113.9", port: 40000 },
        });
    });

    it("name IPv6 peers in their canonical form", () => {
        const address = (last: number) =>
            IPv6Address.createFrom([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
        const header = new V2ProxyProtocol(
            Command.PROXY,
            TransportProtocol.STREAM,
            new IPv6ProxyAddress(address(1), 40000, address(2), 25),
        ).build();
        assert.deepEqual(parseProxyHeader(Buffer.from(header)), {
            length: 52,
            peer: { address: "2001:db8::1", port: 40000 },
        });
        assert.deepEqual(
            parseProxyHeader(Buffer.from("PROXY TCP6 2001:db8::1 2001:db8::2 40000 25\r\n"))?.peer,
            { address: "2001:db8::1", port: 40000 },
        );
    });

    it("have no peer where the proxy speaks for itself", () => {
        assert.deepEqual(parseProxyHeader(V2_LOCAL), { length: 16 });
        assert.deepEqual(parseProxyHeader(Buffer.from("PROXY UNKNOWN\r\n")), { length: 15 });
    });

    it("are waited for byte by byte", () => {
        for (const header of [V1, V2_LOCAL, V2_WITH_TLV])
            for (let length = 0; length < header.length; length++)
                assert.equal(parseProxyHeader(header.subarray(0, length)), undefined);
    });

    it("are not seen in anything else", () => {
        for (const bytes of ["EHLO client.test\r\n", "PROXIES", "\r\n\r\nEHLO", "GET / HTTP/1.1"])
            assert.throws(() => parseProxyHeader(Buffer.from(bytes)), /no PROXY header/);
        assert.throws(
            () => parseProxyHeader(Buffer.from(`PROXY ${"x".repeat(200)}`)),
            /^Error: malformed PROXY header: version 1 without end$/,
        );
        assert.throws(
            () => parseProxyHeader(Buffer.from("PROXY TCP4 a b 1 2\r\n")),
            /^Error: malformed PROXY header: /,
        );
    });

    it("never make the parser do anything but return or throw an error", () => {
        const starts = [Buffer.alloc(0), V1.subarray(0, 6), V2_LOCAL.subarray(0, 12)];
        fc.assert(
            fc.property(
                fc.constantFrom(...starts),
                fc.uint8Array({ maxLength: 200 }),
                (start, rest) => {
                    const bytes = Buffer.concat([start, rest]);
                    try {
                        const header = parseProxyHeader(bytes);
                        assert.ok(header === undefined || header.length <= bytes.length);
                    } catch (error) {
                        assert.ok(
                            typeof error === "object" && error !== null && "message" in error,
                        );
                        assert.ok(!(error instanceof assert.AssertionError));
                    }
                },
            ),
        );
    });
});
