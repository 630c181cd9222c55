/**
 * Proves the Gateway's specification: a listener per zone by the name that charts expect, one for the apex, and who may attach to which. It
 * does not prove that Cilium serves it (tests of the lab, end-to-end tests).
 */
import assert from "node:assert/strict";
import {
    certificateGrantSpec,
    gatewayCiliumValues,
    gatewaySpec,
    listenerName,
    redirectSpec,
} from "../../../components/bootstrap/gatewaySpecs.ts";
import { ciliumValues } from "../../../components/cluster/manifests.ts";
import { GATEWAY_NODE_PORTS, INGRESS_NODE_PORT, PORTS } from "../../../components/ports.ts";

const certificate = { namespace: "catalyst-system", secret: "tls" };
const spec = gatewaySpec("omantel.omani.works", [
    { zone: "omantel.omani.works", certificate },
    { zone: "omani.homes", certificate },
]);

describe("gatewaySpec", () => {
    it("has a listener per zone, one per apex, and one for plain HTTP", () => {
        assert.deepEqual(
            spec.listeners.map((listener) => [
                listener.name,
                "hostname" in listener ? listener.hostname : undefined,
                listener.protocol,
                listener.port,
            ]),
            [
                ["http", undefined, "HTTP", 8081],
                ["https-omantel-omani-works", "*.omantel.omani.works", "HTTPS", 8443],
                ["https-omantel-omani-works-apex", "omantel.omani.works", "HTTPS", 8443],
                ["https-omani-homes", "*.omani.homes", "HTTPS", 8443],
                ["https-omani-homes-apex", "omani.homes", "HTTPS", 8443],
            ],
        );
        assert.equal(listenerName("omani.works"), "https-omani-works");
    });

    it("takes routes of the Sovereign's namespaces over TLS, and its own alone without", () => {
        const [http, ...tls] = spec.listeners;
        assert.deepEqual(http?.allowedRoutes, { namespaces: { from: "Same" } });
        for (const { allowedRoutes } of tls)
            assert.deepEqual(allowedRoutes, {
                namespaces: {
                    from: "Selector",
                    selector: {
                        matchLabels: { "catalyst.openova.io/sovereign": "omantel.omani.works" },
                    },
                },
            });
    });

    it("reads the certificate of another namespace, by a grant for that Secret alone", () => {
        const [, first] = spec.listeners;
        assert.ok(first && "tls" in first);
        assert.deepEqual(first.tls.certificateRefs, [
            { group: "", kind: "Secret", name: "tls", namespace: "catalyst-system" },
        ]);
        assert.deepEqual(certificateGrantSpec("tls").to, [
            { group: "", kind: "Secret", name: "tls" },
        ]);
    });

    it("leads plain HTTP to HTTPS by the plain listener", () => {
        const { parentRefs, rules } = redirectSpec();
        assert.equal(parentRefs[0]?.sectionName, "http");
        assert.deepEqual(rules[0]?.filters[0]?.requestRedirect, {
            scheme: "https",
            statusCode: 301,
        });
    });
});

describe("gatewayCiliumValues", () => {
    it("lets Cilium serve Gateways in the place of Ingresses, over the PROXY protocol as those", () => {
        const before = ciliumValues({ version: "1", chartRepository: "https://x", nodeCount: 1 });
        const values = gatewayCiliumValues();
        assert.equal(values.ingressController.enabled, false);
        assert.equal(
            values.gatewayAPI.enableProxyProtocol,
            before.ingressController.enableProxyProtocol,
        );
        assert.equal(PORTS.https.proxyProtocol, true);
        const ports: number[] = [...Object.values(GATEWAY_NODE_PORTS), INGRESS_NODE_PORT];
        assert.equal(new Set(ports).size, 3);
        assert.ok(
            ports.every((port) => port > 1023),
            "Cilium's proxy may not bind lower ones",
        );
    });
});
