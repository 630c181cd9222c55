import {
    ApiException,
    AppsV1Api,
    BatchV1Api,
    CoordinationV1Api,
    CoreV1Api,
    CustomObjectsApi,
    KubeConfig,
    NetworkingV1Api,
    PatchStrategy,
    StorageV1Api,
    setHeaderOptions,
    type KubernetesListObject,
    type KubernetesObject,
} from "@kubernetes/client-node";
import { ApplyError, ObjectApplier } from "./apply.ts";
import { API_SERVER_NAME, type ApiAccess } from "../control/kubeconfig.ts";
import { ListWatcher, type Selector, type WatchedList } from "./watchedList.ts";

/** Header option of a strategic merge patch, which merges conditions by their type. */
export const STRATEGIC = setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch);
/** Header option of a JSON merge patch. */
export const MERGE = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** HTTP status of an API error; `undefined` where nothing answered. */
export function statusOf(error: unknown): number | undefined {
    if (error instanceof ApplyError) return error.status;
    return error instanceof ApiException ? error.code : undefined;
}

/** One line about an API error, for consoles: the server's message where there is one. */
export function describe(error: unknown): string {
    if (error instanceof ApiException) {
        const body: unknown = error.body;
        try {
            const parsed: unknown = typeof body === "string" ? JSON.parse(body) : body;
            if (typeof parsed === "object" && parsed !== null && "message" in parsed)
                return `${error.code} ${String(parsed.message)}`;
        } catch {
            // The body is no Status; the code says enough.
        }
        return `HTTP ${error.code}`;
    }
    return error instanceof Error ? error.message : String(error);
}

/** The API clients of one access, made once. */
export class ClusterClient {
    readonly config: KubeConfig;
    readonly core: CoreV1Api;
    readonly apps: AppsV1Api;
    readonly batch: BatchV1Api;
    readonly coordination: CoordinationV1Api;
    readonly networking: NetworkingV1Api;
    readonly storage: StorageV1Api;
    readonly custom: CustomObjectsApi;
    readonly #applier: ObjectApplier;
    readonly #watched: { stop(): Promise<void> }[] = [];
    #closed = false;

    constructor(access: ApiAccess) {
        const base64 = (text: string) => Buffer.from(text).toString("base64");
        this.#applier = new ObjectApplier(access);
        this.config = new KubeConfig();
        this.config.loadFromOptions({
            clusters: [
                {
                    name: "default",
                    server: access.server,
                    caData: base64(access.ca),
                    tlsServerName: API_SERVER_NAME,
                    skipTLSVerify: false,
                },
            ],
            users: [
                {
                    name: "default",
                    certData: base64(access.client.certificate),
                    keyData: base64(access.client.privateKey),
                },
            ],
            contexts: [{ name: "default", cluster: "default", user: "default" }],
            currentContext: "default",
        });
        this.core = this.config.makeApiClient(CoreV1Api);
        this.apps = this.config.makeApiClient(AppsV1Api);
        this.batch = this.config.makeApiClient(BatchV1Api);
        this.coordination = this.config.makeApiClient(CoordinationV1Api);
        this.networking = this.config.makeApiClient(NetworkingV1Api);
        this.storage = this.config.makeApiClient(StorageV1Api);
        this.custom = this.config.makeApiClient(CustomObjectsApi);
    }

    /** Server-side apply of an object as it is written. @throws ApplyError */
    async apply(object: KubernetesObject, fieldManager: string): Promise<void> {
        await this.#applier.apply(object, fieldManager);
    }

    /**
     * Watches a list and keeps watching through errors until {@link close}. A closed client watches nothing: the list that comes back is empty
     * and stays so.
     *
     * @param path - list path, for example `/api/v1/pods`
     * @param changed - told of every object that came, changed or went
     */
    async watch<T extends KubernetesObject>(
        path: string,
        list: () => Promise<KubernetesListObject<T>>,
        changed: (object: T, gone: boolean) => void,
        selector: Selector = {},
    ): Promise<WatchedList<T>> {
        const watched = new ListWatcher<T>(this.config, { path, list, changed, selector });
        this.#watched.push(watched);
        if (this.#closed) await watched.stop();
        else await watched.start();
        return watched;
    }

    /** Ends all watches, for good. */
    async close(): Promise<void> {
        this.#closed = true;
        await Promise.all(this.#watched.map((watched) => watched.stop()));
    }
}
