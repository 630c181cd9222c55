// Proves that a real API server takes the namespace of the fleet and one Sovereign's Stack and Program objects as they are printed,
// keeps every field, and refuses a misspelt one. The kinds are described in our own words (operatorDefinitions.ts), from the operator's
// reference: the operator's own definitions, its controller and the image are not run.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";
import { after, before, describe, it } from "mocha";
import { parseAllDocuments } from "yaml";
import { describe as describeError } from "../../../lab/machines/kubelet/client.ts";
import { manifests } from "../../../operations/fleet/operatorManifests.ts";
import type { FleetMember } from "../../../operations/fleet/operatorObjects.ts";
import { eventually } from "../../support/eventually.ts";
import { RunningCluster, WAIT } from "../../support/runningCluster.ts";
import { OPERATOR_DEFINITIONS } from "./operatorDefinitions.ts";

const MANAGER = "fleet-test";
const GROUP = { group: "pulumi.com", version: "v1", namespace: "sovereigns" };

const member: FleetMember = {
    stack: "omantel",
    image: `registry.example/sovereign@sha256:${"a".repeat(64)}`,
    backend: "s3://states?region=eu-central-1",
    secretsProvider: "hashivault://sovereigns",
    configuration: {
        plain: {
            "sovereign:fqdn": "omantel.omani.works",
            "sovereign:nameServers": [{ name: "ns1.openova.io" }],
        },
        secretKeys: ["hcloud:token"],
    },
};

const documents = (text: string): KubernetesObject[] =>
    parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);

describe("one Sovereign's objects for the Pulumi Kubernetes Operator", function () {
    this.timeout(300_000);
    let running: RunningCluster;

    const apply = (object: KubernetesObject) => running.client.apply(object, MANAGER);

    before(async () => {
        running = await RunningCluster.claim();
        await running.boot();
        for (const definition of OPERATOR_DEFINITIONS) await apply(definition);
        const file = join(import.meta.dirname, "../../../deploy/operator/namespace.yaml");
        for (const object of documents(await readFile(file, "utf8"))) await apply(object);
    });
    after(() => running.release());

    it("are taken as they are printed, with every field", async () => {
        for (const object of documents(manifests(member))) {
            await eventually(`${object.kind ?? ""} is served`, () => apply(object), WAIT);
            const plural = object.kind === "Stack" ? "stacks" : "programs";
            const kept = (await running.client.custom.getNamespacedCustomObject({
                ...GROUP,
                plural,
                name: object.metadata?.name ?? "",
            })) as Readonly<Record<string, unknown>>;
            const field = object.kind === "Stack" ? "spec" : "program";
            assert.deepEqual(kept[field], (object as typeof kept)[field]);
        }
    });

    it("are refused with a field that the operator does not know", async () => {
        const [stack] = documents(
            manifests(member).replace("destroyOnFinalize", "destroyOnDelete"),
        );
        assert.ok(stack);
        await assert.rejects(apply(stack), (error) => {
            assert.match(describeError(error), /\.spec\.destroyOnDelete: field not declared/);
            return true;
        });
    });

    it("are refused with a name that is too long", async () => {
        const [stack] = documents(manifests(member));
        assert.ok(stack?.metadata);
        stack.metadata.name = "o".repeat(43);
        await assert.rejects(apply(stack), (error) => {
            assert.match(describeError(error), /42 characters or less/);
            return true;
        });
    });

    it("run in a namespace that lets nothing in but the operator", async () => {
        const { items } = await running.client.networking.listNamespacedNetworkPolicy({
            namespace: "sovereigns",
        });
        assert.deepEqual(items.map((policy) => policy.metadata?.name).sort(), [
            "default-deny",
            "workspaces",
        ]);
        assert.deepEqual(
            items.find((policy) => policy.metadata?.name === "default-deny")?.spec?.policyTypes,
            ["Ingress", "Egress"],
        );
    });
});
