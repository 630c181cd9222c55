// Proves what is decided about each kind of thing that a crash can leave, and how a state is mended by it; ids of parts are those of
// the provider's own sources. It does not look at Hetzner or at a cluster.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { ExportedState, StateResource } from "../../../operations/provision/stackState.ts";
import { decide } from "../../../operations/recover/decide.ts";
import type { World } from "../../../operations/recover/decide.ts";
import type { Finding } from "../../../operations/recover/findings.ts";
import { findingText } from "../../../operations/recover/findings.ts";
import type { HetznerThing } from "../../../operations/recover/hetznerInventory.ts";
import { objectIdentity, partId } from "../../../operations/recover/identity.ts";
import { mendState } from "../../../operations/recover/mendState.ts";
import type { ReleaseRecord } from "../../../operations/recover/releaseRecords.ts";

const STACK = "urn:pulumi:dev::sovereign::pulumi:pulumi:Stack::sovereign-dev";
const PROVIDER = "urn:pulumi:dev::sovereign::pulumi:providers:hcloud::default";
const SERVER = "hcloud:index/server:Server";
const RELEASE = "kubernetes:helm.sh/v3:Release";

const urn = (type: string, name: string) => `urn:pulumi:dev::sovereign::${type}::${name}`;
const resource = (type: string, name: string, rest: Partial<StateResource> = {}) => ({
    urn: urn(type, name),
    type,
    custom: true,
    parent: STACK,
    provider: `${PROVIDER}::p1`,
    ...rest,
});
const BASE: readonly StateResource[] = [
    { urn: STACK, type: "pulumi:pulumi:Stack" },
    { urn: PROVIDER, type: "pulumi:providers:hcloud", custom: true, id: "p1" },
];
const creating = (of: StateResource) => ({ type: "creating", resource: of });
const server: HetznerThing = {
    collection: "servers",
    type: SERVER,
    id: "42",
    name: "catalyst-omantel-example-cp1",
};
const pendingServer = resource(SERVER, "cp1-server", { inputs: { name: server.name } });
const record = (status: string, revision = 1): ReleaseRecord => ({
    namespace: "stalwart-sovereign",
    secret: `sh.helm.release.v1.stalwart-sovereign.v${revision}`,
    release: "stalwart-sovereign",
    revision,
    status,
});
const release = resource(RELEASE, "stalwart", {
    inputs: { name: "stalwart-sovereign", namespace: "stalwart-sovereign" },
});
const EMPTY: World = { things: [], records: [], objects: new Set(), planned: [] };

function decided(
    pending: readonly { type: string; resource: StateResource }[],
    world: Partial<World>,
    options: { resources?: readonly StateResource[]; deleteOrphans?: boolean } = {},
): Finding[] {
    const { resources = BASE, deleteOrphans = false } = options;
    return decide({ resources, pending }, { ...EMPTY, ...world }, deleteOrphans);
}
const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind);

