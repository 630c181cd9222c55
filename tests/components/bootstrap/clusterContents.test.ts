/**
 * Proves what the program installs before its releases, with and without a Gateway and credentials for images: namespaces with their
 * labels and policies, pull Secrets where images are pulled, the Gateway's parts in their order, and the gate. It does not prove that a
 * cluster takes them (end-to-end tests).
 */
import assert from "node:assert/strict";
import { loadConfig } from "../../../config.ts";
import { Sovereign } from "../../../components/sovereign.ts";
import { childOf, plainInputs, plan } from "../../support/plan.ts";
import type { Child } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";
import { MINIMAL, stackConfig } from "../../support/stackFixtures.ts";
import type { StackValues } from "../../support/stackFixtures.ts";

const GATEWAY = {
    gatewayApiChart: "oci://registry.example/charts/gateway-api",
    gatewayApiChartVersion: "1.4.0",
};
const REGISTRY = { imageRegistryUsername: "robot", imageRegistryToken: "registry-token" };

async function planned(values: StackValues): Promise<readonly Child[]> {
    const { children } = await plan(() => new Sovereign("sovereign", loadConfig()), {
        outputs: sovereignOutputs(),
        ...stackConfig({ ...MINIMAL, ...values }),
    });
    return children;
}

const inCluster = (children: readonly Child[]): string[] =>
    children
        .filter(({ type }) => type.startsWith("kubernetes:") && !type.includes("Provider"))
        .map(({ name }) => name);

describe("what a Sovereign's cluster contains", () => {
    let plain: readonly Child[];
    let gateway: readonly Child[];

    before(async () => {
        plain = await planned({});
        gateway = await planned({ ...GATEWAY, ...REGISTRY });
    });

    it("has namespaces with pod security labels, taken over where they are there", () => {
        const labels = (name: string) =>
            (plainInputs(childOf(plain, name)).metadata as { labels: object }).labels;
        const common = {
            "catalyst.openova.io/sovereign": "omantel.example.org",
            "app.kubernetes.io/managed-by": "pulumi",
        };
        assert.deepEqual(labels("sovereign-namespaces-platform"), {
            ...common,
            "pod-security.kubernetes.io/warn": "baseline",
            "pod-security.kubernetes.io/audit": "baseline",
        });
        assert.deepEqual(labels("sovereign-namespaces-mail"), {
            ...common,
            "pod-security.kubernetes.io/enforce": "privileged",
        });
        const { metadata } = plainInputs(childOf(plain, "sovereign-namespaces-platform"));
        assert.deepEqual((metadata as { annotations: object }).annotations, {
            "pulumi.com/patchForce": "true",
        });
    });

    it("closes the platform's namespace, but for its port and the calls that it makes", () => {
        const spec = (name: string) =>
            plainInputs(childOf(plain, `sovereign-namespaces-platform-${name}`)).spec;
        assert.deepEqual(spec("default-deny"), {
            podSelector: {},
            policyTypes: ["Ingress", "Egress"],
        });
        assert.deepEqual(spec("incoming-requests"), {
            podSelector: {},
            policyTypes: ["Ingress"],
            ingress: [{ ports: [{ protocol: "TCP", port: 8080 }] }],
        });
        const { egress } = spec("outgoing-calls") as {
            egress: { to: { ipBlock?: { cidr: string; except?: string[] } }[] }[];
        };
        assert.deepEqual(egress[1]?.to[0]?.ipBlock, {
            cidr: "0.0.0.0/0",
            except: ["169.254.0.0/16"],
        });
    });

    it("has a pull Secret where images come from the registry that asks for credentials, and nowhere else", async () => {
        const pulls = (children: readonly Child[]) =>
            inCluster(children).filter((name) => name.includes("-pull-"));
        assert.deepEqual(pulls(plain), []);
        assert.deepEqual(pulls(gateway), ["sovereign-pull-platform"]);
        const mirrored = await planned({
            ...REGISTRY,
            imageRegistry: "mirror.example",
            stalwartImage: `mirror.example/stalwart:v0.16.24@sha256:${"a".repeat(64)}`,
        });
        assert.deepEqual(pulls(mirrored), ["sovereign-pull-mail", "sovereign-pull-platform"]);
        const { metadata, type } = plainInputs(childOf(mirrored, "sovereign-pull-mail"));
        assert.deepEqual(
            [(metadata as { name: string; namespace: string }).namespace, type],
            ["stalwart-sovereign", "kubernetes.io/dockerconfigjson"],
        );
        const { values } = childOf(mirrored, "sovereign-mail-release").inputs;
        assert.equal((values as { imagePullSecret: string }).imagePullSecret, "ghcr-pull-secret");
    });

    it("has the Gateway in its order: definitions, Cilium as their controller, the Gateway, a gate behind each, the releases", () => {
        const dependsOn = (name: string, on: string) => {
            assert.ok(childOf(gateway, name).dependencies.includes(on), `${name} after ${on}`);
        };
        dependsOn("sovereign-ready-gateway-definitions", "sovereign-gateway-definitions");
        dependsOn("sovereign-gateway-cilium", "sovereign-ready-gateway-definitions");
        dependsOn("sovereign-ready-gateway-class", "sovereign-gateway-cilium");
        for (const part of ["gateway", "redirect", "grant-sovereign-ingress-tls"]) {
            dependsOn(`sovereign-gateway-${part}`, "sovereign-ready-gateway-class");
            dependsOn(`sovereign-gateway-${part}`, "sovereign-platform-certificate-secret");
            dependsOn("sovereign-ready-gateway", `sovereign-gateway-${part}`);
        }
        for (const gate of ["gateway", "storage"])
            dependsOn("sovereign-mail-plan", `sovereign-ready-${gate}`);
        dependsOn("sovereign-platform-release", "sovereign-mail-release");
    });

    it("installs the definitions by the configured chart and version, and keeps them when they leave the program", () => {
        const { inputs, options } = childOf(gateway, "sovereign-gateway-definitions");
        assert.deepEqual(
            [inputs.chart, inputs.version, inputs.name, options.retainOnDelete],
            ["oci://registry.example/charts/gateway-api", "1.4.0", "gateway-api", true],
        );
    });

    it("leads 80 and 443 of the load balancer to the listeners of what serves them", () => {
        const ports = (children: readonly Child[]) =>
            ["http", "https", "smtp"].map(
                (name) => childOf(children, `sovereign-cloud-lb-${name}`).inputs.destinationPort,
            );
        assert.deepEqual(ports(plain), [8080, 8080, 25]);
        assert.deepEqual(ports(gateway), [8081, 8443, 25]);
    });

    it("has nothing of a Gateway without its chart, and no Ingress' certificate for mail with it", () => {
        assert.deepEqual(
            inCluster(plain).filter((name) => name.includes("gateway")),
            [],
        );
        assert.ok(inCluster(plain).includes("sovereign-mail-ingress"));
        assert.ok(!inCluster(gateway).includes("sovereign-mail-ingress"));
    });

    it("has no credentials of the cloud in the cluster", () => {
        for (const child of gateway.filter(({ type }) => type.startsWith("kubernetes:")))
            assert.doesNotMatch(JSON.stringify(child.inputs), /hcloud/i, child.name);
    });
});
