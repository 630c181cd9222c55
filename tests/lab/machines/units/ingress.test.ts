// Proves: the shared ingress chooses routes, certificates and backends as Kubernetes demands. Pure: nothing listens.
import assert from "node:assert/strict";
import type { V1EndpointSlice } from "@kubernetes/client-node";
import { readyBackends } from "../../../../lab/machines/ingress/backends.ts";
import {
    findRoute,
    findTlsSecret,
    hostMatches,
    isCiliumIngress,
    redirectsToHttps,
    servingByTls,
} from "../../../../lab/machines/ingress/routes.ts";

describe("the shared ingress", () => {
    const ingress = (
        name: string,
        host: string | undefined,
        path: string,
        pathType = "Prefix",
    ) => ({
        metadata: { name, namespace: "n" },
        spec: {
            rules: [
                {
                    ...(host === undefined ? {} : { host }),
                    http: {
                        paths: [
                            {
                                path,
                                pathType,
                                backend: { service: { name, port: { number: 80 } } },
                            },
                        ],
                    },
                },
            ],
            tls: host === undefined ? [] : [{ hosts: [host], secretName: `${name}-tls` }],
        },
    });
    const all = [
        ingress("any", undefined, "/"),
        ingress("wild", "*.example", "/"),
        ingress("exact", "a.example", "/"),
        ingress("deep", "a.example", "/x"),
        ingress("only", "a.example", "/x", "Exact"),
    ];
    const service = (host: string, path: string) => findRoute(all, host, path)?.service;

    it("prefers the exact host, the exact path, the longer path", () => {
        assert.equal(service("a.example", "/"), "exact");
        assert.equal(service("a.example", "/x"), "only");
        assert.equal(service("a.example", "/x/y"), "deep");
        assert.equal(service("a.example", "/xy"), "exact");
        assert.equal(service("b.example", "/"), "wild");
        assert.equal(service("b.c.example", "/"), "any");
        assert.equal(findRoute(all.slice(1), "other", "/"), undefined);
        assert.equal(hostMatches("*.example", "example"), false);
    });

    it("takes the certificate of the exact host before a wildcard's", () => {
        assert.equal(findTlsSecret(all, "a.example")?.name, "exact-tls");
        assert.equal(findTlsSecret(all, "b.example")?.name, "wild-tls");
        assert.equal(findTlsSecret(all, "b.c.example"), undefined);
    });

    it("redirects a host with TLS as a whole, unless its Ingress says otherwise", () => {
        const solver = {
            metadata: { name: "solver", namespace: "n" },
            spec: {
                rules: [
                    {
                        host: "a.example",
                        http: {
                            paths: [
                                {
                                    path: "/.well-known/acme-challenge/t",
                                    pathType: "Exact",
                                    backend: { service: { name: "solver" } },
                                },
                            ],
                        },
                    },
                ],
            },
        };
        const said = (value: string) => {
            const exact = ingress("exact", "a.example", "/");
            const annotations = { "ingress.cilium.io/force-https": value };
            return [{ ...exact, metadata: { ...exact.metadata, annotations } }, solver];
        };
        const silent = [ingress("exact", "a.example", "/"), solver];
        assert.equal(redirectsToHttps(silent, "a.example", true), true);
        assert.equal(redirectsToHttps(silent, "a.example", false), false);
        assert.equal(redirectsToHttps(said("enabled"), "a.example", false), true);
        assert.equal(redirectsToHttps(said("disabled"), "a.example", true), false);
        assert.equal(redirectsToHttps(silent, "b.example", true), false);
        // By plain HTTP the token's path alone leads to the solver.
        const target = (path: string) => findRoute(silent, "a.example", path)?.service;
        assert.equal(target("/.well-known/acme-challenge/t"), "solver");
        assert.equal(target("/.well-known/acme-challenge/t/x"), "exact");
        assert.equal(target("/.well-known/acme-challenge/u"), "exact");
        assert.deepEqual(
            servingByTls(silent, "a.example").map(({ metadata }) => metadata?.name),
            ["exact"],
        );
    });

    it("serves its own class, and none or the default's", () => {
        assert.equal(isCiliumIngress({ spec: { ingressClassName: "cilium" } }, false), true);
        assert.equal(isCiliumIngress({ spec: { ingressClassName: "nginx" } }, true), false);
        assert.equal(isCiliumIngress({ spec: {} }, true), true);
        assert.equal(isCiliumIngress({ spec: {} }, false), false);
    });

    it("sends to ready endpoints alone", () => {
        const route = { ingress: "i", namespace: "n", service: "s", port: 80 };
        const slice = (ready: boolean) => ({
            metadata: { namespace: "n", labels: { "kubernetes.io/service-name": "s" } },
            addressType: "IPv4",
            endpoints: [
                { addresses: ["10.42.0.1"], conditions: { ready }, targetRef: { name: "p" } },
            ],
        });
        assert.equal(readyBackends([slice(true)], route)[0]?.pod, "p");
        assert.deepEqual(readyBackends([slice(false)], route), []);
    });

    it("sends nowhere while a Service has no pods: the API server's slice then says null for endpoints and ports", () => {
        const route = { namespace: "n", service: "s", port: 80 };
        const slice = JSON.parse(
            JSON.stringify({
                metadata: { namespace: "n", labels: { "kubernetes.io/service-name": "s" } },
                addressType: "IPv4",
                endpoints: null,
                ports: null,
            }),
        ) as V1EndpointSlice;
        assert.deepEqual(readyBackends([slice], route), []);
    });
});
