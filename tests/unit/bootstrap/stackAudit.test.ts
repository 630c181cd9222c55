/**
 * Proves that the audit of a stack finds nothing in the program's own plan, and names what is wrong with another: an edge that is gone, a
 * resource of no prerequisite, a ring, an object with two owners. It does not prove that the engine keeps the order (end-to-end tests).
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { bootstrapPage } from "../../../components/bootstrap/page.ts";
import { prerequisites } from "../../../components/bootstrap/prerequisites.ts";
import type { PrerequisiteGraph } from "../../../components/bootstrap/prerequisites.ts";
import { auditStack } from "../../../components/bootstrap/stackAudit.ts";
import type { AuditedResource } from "../../../components/bootstrap/stackAudit.ts";
import { Sovereign } from "../../../components/sovereign.ts";
import { loadConfig } from "../../../config.ts";
import { plan } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";
import { MINIMAL, ROOT, stackConfig } from "../../support/stackFixtures.ts";
import type { StackValues } from "../../support/stackFixtures.ts";

const GATEWAY = { gatewayApiChart: "./charts/gateway-api" };
const ISSUED = { certificateIssuer: "staging" };
const REGISTRY = { imageRegistryUsername: "robot", imageRegistryToken: "registry-token" };
const FULL = prerequisites({ gateway: true, pullSecrets: true, publicCertificates: true });

/** The program's plan as a state would have it; names of parents stand in for their types. */
async function stackOf(values: StackValues): Promise<AuditedResource[]> {
    const { children } = await plan(() => new Sovereign("sovereign", loadConfig()), {
        outputs: sovereignOutputs(),
        ...stackConfig({ ...MINIMAL, ...values }),
    });
    const urns = new Map(
        children.map(({ name, type, parentType }) => [
            name,
            `urn:pulumi:dev::sovereign::${parentType}$${type}::${name}`,
        ]),
    );
    return children.map(({ name, type, dependencies, options, inputs }) => ({
        urn: urns.get(name) ?? "",
        type,
        inputs,
        dependencies: dependencies.map((dependency) => urns.get(dependency) ?? ""),
        provider: `${urns.get(options.provider) ?? ""}::id`,
    }));
}

const CLEAN = { drift: [], cycles: [] };

describe("auditStack", () => {
    let stack: readonly AuditedResource[];
    before(async () => {
        stack = await stackOf({ ...GATEWAY, ...REGISTRY, ...ISSUED });
    });

    it("finds nothing in what the program plans, whatever it leaves out", async () => {
        assert.deepEqual(auditStack(stack, FULL), CLEAN);
        const further = { furtherZones: ["omani.homes", "omani.shop"] };
        const zones = await stackOf({ ...GATEWAY, ...REGISTRY, ...ISSUED, ...further });
        assert.deepEqual(auditStack(zones, FULL), CLEAN);
        const plain = prerequisites({
            gateway: false,
            pullSecrets: false,
            publicCertificates: false,
        });
        assert.deepEqual(auditStack(await stackOf({}), plain), CLEAN);
    });

    it("names an edge that the graph has and the stack has not", () => {
        const without = stack.map((resource) => ({
            ...resource,
            dependencies: resource.dependencies?.filter(
                (urn) =>
                    !(
                        resource.urn.endsWith("sovereign-gateway-cilium") &&
                        urn.endsWith("sovereign-ready-gateway-definitions")
                    ),
            ),
        }));
        assert.deepEqual(auditStack(without, FULL).drift, [
            "gateway-class does not wait for gateway-definitions, as expected",
        ]);
    });

    it("names an edge that the stack has and the graph has not", () => {
        const graph: PrerequisiteGraph = {
            ...FULL,
            "gateway-class": { ...node("gateway-class"), dependsOn: ["network"] },
        };
        assert.deepEqual(auditStack(stack, graph).drift, [
            "gateway-class waits for gateway-definitions, which is not expected",
        ]);
    });

    it("names a resource that no prerequisite has, and a prerequisite that has no resource", () => {
        const stranger = {
            urn: "urn:pulumi:dev::sovereign::x$kubernetes:core/v1:ConfigMap::left-over",
            type: "kubernetes:core/v1:ConfigMap",
        };
        const withoutPull = stack.filter(({ urn }) => !urn.includes("PullSecrets$"));
        assert.deepEqual(auditStack([...withoutPull, stranger], FULL).drift, [
            "left-over is in no prerequisite of the graph; declare it there",
            "pull-secrets is expected, and the stack has nothing of it",
        ]);
    });

    it("names a dependency that nobody declared", () => {
        const graph = {
            ...FULL,
            platform: { ...node("platform"), dependsOn: ["mail-server", "dns"] },
        };
        assert.deepEqual(auditStack(stack, graph).drift, [
            "platform depends on dns, which is not in the graph",
        ]);
    });

    it("names a ring", () => {
        const graph = { ...FULL, network: { ...node("network"), dependsOn: ["namespaces"] } };
        assert.deepEqual(auditStack(stack, graph).cycles, ["namespaces → network → namespaces"]);
    });

    it("names an object that two resources write", () => {
        const [secret] = stack.filter(({ urn }) => urn.endsWith("sovereign-pull-platform"));
        assert.ok(secret);
        const second = { ...secret, urn: `${secret.urn}-again` };
        assert.deepEqual(auditStack([...stack, second], FULL).drift, [
            "Secret catalyst-system/ghcr-pull-secret has more than one owner: sovereign-pull-platform, sovereign-pull-platform-again",
        ]);
    });

    function node(name: string) {
        const found = FULL[name];
        assert.ok(found);
        return found;
    }
});

describe("docs/bootstrap.md", () => {
    it("shows the graph as it is: node components/bootstrap/writePage.ts", async () => {
        const filepath = join(ROOT, "docs", "bootstrap.md");
        const page = readFileSync(filepath, "utf8");
        assert.equal(
            page,
            await format(bootstrapPage(page), { ...(await resolveConfig(filepath)), filepath }),
        );
    });
});
