/**
 * Proves that the gate behind each prerequisite of the program finds it, and names what is missing, with a remedy, one case for each way in
 * which it can be: absent, looked at by nobody, refused, with a listener that lacks its certificate. The API is a stand-in that answers by
 * path; that a real one answers so is for the end-to-end tests.
 */
import assert from "node:assert/strict";
import { GATEWAY_DEFINITIONS } from "../../../components/bootstrap/gatewaySpecs.ts";
import { gateOf, prerequisites } from "../../../components/bootstrap/prerequisites.ts";
import { connect } from "../../../provider/cluster/kubernetesApi.ts";
import { hindrances } from "../../../provider/cluster/prerequisite.ts";
import { startFakeKubernetes } from "../support/fakeKubernetes.ts";
import type { FakeKubernetes } from "../support/fakeKubernetes.ts";

const GRAPH = prerequisites({ gateway: true, pullSecrets: true, publicCertificates: true });
const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const GROUP = "/apis/gateway.networking.k8s.io/v1";
const CLASS = `${GROUP}/gatewayclasses/cilium`;
const EDGE = `${GROUP}/namespaces/kube-system/gateways/cilium-gateway`;
const STORAGE = "/apis/storage.k8s.io/v1/storageclasses";

const condition = (type: string, status = "True", reason = type, message = "") => ({
    type,
    status,
    reason,
    message,
});
const storageClass = (name: string, isDefault: boolean) => ({
    metadata: {
        name,
        annotations: { "storageclass.kubernetes.io/is-default-class": String(isDefault) },
    },
    provisioner: "rancher.io/local-path",
});
const listener = (name: string, ...conditions: readonly object[]) => ({ name, conditions });

/** A cluster that has everything. */
const WHOLE: Readonly<Record<string, unknown>> = {
    [STORAGE]: { items: [storageClass("local-path", true)] },
    ...Object.fromEntries(
        GATEWAY_DEFINITIONS.map((name) => [
            `${CRDS}/${name}`,
            { status: { conditions: [condition("Established")] } },
        ]),
    ),
    [CLASS]: { status: { conditions: [condition("Accepted")] } },
    [EDGE]: {
        status: {
            conditions: [condition("Accepted"), condition("Programmed")],
            listeners: [listener("https-omantel-example", condition("ResolvedRefs"))],
        },
    },
};

describe("the gates behind the prerequisites", () => {
    let kubernetes: FakeKubernetes;
    let objects: Readonly<Record<string, unknown>>;
    let kubeconfig: string;

    before(async () => {
        kubernetes = await startFakeKubernetes((request, response) => {
            const object = objects[(request.url ?? "").split("?", 1)[0] ?? ""];
            response.writeHead(object === undefined ? 404 : 200, {
                "content-type": "application/json",
            });
            response.end(JSON.stringify(object ?? { kind: "Status", code: 404 }));
        });
        ({ kubeconfig } = kubernetes);
    });

    after(() => {
        kubernetes.stop();
    });

    async function found(name: string, changes: Readonly<Record<string, unknown>> = {}) {
        objects = { ...WHOLE, ...changes };
        const node = GRAPH[name];
        assert.ok(node);
        const gate = gateOf(name, node);
        assert.ok(gate && gate.remedy.length > 20, `${name} has no remedy`);
        return hindrances(connect(kubeconfig, new AbortController().signal), gate.requires);
    }

    for (const name of ["storage", "gateway-definitions", "gateway-class", "gateway"])
        it(`let pass where ${name} is there`, async () => {
            assert.deepEqual(await found(name), []);
        });

    const cases: readonly [string, string, Readonly<Record<string, unknown>>, string][] = [
        [
            "no StorageClass",
            "storage",
            { [STORAGE]: { items: [] } },
            "no StorageClass is the default one (there is none)",
        ],
        [
            "StorageClasses of which none is the default",
            "storage",
            { [STORAGE]: { items: [storageClass("a", false), storageClass("b", false)] } },
            "no StorageClass is the default one (there are: a, b)",
        ],
        [
            "a definition that the chart lacks",
            "gateway-definitions",
            { [`${CRDS}/httproutes.gateway.networking.k8s.io`]: undefined },
            "customresourcedefinitions/httproutes.gateway.networking.k8s.io is not there",
        ],
        ["no class", "gateway-class", { [CLASS]: undefined }, "gatewayclasses/cilium is not there"],
        [
            "a class that no operator has looked at",
            "gateway-class",
            { [CLASS]: { status: {} } },
            "gatewayclasses/cilium is not Accepted: no controller has looked at it",
        ],
        [
            "a Gateway that its controller refuses",
            "gateway",
            {
                [EDGE]: {
                    status: {
                        conditions: [condition("Programmed", "False", "Invalid", "no port")],
                    },
                },
            },
            "gateways/cilium-gateway in kube-system is not Programmed (Invalid: no port)",
        ],
        [
            "a listener without its certificate",
            "gateway",
            {
                [EDGE]: {
                    status: {
                        conditions: [condition("Programmed")],
                        listeners: [
                            listener("http", condition("ResolvedRefs")),
                            listener(
                                "https-omantel-example",
                                condition(
                                    "ResolvedRefs",
                                    "False",
                                    "RefNotPermitted",
                                    "not granted",
                                ),
                            ),
                        ],
                    },
                },
            },
            "listener https-omantel-example of gateways/cilium-gateway in kube-system is not ResolvedRefs (RefNotPermitted: not granted)",
        ],
    ];
    for (const [title, name, changes, message] of cases)
        it(`name ${title}`, async () => {
            assert.deepEqual(await found(name, changes), [message]);
        });
});
