// Proves on a real pebble: the lab's ACME server serves its directory at the address that the `dev` stack names, under the authority that is
// committed, and tells its root. Does not prove that it issues: tests/e2e/certificates.test.ts does.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { ACME_AUTHORITY } from "../../../lab/acme/authority.ts";
import { Pebble } from "../../../lab/acme/pebble.ts";
import { httpsRequest } from "../../../lab/machines/control/http.ts";
import { claimTestLab } from "../../support/labContext.ts";
import type { TestLab } from "../../support/labContext.ts";

describe("the lab's ACME server", function () {
    this.timeout(60_000);
    let lab: TestLab;
    let pebble: Pebble;

    before(async () => {
        lab = await claimTestLab();
        pebble = new Pebble(lab.context);
        await pebble.start();
    });

    after(async () => {
        await pebble.stop();
        await lab.release();
    });

    it("serves the directory of RFC 8555 under the committed authority", async () => {
        const { host, port } = lab.context.addresses.acme;
        assert.equal(pebble.url, `https://${host}:${port}/dir`);
        const { status, body } = await httpsRequest(pebble.url, {
            ca: ACME_AUTHORITY.certificate,
            headers: { "user-agent": "test" },
        });
        assert.equal(status, 200);
        const directory = JSON.parse(body) as Record<string, unknown>;
        for (const resource of ["newNonce", "newAccount", "newOrder", "revokeCert", "keyChange"])
            assert.match(String(directory[resource]), new RegExp(`^https://${host}:${port}/`));
    });

    it("is distrusted by whoever trusts another authority", async () => {
        await assert.rejects(httpsRequest(pebble.url, { ca: pebble.root }));
    });

    it("tells the root of what it issues, another one after each start", async () => {
        const first = pebble.root;
        assert.ok(new X509Certificate(first).ca);
        await pebble.stop();
        assert.equal(pebble.status().state, "stopped");
        await pebble.start();
        assert.deepEqual(
            pebble.status().processes.map(({ name }) => name),
            ["pebble"],
        );
        assert.notEqual(pebble.root, first);
        assert.deepEqual(pebble.status().details, { root: pebble.root });
    });
});