describe("what a crash left", () => {
    it("is imported where the API has it, and made again where it has not", () => {
        const why = "was made, and the state does not know it";
        assert.deepEqual(decided([creating(pendingServer)], { things: [server] }), [
            { kind: "import", urn: pendingServer.urn, id: "42", why },
        ]);
        assert.deepEqual(decided([creating(pendingServer)], {}), [
            { kind: "repeat", urn: pendingServer.urn, why: "was not made" },
        ]);
        assert.deepEqual(
            decided([creating(pendingServer)], { things: [server] }, { deleteOrphans: true }),
            [{ kind: "delete", thing: server, why }],
        );
    });

    it("is made again where that can be done twice", () => {
        for (const type of [
            "sovereign:dns:RecordSet",
            "random:index/randomPassword:RandomPassword",
            "tls:index/privateKey:PrivateKey",
        ])
            assert.deepEqual(kinds(decided([creating(resource(type, "x"))], {})), ["repeat"], type);
    });

    it("is read anew where an update or a deletion was interrupted", () => {
        for (const type of ["updating", "deleting"])
            assert.deepEqual(kinds(decided([{ type, resource: pendingServer }], {})), ["repeat"]);
    });

    it("is a person's decision where nothing tells whether it was made", () => {
        const other = creating(resource("hcloud:index/snapshot:Snapshot", "x"));
        assert.deepEqual(kinds(decided([other], {})), ["undecided"]);
        assert.deepEqual(kinds(decided([creating(release)], { records: undefined })), [
            "undecided",
        ]);
    });

    it("is a stuck release, whether it was being installed or upgraded", () => {
        const unstick = (status: string, revision = 1): Finding => ({
            kind: "stuck-release",
            record: record(status, revision),
            why: "whoever worked on it is gone, and Helm would refuse the next",
        });
        assert.deepEqual(decided([creating(release)], { records: [record("pending-install")] }), [
            unstick("pending-install"),
            { kind: "repeat", urn: release.urn, why: "its record says pending-install" },
        ]);
        const upgrade = [record("deployed"), record("pending-upgrade", 2)];
        assert.deepEqual(
            decided([], { records: upgrade }, { resources: [...BASE, { ...release, id: "x" }] }),
            [unstick("pending-upgrade", 2)],
        );
        const foreign = { ...record("pending-install"), release: "somebody-elses" };
        assert.deepEqual(decided([], { records: [foreign] }), []);
    });

    it("is a release that was deployed all the same", () => {
        assert.deepEqual(
            decided([creating(release)], { records: [record("deployed")] }).map((f) =>
                f.kind === "import" ? f.id : f.kind,
            ),
            ["stalwart-sovereign/stalwart-sovereign"],
        );
    });

    it("is an object of Kubernetes, in a namespace or none", () => {
        const inputs = {
            apiVersion: "v1",
            kind: "Secret",
            metadata: { name: "smtp", namespace: "catalyst-system" },
        };
        const secret = resource("kubernetes:core/v1:Secret", "smtp", { inputs });
        const objects = new Set([secret.urn]);
        assert.deepEqual(
            decided([creating(secret)], { objects }).map((f) => ("id" in f ? f.id : "")),
            ["catalyst-system/smtp"],
        );
        assert.deepEqual(kinds(decided([creating(secret)], {})), ["repeat"]);
        assert.deepEqual(objectIdentity(secret.type, { ...inputs, metadata: { name: "x" } }), {
            apiVersion: "v1",
            kind: "Secret",
            name: "x",
        });
    });

    it("is an orphan, which finds its place again in the plan, is kept, or is deleted", () => {
        const planned = [pendingServer];
        assert.deepEqual(
            decided([], { things: [server], planned }).map((f) => ("id" in f ? f.id : "")),
            ["42"],
        );
        const component = {
            urn: urn("sovereign:cluster:ClusterNode", "cp1"),
            type: "sovereign:cluster:ClusterNode",
            parent: STACK,
        };
        const inComponent = [{ ...pendingServer, parent: component.urn }, component];
        assert.deepEqual(kinds(decided([], { things: [server], planned: inComponent })), [
            "import",
        ]);
        const homeless = [{ ...pendingServer, parent: urn("sovereign:index:Sovereign", "gone") }];
        assert.deepEqual(kinds(decided([], { things: [server], planned: homeless })), ["orphan"]);
        assert.deepEqual(kinds(decided([], { things: [server] })), ["orphan"]);
        assert.deepEqual(kinds(decided([], { things: [server] }, { deleteOrphans: true })), [
            "delete",
        ]);
    });

    it("is nothing where the state knows everything", () => {
        const resources = [...BASE, { ...pendingServer, id: "42" }];
        for (const deleteOrphans of [true, false])
            assert.deepEqual(decided([], { things: [server] }, { resources, deleteOrphans }), []);
    });

    it("is told in one line each", () => {
        assert.deepEqual(
            [
                ...decided([creating(pendingServer), creating(release)], {
                    things: [server],
                    records: [record("pending-install")],
                }),
                ...decided([], { things: [server] }, { deleteOrphans: true }),
            ].map(findingText),
            [
                "unstick stalwart-sovereign/stalwart-sovereign revision 1 (pending-install): whoever worked on it is gone, and Helm would refuse the next",
                "import  hcloud:index/server:Server cp1-server as 42: was made, and the state does not know it",
                "repeat  kubernetes:helm.sh/v3:Release stalwart: its record says pending-install",
                "delete  Hetzner servers catalyst-omantel-example-cp1 (42): carries the Sovereign's label or name, and the state does not know it",
            ],
        );
    });
});

