import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import type { CloudConfig, ClusterConfig, NodeConfig } from "../../config/model.ts";
import { Cloud } from "../../components/cloud/cloud.ts";
import { BOOT_FILES } from "../../components/cluster/bootFiles.ts";
import { Cluster } from "../../components/cluster/cluster.ts";
import type { CloudInitFile } from "../../components/cluster/userData.ts";
import { Provider } from "../../provider/resources/provider.ts";
import { childOf, isSecretValue, plainInputs, plan } from "./plan.ts";
import type { Child, PlanOptions } from "./plan.ts";
import { providerOutputs } from "./providerOutputs.ts";
import { fixtureCloud, fixtureCluster, fixtureNodes } from "./sovereignFixture.ts";

export const FQDN = "omantel.example";

export interface Shape {
    readonly nodes?: readonly NodeConfig[];
    readonly cloud?: Partial<CloudConfig>;
    readonly cluster?: Partial<ClusterConfig>;
}

export function program(shape: Shape): { cloud: Cloud; cluster: Cluster } {
    const nodes = shape.nodes ?? fixtureNodes(1, 1);
    const provider = new Provider("sovereign", {});
    const cloudConfig = fixtureCloud(shape.cloud);
    const mail = { loadBalancerPorts: ["smtp"], egressNodes: ["cp1"], ipv6: true } as const;
    const cloud = new Cloud("cloud", { fqdn: FQDN, cloud: cloudConfig, nodes, mail, provider });
    const cluster = new Cluster("cluster", {
        fqdn: FQDN,
        cloudConfig,
        cluster: fixtureCluster(nodes, shape.cluster),
        cloud,
        provider,
    });
    return { cloud, cluster };
}

export function planCluster(shape: Shape = {}, options: PlanOptions = {}) {
    return plan(() => program(shape), { outputs: providerOutputs(), ...options });
}

export function files(children: readonly Child[], key: string): Map<string, CloudInitFile> {
    const server = childOf(children, `cluster-${key}-server`);
    assert.ok(isSecretValue(server.inputs.userData), `user data of ${key} must be secret`);
    const encoded = String(plainInputs(server).userData);
    const text = gunzipSync(Buffer.from(encoded, "base64")).toString();
    assert.match(text, /^#cloud-config\n/);
    const document = parse(text) as { write_files: CloudInitFile[] };
    return new Map(document.write_files.map((f) => [f.path, f]));
}

export function environment(children: readonly Child[], key: string): string[] {
    return files(children, key).get(BOOT_FILES.environment)?.content.trim().split("\n") ?? [];
}

export function k3sConfig(children: readonly Child[], key: string): Record<string, unknown> {
    return parse(files(children, key).get(BOOT_FILES.k3sConfig)?.content ?? "") as Record<
        string,
        unknown
    >;
}
