import type { V1Container, V1Pod, V1Secret, V1Volume } from "@kubernetes/client-node";
import { registryOf } from "../../../components/platform/pullSecret.ts";
import { volumeReferences } from "./mounts.ts";
import type { ReferenceReader } from "./references.ts";

/** Why a Pod's containers do not start: a volume holds up all of them, the others one container each. */
export interface PodHindrance {
    readonly reason: "FailedMount" | "ErrImagePull" | "CreateContainerConfigError";
    /** Of one container; for `FailedMount` of all. */
    readonly container?: string;
    readonly message: string;
}

type Found = { readonly keys: readonly string[] } | undefined;

class Lookup {
    readonly #namespace: string;
    readonly #reader: ReferenceReader;

    constructor(namespace: string, reader: ReferenceReader) {
        this.#namespace = namespace;
        this.#reader = reader;
    }

    async keys(kind: "secret" | "configmap", name: string): Promise<Found> {
        if (kind === "secret") {
            const secret = await this.#reader.secret(this.#namespace, name);
            return secret && { keys: Object.keys(secret.data ?? {}) };
        }
        const map = await this.#reader.configMap(this.#namespace, name);
        return (
            map && { keys: [...Object.keys(map.data ?? {}), ...Object.keys(map.binaryData ?? {})] }
        );
    }

    /** What is wrong with a reference, in kubelet's words. */
    async problem(
        kind: "secret" | "configmap",
        name: string,
        keys: readonly string[],
        optional: boolean,
    ): Promise<string | undefined> {
        const found = await this.keys(kind, name);
        if (!found) return optional ? undefined : `${kind} "${name}" not found`;
        const missing = keys.find((key) => !found.keys.includes(key));
        if (missing === undefined || optional) return undefined;
        return `couldn't find key ${missing} in ${kind === "secret" ? "Secret" : "ConfigMap"} ${this.#namespace}/${name}`;
    }

    /** What keeps a volume from being mounted. */
    async volumeProblem(volume: V1Volume): Promise<string | undefined> {
        for (const { kind, name, items, optional } of volumeReferences(volume)) {
            const keys = (items ?? []).map((item) => item.key);
            const problem = await this.problem(kind, name, keys, optional);
            if (problem !== undefined)
                return `MountVolume.SetUp failed for volume "${volume.name}" : ${problem}`;
        }
        const claimName = volume.persistentVolumeClaim?.claimName;
        if (claimName === undefined) return undefined;
        const claim = await this.#reader.claim(this.#namespace, claimName);
        if (!claim) return `persistentvolumeclaim "${claimName}" not found`;
        return claim.status?.phase === "Bound"
            ? undefined
            : `PersistentVolumeClaim "${claimName}" is not bound`;
    }

    /** What keeps a container from being created. */
    async environmentProblem(container: V1Container): Promise<string | undefined> {
        for (const source of container.envFrom ?? []) {
            const { secretRef, configMapRef } = source;
            const problem =
                (secretRef &&
                    (await this.problem(
                        "secret",
                        secretRef.name ?? "",
                        [],
                        secretRef.optional ?? false,
                    ))) ??
                (configMapRef &&
                    (await this.problem(
                        "configmap",
                        configMapRef.name ?? "",
                        [],
                        configMapRef.optional ?? false,
                    )));
            if (problem !== undefined) return problem;
        }
        for (const { valueFrom } of container.env ?? []) {
            const secret = valueFrom?.secretKeyRef;
            const map = valueFrom?.configMapKeyRef;
            const problem =
                (secret &&
                    (await this.problem(
                        "secret",
                        secret.name ?? "",
                        [secret.key],
                        secret.optional ?? false,
                    ))) ??
                (map &&
                    (await this.problem(
                        "configmap",
                        map.name ?? "",
                        [map.key],
                        map.optional ?? false,
                    )));
            if (problem !== undefined) return problem;
        }
        return undefined;
    }
}

/** Whether a pull Secret has credentials that kubelet would send for the image. */
export function hasCredentialsFor(secret: V1Secret, image: string): boolean {
    if (secret.type !== "kubernetes.io/dockerconfigjson") return false;
    let auths: unknown;
    try {
        const text = Buffer.from(secret.data?.[".dockerconfigjson"] ?? "", "base64").toString(
            "utf8",
        );
        const parsed: unknown = JSON.parse(text);
        auths =
            typeof parsed === "object" && parsed !== null && "auths" in parsed
                ? parsed.auths
                : null;
    } catch {
        return false;
    }
    if (typeof auths !== "object" || auths === null) return false;
    return Object.entries(auths).some(([key, value]: [string, unknown]) => {
        const prefix = key.replace(/^https?:\/\//, "").replace(/\/+$/, "");
        const matches = image === prefix || image.startsWith(`${prefix}/`);
        if (!matches || typeof value !== "object" || value === null) return false;
        if ("auth" in value && typeof value.auth === "string") {
            const credentials = Buffer.from(value.auth, "base64").toString("utf8");
            if (/^[^:]+:.+$/.test(credentials)) return true;
        }
        return "username" in value && "password" in value && !!value.username && !!value.password;
    });
}

/**
 * What keeps a Pod's containers from starting on a node; empty when nothing does. The rules are kubelet's: volumes first
 * (`pkg/volume/secret`, `configmap`), then images (https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff), then
 * the environment (`pkg/kubelet/kubelet_pods.go` `makeEnvironmentVariables`).
 *
 * @param privateImages - prefixes of image references that need a pull Secret
 */
export async function podHindrances(
    pod: V1Pod,
    reader: ReferenceReader,
    privateImages: readonly string[],
): Promise<PodHindrance[]> {
    const namespace = pod.metadata?.namespace ?? "default";
    const lookup = new Lookup(namespace, reader);
    for (const volume of pod.spec?.volumes ?? []) {
        const message = await lookup.volumeProblem(volume);
        if (message !== undefined) return [{ reason: "FailedMount", message }];
    }
    const secrets = await Promise.all(
        (pod.spec?.imagePullSecrets ?? []).map((s) => reader.secret(namespace, s.name ?? "")),
    );
    const hindrances: PodHindrance[] = [];
    for (const container of [
        ...(pod.spec?.initContainers ?? []),
        ...(pod.spec?.containers ?? []),
    ]) {
        const image = container.image ?? "";
        const isPrivate = privateImages.some((prefix) => image.startsWith(prefix));
        if (isPrivate && !secrets.some((s) => s && hasCredentialsFor(s, image))) {
            hindrances.push({
                reason: "ErrImagePull",
                container: container.name,
                message: `failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to authorize: failed to fetch anonymous token from ${registryOf(image)}: 401 Unauthorized`,
            });
            continue;
        }
        const problem = await lookup.environmentProblem(container);
        if (problem !== undefined)
            hindrances.push({
                reason: "CreateContainerConfigError",
                container: container.name,
                message: problem,
            });
    }
    return hindrances;
}
