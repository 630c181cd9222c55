// Proves: how far a Go build is can be told from what `go build -v` prints, however it is cut, and what a failed one says is not
// drowned in it. Does not prove: that Go prints it so (the build of the toolchain shows it).
import assert from "node:assert/strict";
import { BuildProgress, withoutPackages } from "../../../lab/toolchain/buildOutput.ts";

describe("output of a Go build", () => {
    it("tells how many packages are compiled, and which comes now", () => {
        const progress = new BuildProgress();
        assert.equal(
            progress.take("go: downloading golang.org/x/net v0.50.0\n"),
            "go: downloading golang.org/x/net v0.50.0",
        );
        assert.equal(
            progress.take("golang.org/x/net/idna\ngolang.org/x/"),
            "1 packages compiled, now golang.org/x/net/idna",
        );
        assert.equal(progress.take("net/http2"), undefined);
        assert.equal(progress.take("\n"), "2 packages compiled, now golang.org/x/net/http2");
    });

    it("tells of how many", () => {
        assert.equal(
            new BuildProgress(1650).take("os\n"),
            "1 of up to 1650 packages compiled, now os",
        );
    });

    it("keeps the compilers' own words after a failure", () => {
        assert.equal(
            withoutPackages(
                "k8s.io/api/core/v1\n# k8s.io/api/apps/v1\napps/v1/types.go:7:2: undefined: x\nk8s.io/klog/v2\n",
            ),
            "# k8s.io/api/apps/v1\napps/v1/types.go:7:2: undefined: x\n",
        );
    });
});
