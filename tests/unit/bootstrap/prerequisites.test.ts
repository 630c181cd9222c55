/**
 * Proves the graph of prerequisites: what each configuration leaves out, that nothing depends on what is not there or on itself, and that
 * the installer follows it. It does not prove that the program's resources are what the graph says (the audit's tests).
 */
import assert from "node:assert/strict";
import { Installation } from "../../../components/bootstrap/installation.ts";
import {
    gateOf,
    PREREQUISITES,
    prerequisites,
} from "../../../components/bootstrap/prerequisites.ts";

const FULL = { gateway: true, pullSecrets: true, publicCertificates: true };
const LEAST = { gateway: false, pullSecrets: false, publicCertificates: false };
const NOTHING = { resources: [] };

const edges = (graph: ReturnType<typeof prerequisites>) =>
    Object.fromEntries(Object.entries(graph).map(([name, { dependsOn }]) => [name, dependsOn]));

describe("prerequisites", () => {
    it("is the whole graph where everything is asked for", () => {
        assert.deepEqual(prerequisites(FULL), PREREQUISITES);
    });

    it("bridges what is left out", () => {
        assert.deepEqual(edges(prerequisites(LEAST)), {
            network: [],
            storage: ["network"],
            namespaces: ["network"],
            certificates: ["namespaces"],
            "mail-server": ["storage", "namespaces", "network", "certificates"],
            platform: ["mail-server"],
        });
    });

    it("names what each depends on before it, so that there is no ring", () => {
        for (const gateway of [true, false])
            for (const pullSecrets of [true, false]) {
                const seen = new Set<string>();
                for (const [name, node] of Object.entries(
                    prerequisites({ ...FULL, gateway, pullSecrets }),
                )) {
                    for (const dependency of node.dependsOn)
                        assert.ok(seen.has(dependency), `${name} before ${dependency}`);
                    seen.add(name);
                }
            }
    });

    it("has a remedy for everything that a gate looks for", () => {
        const gates = Object.entries(prerequisites(FULL)).flatMap(
            ([name, node]) => gateOf(name, node) ?? [],
        );
        assert.deepEqual(
            gates.map(({ name }) => name),
            ["storage", "gateway-definitions", "gateway-class", "gateway"],
        );
        for (const { name, remedy } of gates) assert.ok(remedy.length > 20, name);
    });
});

describe("Installation", () => {
    it("refuses what is out of order, unknown, done twice or left out, by name", () => {
        const installation = new Installation(prerequisites(LEAST), () => {
            throw new Error("no gate is expected");
        });
        assert.throws(
            () => installation.install("storage", () => NOTHING),
            /prerequisite storage depends on network, which is not there/,
        );
        assert.throws(
            () => installation.install("gateway", () => NOTHING),
            /prerequisite gateway is not in the graph/,
        );
        installation.install("network", () => NOTHING);
        assert.throws(
            () => installation.install("network", () => NOTHING),
            /network is installed twice/,
        );
        assert.throws(() => {
            installation.assertComplete();
        }, /that nobody installs: storage, namespaces, certificates, mail-server, platform/);
    });
});
