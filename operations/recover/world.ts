import { KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import type { automation } from "@pulumi/pulumi";
import type { HetznerAccess } from "../../provider/cloud/hetznerRequest.ts";
import { connect } from "../../provider/cluster/kubernetesApi.ts";
import type { KubernetesApi } from "../../provider/cluster/kubernetesApi.ts";
import { OperationFailure } from "../provision/failure.ts";
import type { StackState, StateResource } from "../provision/stackState.ts";
import type { World } from "./decide.ts";
import { hetznerInventory } from "./hetznerInventory.ts";
import { objectIdentity } from "./identity.ts";
import { releaseRecords } from "./releaseRecords.ts";
import type { ReleaseRecord } from "./releaseRecords.ts";

/** Base of the API, the provider's default. */
const HETZNER = "https://api.hetzner.cloud/v1";

/** Where a Sovereign's things are, by its stack's config. */
export interface Places {
    readonly fqdn: string;
    readonly hetzner: HetznerAccess;
}

/** @throws OperationFailure where the config does not tell */
export async function placesOf(stack: automation.Stack): Promise<Places> {
    const config = await stack.getAllConfig();
    const fqdn = config["sovereign:fqdn"]?.value ?? "";
    const token = config["hcloud:token"]?.value ?? process.env.HCLOUD_TOKEN ?? "";
    const endpoint = config["hcloud:endpoint"]?.value ?? process.env.HCLOUD_ENDPOINT ?? HETZNER;
    if (fqdn === "" || token === "")
        throw new OperationFailure(
            "invalid",
            `the config of the stack ${stack.name} has no ${fqdn === "" ? "sovereign:fqdn" : "hcloud:token"}, so nothing can be looked up`,
            "name the request that it was provisioned by: npx sovereign preview --request <file> writes the config",
        );
    return { fqdn, hetzner: { endpoint, token } };
}

/** The cluster by the kubeconfig that the state's provider has; undefined where there is none yet. */
export function clusterOfState(
    { resources }: StackState,
    signal: AbortSignal,
): { readonly api: KubernetesApi; readonly objects: KubernetesObjectApi } | undefined {
    const provider = resources.find(({ type, inputs }) =>
        type === "pulumi:providers:kubernetes" ? inputs?.kubeconfig !== undefined : false,
    );
    const kubeconfig = plain(provider?.inputs?.kubeconfig);
    if (kubeconfig === undefined) return undefined;
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    return {
        api: connect(kubeconfig, signal),
        objects: KubernetesObjectApi.makeApiClient(config),
    };
}

/** A text of an export with `--show-secrets`, secret or not. */
function plain(value: unknown): string | undefined {
    if (typeof value === "string") return value;
    if (typeof value !== "object" || value === null || !("plaintext" in value)) return undefined;
    const { plaintext } = value;
    const text: unknown = typeof plaintext === "string" ? JSON.parse(plaintext) : undefined;
    return typeof text === "string" ? text : undefined;
}

/**
 * Looks at Hetzner and at the cluster for what a crash may have left.
 *
 * @param state - with secrets in plain
 */
export async function lookAround(
    { fqdn, hetzner }: Places,
    state: StackState,
    signal: AbortSignal,
): Promise<Omit<World, "planned">> {
    const names = state.pending.flatMap(({ resource: { inputs } }) =>
        typeof inputs?.name === "string" ? [inputs.name] : [],
    );
    const things = await hetznerInventory(hetzner, fqdn, new Set(names), signal);
    const cluster = clusterOfState(state, signal);
    if (cluster === undefined) return { things, records: [], objects: new Set() };
    let records: readonly ReleaseRecord[];
    try {
        records = await releaseRecords(cluster.api);
    } catch {
        return { things, records: undefined, objects: new Set() };
    }
    const pending = state.pending
        .filter(({ type }) => type === "creating")
        .map(({ resource }) => resource);
    return { things, records, objects: await standing(cluster.objects, pending) };
}

/** URNs of objects that are there. */
async function standing(
    api: KubernetesObjectApi,
    resources: readonly StateResource[],
): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const { urn, type, inputs = {} } of resources) {
        const identity = objectIdentity(type, inputs);
        if (identity === undefined) continue;
        const { apiVersion, kind, name, namespace } = identity;
        const metadata = namespace === undefined ? { name } : { name, namespace };
        try {
            await api.read({ apiVersion, kind, metadata });
            found.add(urn);
        } catch (error) {
            if (!isNotFound(error)) throw error;
        }
    }
    return found;
}

function isNotFound(error: unknown): boolean {
    return error instanceof Error && "code" in error && error.code === 404;
}