describe("ids of parts of a thing", () => {
    it("are the provider's", () => {
        const ids: readonly (readonly [string, Record<string, unknown>, string])[] = [
            [
                "networkSubnet:NetworkSubnet",
                { networkId: 5, ipRange: "10.0.1.0/24" },
                "5-10.0.1.0/24",
            ],
            [
                "loadBalancerService:LoadBalancerService",
                { loadBalancerId: "7", listenPort: 443 },
                "7__443",
            ],
            [
                "loadBalancerTarget:LoadBalancerTarget",
                { loadBalancerId: 7, serverId: 9 },
                "lb-srv-tgt-9-7",
            ],
            [
                "loadBalancerNetwork:LoadBalancerNetwork",
                { loadBalancerId: 7, subnetId: "5-10.0.1.0/24" },
                "7-5",
            ],
            ["rdns:Rdns", { primaryIpId: 3, ipAddress: "192.0.2.1" }, "p-3-192.0.2.1"],
            ["rdns:Rdns", { loadBalancerId: 7, ipAddress: "192.0.2.2" }, "l-7-192.0.2.2"],
        ];
        for (const [type, inputs, id] of ids)
            assert.equal(partId(`hcloud:index/${type}`, inputs), id);
        assert.equal(partId(SERVER, { name: "x" }), undefined);
    });
});

describe("a mended state", () => {
    const exported = (pending: readonly StateResource[]): ExportedState => ({
        version: 3,
        deployment: {
            manifest: { time: "2026-11-24T09:00:00Z" },
            resources: [...BASE],
            pending_operations: pending.map(creating),
        },
    });

    it("has what was imported, under its id, and nothing pending but the undecided", () => {
        const secret = { "4dabf18193072939515e22adb298388d": "sig", ciphertext: "abc" };
        const inputs = { name: server.name, userData: secret };
        const other = resource("hcloud:index/snapshot:Snapshot", "x");
        const mended = mendState(
            exported([{ ...pendingServer, inputs }, other]),
            [
                { kind: "import", urn: pendingServer.urn, id: "42", why: "" },
                { kind: "undecided", urn: other.urn, why: "" },
            ],
            [],
        );
        assert.deepEqual(mended, {
            version: 3,
            deployment: {
                manifest: { time: "2026-11-24T09:00:00Z" },
                resources: [
                    ...BASE,
                    { ...pendingServer, id: "42", inputs, outputs: { ...inputs, id: "42" } },
                ],
                pending_operations: [creating(other)],
            },
        });
    });

    it("has the components above what was imported, the outermost first and each once", () => {
        const component = (name: string, parent: string): StateResource => ({
            urn: urn("sovereign:cluster:Cluster", name),
            type: "sovereign:cluster:Cluster",
            parent,
        });
        const outer = component("outer", STACK);
        const inner = component("inner", outer.urn);
        const places = ["a", "b"].map((name) =>
            resource(SERVER, name, { parent: inner.urn, inputs: { name } }),
        );
        const mended = mendState(
            exported([]),
            places.map((place) => ({ kind: "import", urn: place.urn, id: "1", why: "" })),
            [...places, inner, outer],
        );
        assert.deepEqual(
            mended.deployment?.resources?.slice(BASE.length).map((r) => [r.urn, r.custom]),
            [[outer.urn, false], [inner.urn, false], ...places.map((place) => [place.urn, true])],
        );
    });

    it("takes of a plan only what is a value", () => {
        const planned = {
            ...pendingServer,
            inputs: {
                name: server.name,
                userData: "[secret]",
                token: { "4dabf18193072939515e22adb298388d": "sig", plaintext: "[secret]" },
                networks: [{ subnetId: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }],
            },
        };
        const mended = mendState(
            exported([]),
            [{ kind: "import", urn: planned.urn, id: "42", why: "" }],
            [planned],
        );
        assert.deepEqual(mended.deployment?.resources?.at(-1)?.inputs, { name: server.name });
    });

    it("keeps every resource that it had, whatever is found", () => {
        const finding = fc.constantFrom<Finding>(
            { kind: "import", urn: pendingServer.urn, id: "42", why: "" },
            { kind: "repeat", urn: release.urn, why: "" },
            { kind: "delete", thing: server, why: "" },
            { kind: "undecided", urn: release.urn, why: "" },
        );
        fc.assert(
            fc.property(fc.uniqueArray(finding), (findings) => {
                const mended = mendState(exported([pendingServer, release]), findings, []);
                assert.deepEqual(mended.deployment?.resources?.slice(0, BASE.length), BASE);
            }),
        );
    });
});
