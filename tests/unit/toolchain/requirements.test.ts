/**
 * Proves: versions are compared as numbers, and what a machine lacks is said with what to do. Does not prove: that the remedies work
 * on every distribution.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
    atLeast,
    buildRemedy,
    checkDisk,
    checkGo,
    requiredGo,
} from "../../../lab/toolchain/requirements.ts";
import { SetupError } from "../../../lab/toolchain/setupError.ts";

function setupError(message: RegExp, remedy: RegExp) {
    return (error: unknown) => {
        assert.ok(error instanceof SetupError);
        assert.match(error.message, message);
        assert.match(error.remedy, remedy);
        return true;
    };
}

describe("version comparison", () => {
    it("orders versions as numbers, not as text", () => {
        assert.equal(atLeast("go1.26.10", "1.26.9"), true);
        assert.equal(atLeast("v1.9.0", "1.26"), false);
        assert.equal(atLeast("1.26", "1.26.0"), true);
        assert.equal(atLeast("3.258.9", "3.259.0"), false);
    });

    it("is a total order", () => {
        const version = fc
            .tuple(fc.nat(40), fc.nat(40), fc.nat(40))
            .map((numbers) => numbers.join("."));
        fc.assert(
            fc.property(version, version, (a, b) => {
                assert.ok(atLeast(a, b) || atLeast(b, a));
                assert.equal(atLeast(a, b) && atLeast(b, a), a === b);
            }),
        );
    });

    it("takes the newest go line of all modules", () => {
        assert.equal(
            requiredGo(["module a\n\ngo 1.26.0\n", "module b\n\ngo 1.26.4\n", "go 1.22\n"]),
            "1.26.4",
        );
    });

    it("is an old one where nothing is compiled", () => {
        assert.equal(requiredGo([]), "1.21");
    });
});

describe("the requirement of Go", () => {
    it("is met by the same or a newer version", () => {
        checkGo({ version: "go1.26.4", toolchain: "local" }, "1.26.4");
        checkGo({ version: "go1.27.0", toolchain: "local" }, "1.26.4");
    });

    it("is met by an older one that fetches a newer one by itself", () => {
        checkGo({ version: "go1.22.1", toolchain: "auto" }, "1.26.4");
    });

    it("is not met by none at all", () => {
        assert.throws(
            () => {
                checkGo(undefined, "1.26.4");
            },
            setupError(/Go is not on PATH.*Go 1\.26\.4 or newer/, /https:\/\/go\.dev\/dl\//),
        );
    });

    for (const [version, toolchain] of [
        ["go1.22.1", "local"],
        ["go1.20.14", "auto"],
    ] as const)
        it(`is not met by ${version} with GOTOOLCHAIN=${toolchain}`, () => {
            assert.throws(
                () => {
                    checkGo({ version, toolchain }, "1.26.4");
                },
                setupError(
                    new RegExp(`Go 1\\.26\\.4 or newer is needed, this is ${version}`),
                    /go env -w GOTOOLCHAIN=auto/,
                ),
            );
        });
});

describe("the requirement of disk space", () => {
    it("is met by a little", async () => {
        await checkDisk("/tmp/does/not/exist/yet", 0.001);
    });

    it("is not met by less than is needed", async () => {
        await assert.rejects(
            checkDisk("/tmp/does/not/exist/yet", 1_000_000),
            setupError(
                /GiB free; building the toolchain from nothing takes 1000000 GiB/,
                /go clean -cache/,
            ),
        );
    });
});

describe("what to do about a failed build", () => {
    for (const [output, remedy] of [
        ["write /root/x.a: no space left on device", /free some disk space/],
        ["dial tcp: lookup proxy.golang.org: no such host", /HTTPS_PROXY or GOPROXY/],
        ["dial tcp 10.0.0.1:443: connect: connection refused", /check the network/],
        ["/usr/lib/go/compile: signal: killed", /ran out of memory/],
        ["verifying module: checksum mismatch", /does not have the committed checksum/],
    ] as const)
        it(`knows "${output}"`, () => {
            assert.match(buildRemedy(output) ?? "", remedy);
        });

    it("does not guess", () => {
        assert.equal(buildRemedy("main.go:3:1: syntax error"), undefined);
    });
});
