// Proves: what the lab's Gateways attach, refuse and route, by the rules of the Gateway API
// (https://gateway-api.sigs.k8s.io/reference/spec/) and in the words of Cilium's operator. Proves nothing about Cilium itself.
import assert from "node:assert/strict";
import {
    certificateGrantSpec,
    gatewaySpec,
    redirectSpec,
} from "../../../../components/bootstrap/gatewaySpecs.ts";
import {
    attach,
    hostnamesMeet,
    listenerConditions,
    type ClusterFacts,
} from "../../../../lab/machines/gateway/attachment.ts";
import {
    gatewaySchema,
    referenceGrantSchema,
    routeSchema,
    type Gateway,
    type Route,
} from "../../../../lab/machines/gateway/objects.ts";
import { listenerFor, routeRequest } from "../../../../lab/machines/gateway/routing.ts";

const certificate = { namespace: "catalyst-system", secret: "tls" };
const gateway: Gateway = gatewaySchema.parse({
    metadata: { name: "cilium-gateway", namespace: "kube-system" },
    spec: gatewaySpec("omantel.example", [{ zone: "omantel.example", certificate }]),
});
const grant = referenceGrantSchema.parse({
    metadata: { name: "gateway-tls", namespace: "catalyst-system" },
    spec: certificateGrantSpec("tls"),
});
const FACTS: ClusterFacts = {
    namespaceLabels: (name) =>
        name === "catalyst-system" ? { "catalyst.openova.io/sovereign": "omantel.example" } : {},
    hasCertificate: (namespace, name) => namespace === "catalyst-system" && name === "tls",
    grants: [grant],
};

function route(hostname: string, spec: object = {}, namespace = "catalyst-system"): Route {
    return routeSchema.parse({
        metadata: { name: "route", namespace },
        spec: {
            parentRefs: [{ name: "cilium-gateway", namespace: "kube-system" }],
            hostnames: [hostname],
            rules: [{ backendRefs: [{ name: "web", port: 8080 }] }],
            ...spec,
        },
    });
}

function attached(candidate: Route): readonly (string | undefined)[] {
    const [reference] = candidate.spec.parentRefs;
    assert.ok(reference);
    const { listeners, accepted } = attach(candidate, reference, gateway, FACTS);
    return accepted.status === "True" ? listeners.map(({ name }) => name) : [accepted.reason];
}

describe("the lab's Gateways", () => {
    it("attach a route without a section name by its host name", () => {
        assert.deepEqual(attached(route("console.omantel.example")), ["https-omantel-example"]);
        assert.deepEqual(attached(route("omantel.example")), ["https-omantel-example-apex"]);
    });

    it("refuse a section name that no listener has, as `https` on a Gateway with a listener per zone", () => {
        const parentRefs = (sectionName: string) => [
            { name: "cilium-gateway", namespace: "kube-system", sectionName },
        ];
        assert.deepEqual(
            attached(route("console.omantel.example", { parentRefs: parentRefs("https") })),
            ["NoMatchingParent"],
        );
        assert.deepEqual(
            attached(
                route("console.omantel.example", {
                    parentRefs: parentRefs("https-omantel-example"),
                }),
            ),
            ["https-omantel-example"],
        );
    });

    it("refuse a host name of no zone, and a namespace of no Sovereign", () => {
        assert.deepEqual(attached(route("console.elsewhere.example")), [
            "NoMatchingListenerHostname",
        ]);
        assert.deepEqual(attached(route("console.omantel.example", {}, "other")), [
            "NotAllowedByListeners",
        ]);
    });

    it("read a Secret of another namespace by a grant alone, and miss one that is not there", () => {
        const [, tls] = gateway.spec.listeners;
        assert.ok(tls);
        const reason = (facts: Partial<ClusterFacts>) =>
            listenerConditions(gateway, tls, { ...FACTS, ...facts }).find(
                ({ type }) => type === "ResolvedRefs",
            )?.reason;
        assert.equal(reason({}), "ResolvedRefs");
        assert.equal(reason({ grants: [] }), "RefNotPermitted");
        assert.equal(reason({ hasCertificate: () => false }), "InvalidCertificateRef");
    });

    it("serve a name by the most specific listener", () => {
        const name = (host: string) => listenerFor(gateway.spec.listeners.slice(1), host)?.name;
        assert.equal(name("console.omantel.example"), "https-omantel-example");
        assert.equal(name("omantel.example"), "https-omantel-example-apex");
        assert.equal(name("elsewhere.example"), undefined);
    });

    it("route by host name, then by exact and longer path, and redirect where a filter says so", () => {
        const rule = (type: string, value: string, name: string) => ({
            matches: [{ path: { type, value } }],
            backendRefs: [{ name }],
        });
        const routes = [
            route("*.omantel.example", { rules: [rule("PathPrefix", "/", "wild")] }),
            route("console.omantel.example", {
                rules: [
                    rule("PathPrefix", "/", "ui"),
                    rule("PathPrefix", "/api", "api"),
                    rule("Exact", "/api/v", "exact"),
                ],
            }),
        ];
        const service = (path: string, host = "console.omantel.example") => {
            const answer = routeRequest(routes, host, path);
            return answer.do === "forward" ? answer.service : answer.do;
        };
        assert.deepEqual(
            ["/", "/api", "/api/x", "/apis", "/api/v"].map((path) => service(path)),
            ["ui", "api", "api", "ui", "exact"],
        );
        assert.equal(service("/", "other.omantel.example"), "wild");
        assert.equal(service("/", "elsewhere.example"), "not found");
        const redirect = routeSchema.parse({
            metadata: { name: "r", namespace: "kube-system" },
            spec: redirectSpec(),
        });
        assert.deepEqual(routeRequest([redirect], "any.example", "/x"), {
            do: "redirect",
            scheme: "https",
            status: 301,
        });
    });

    it("take a wildcard for one label or more", () => {
        assert.ok(hostnamesMeet("*.a.example", "x.y.a.example"));
        assert.ok(hostnamesMeet("x.a.example", "*.a.example"));
        assert.ok(!hostnamesMeet("*.a.example", "a.example"));
    });
});
