/**
 * Proves what taking a release over from Flux writes, and giving it back: the HelmRelease is suspended before Helm's records go, nothing else
 * is touched, and what is nobody's to take is left alone. The API is a stand-in that keeps what it is told; that Helm then adopts the
 * objects is for the end-to-end test of GitOps.
 */
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import type { CallContext } from "../../../provider/framework/resource.ts";
import { eventually } from "../../support/eventually.ts";
import { releaseHandOver } from "../../../provider/cluster/releaseHandOver.ts";
import { startFakeKubernetes } from "../support/fakeKubernetes.ts";
import type { FakeKubernetes } from "../support/fakeKubernetes.ts";

const HELM_RELEASES = "/apis/helm.toolkit.fluxcd.io/v2";
const SECRETS = "/api/v1/namespaces/stalwart-sovereign/secrets";

const record = (name: string, status = "deployed") => ({
    metadata: { name, labels: { owner: "helm", name: "stalwart-sovereign", status } },
    type: "helm.sh/release.v1",
});

async function bodyOf(request: IncomingMessage): Promise<string> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    return text;
}

describe("ReleaseHandOver", () => {
    let kubernetes: FakeKubernetes;
    let kubeconfig: string;
    let writes: string[];
    let helmReleases: readonly object[] | undefined;
    let annotations: Record<string, string>;
    let records: readonly (readonly object[])[];

    const { signal } = new AbortController();
    const context: CallContext = {
        signal,
        waiting: signal,
        log: { status: () => undefined, warning: () => undefined },
    } as unknown as CallContext;

    before(async () => {
        kubernetes = await startFakeKubernetes((request, response) => {
            void bodyOf(request).then((body) => {
                const path = (request.url ?? "").split("?", 1)[0] ?? "";
                const answer = (object: unknown, status = 200) =>
                    response
                        .writeHead(status, { "content-type": "application/json" })
                        .end(JSON.stringify(object));
                if (request.method !== "GET") {
                    writes.push(`${request.method} ${path} ${body}`.trim());
                    answer({});
                } else if (path === `${HELM_RELEASES}/helmreleases`)
                    if (helmReleases === undefined) answer({ kind: "Status", code: 404 }, 404);
                    else answer({ items: helmReleases });
                else if (path.startsWith(`${HELM_RELEASES}/namespaces/flux-system/helmreleases/`))
                    answer({ metadata: { annotations } });
                else if (path === SECRETS) {
                    const [now = [], ...later] = records;
                    if (later.length > 0) records = later;
                    answer({ items: now });
                } else answer({ kind: "Status", code: 404 }, 404);
            });
        });
        ({ kubeconfig } = kubernetes);
    });

    after(() => {
        kubernetes.stop();
    });

    beforeEach(() => {
        writes = [];
        annotations = {};
        helmReleases = [
            {
                metadata: { name: "bp-stalwart-sovereign", namespace: "flux-system" },
                spec: { releaseName: "stalwart-sovereign", targetNamespace: "stalwart-sovereign" },
            },
        ];
        records = [[record("sh.helm.release.v1.stalwart-sovereign.v1")]];
    });

    const create = (takesAbandoned = false, waiting = signal) =>
        releaseHandOver.create(
            {
                kubeconfig,
                namespace: "stalwart-sovereign",
                release: "stalwart-sovereign",
                takesAbandoned,
            },
            { ...context, waiting },
        );

    it("suspends the HelmRelease and keeps it from being pruned, then removes Helm's records", async () => {
        const { outputs } = await create();
        assert.deepEqual(outputs, { takenFrom: "flux-system/bp-stalwart-sovereign" });
        assert.deepEqual(writes, [
            `PATCH ${HELM_RELEASES}/namespaces/flux-system/helmreleases/bp-stalwart-sovereign {"metadata":{"annotations":{"catalyst.openova.io/handed-over":"program","kustomize.toolkit.fluxcd.io/prune":"disabled"}},"spec":{"suspend":true}}`,
            `DELETE ${SECRETS}/sh.helm.release.v1.stalwart-sovereign.v1`,
        ]);
    });

    it("leaves the records of a release alone that no HelmRelease installs, and where there is no Flux", async () => {
        helmReleases = [];
        assert.deepEqual((await create()).outputs, { takenFrom: "" });
        helmReleases = undefined;
        assert.deepEqual((await create()).outputs, { takenFrom: "" });
        assert.deepEqual(writes, []);
    });

    it("takes what was abandoned where it may", async () => {
        helmReleases = undefined;
        await create(true);
        assert.deepEqual(writes, [`DELETE ${SECRETS}/sh.helm.release.v1.stalwart-sovereign.v1`]);
    });

    it("waits for Helm to end before it takes its records", async () => {
        records = [[record("r.v2", "pending-upgrade")], [record("r.v2")]];
        await create();
        assert.equal(writes.at(-1), `DELETE ${SECRETS}/r.v2`);
    });

    it("resumes the HelmRelease where the engine cancels while Helm is still at work, and takes no record", async () => {
        annotations = { "catalyst.openova.io/handed-over": "program" };
        records = [[record("r.v2", "pending-upgrade")]];
        const cancelled = new AbortController();
        const created = create(false, cancelled.signal);
        await eventually("the look at Helm's records", () => {
            assert.equal(writes.length, 1);
        });
        cancelled.abort(new Error("cancelled"));
        await assert.rejects(created, /cancelled|abort/);
        const helmRelease = `${HELM_RELEASES}/namespaces/flux-system/helmreleases/bp-stalwart-sovereign`;
        assert.equal(
            writes.at(-1),
            `PATCH ${helmRelease} {"metadata":{"annotations":{"catalyst.openova.io/handed-over":null}},"spec":{"suspend":null}}`,
        );
        assert.equal(writes.length, 2);
    });

    it("resumes on its end what it suspended, and nothing else", async () => {
        const state = {
            kubeconfig,
            namespace: "stalwart-sovereign",
            release: "stalwart-sovereign",
            takesAbandoned: false,
            takenFrom: "flux-system/bp-stalwart-sovereign",
        };
        await releaseHandOver.delete("id", state, context);
        assert.deepEqual(writes, []);
        annotations = { "catalyst.openova.io/handed-over": "program" };
        await releaseHandOver.delete("id", state, context);
        assert.deepEqual(writes, [
            `PATCH ${HELM_RELEASES}/namespaces/flux-system/helmreleases/bp-stalwart-sovereign {"metadata":{"annotations":{"catalyst.openova.io/handed-over":null}},"spec":{"suspend":null}}`,
        ]);
        await releaseHandOver.delete("id", { ...state, takenFrom: "" }, context);
        assert.equal(writes.length, 1);
    });
});
