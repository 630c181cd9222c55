// Proves: a node looks for control planes of its own cluster only, so that one left over from an earlier epoch is neither joined nor keeps
// the first server from initialising. Servers are plain HTTPS servers here; joining itself is not proven.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { BootstrapEnvironment } from "../../../../components/cluster/bootFiles.ts";
import { decideRole } from "../../../../lab/machines/boot/bootstrap.ts";
import { findPeer } from "../../../../lab/machines/control/join.ts";
import { SUPERVISOR_PORT } from "../../../../lab/machines/control/peers.ts";
import { caHash, issueLeaf, selfSignedCa } from "../../../../lab/machines/control/pki.ts";
import { claimTestLab, type TestLab } from "../../../support/labContext.ts";

describe("looking for a control plane to join", () => {
    const servers: Server[] = [];
    let lab: TestLab;
    let old: string;
    let current: string;

    /** A control plane that serves its CA, and the token of its cluster. */
    const serve = async (index: number) => {
        const ca = await selfSignedCa(`cluster ${index}`);
        const leaf = await issueLeaf(ca, { commonName: "kubernetes", usages: ["server"] });
        const server = createServer(
            { cert: leaf.certificate, key: leaf.privateKey },
            (request, response) => {
                response.statusCode = request.url === "/cacerts" ? 200 : 404;
                response.end(ca.certificate);
            },
        );
        servers.push(server);
        server.listen(SUPERVISOR_PORT, `${lab.context.addresses.prefix}.128.${index}`);
        await once(server, "listening");
        return `K10${caHash(ca.certificate)}::server:password`;
    };
    const resolver = {
        resolve: (ip: string) => `${lab.context.addresses.prefix}.128.${ip.split(".").at(-1)}`,
    };

    before(async () => {
        lab = await claimTestLab();
        old = await serve(1);
        current = await serve(2);
    });

    after(async () => {
        for (const server of servers) server.close();
        await lab.release();
    });

    it("passes by peers that are off or of another cluster, and says which", async () => {
        const others: string[] = [];
        const peers = ["10.0.1.9", "10.0.1.1", "10.0.1.2"];
        const peer = await findPeer(peers, resolver, current, (ip, reason) => {
            others.push(`${ip}: ${reason}`);
        });
        assert.equal(peer?.privateIp, "10.0.1.2");
        const [expected, found] = [current, old].map((token) => token.slice(3, 67));
        assert.deepEqual(others, [
            `10.0.1.1: token CA hash does not match the Cluster CA certificate hash: ${expected} != ${found}`,
        ]);
    });

    it("initialises a new epoch beside control planes of the old one, and joins its own", async () => {
        const environment: BootstrapEnvironment = {
            role: "server",
            mayInitialise: true,
            epoch: 2,
            nodeIp: "10.0.1.3",
            peers: ["10.0.1.1"],
            k3sVersion: "v1.36.1+k3s1",
            k3sDownloadUrl: "https://releases.test/k3s",
            k3sSha256: {},
        };
        assert.equal(await decideRole(environment, resolver, current), "initialise");
        assert.equal(await decideRole(environment, resolver, old), "join");
    });
});
