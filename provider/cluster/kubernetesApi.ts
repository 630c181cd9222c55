import {
    ApiException,
    ApiextensionsV1Api,
    AuthorizationV1Api,
    type ConfigurationOptions,
    CoordinationV1Api,
    CoreV1Api,
    CustomObjectsApi,
    KubeConfig,
    Observable,
    type RequestContext,
    StorageV1Api,
    VersionApi,
    WellKnownApi,
} from "@kubernetes/client-node";

/** The API cannot be spoken with: nothing listens, the connection broke, or no answer came in time. */
export class ApiUnreachable extends Error {
    override readonly name = "ApiUnreachable";
}

/** Something answers, but not as our API to our administrator: another CA, an expired or refused client certificate. */
export class ApiRefused extends Error {
    override readonly name = "ApiRefused";
}

/** One request's limit. A healthy control plane answers within milliseconds; a failing over load balancer may need seconds. */
const REQUEST_TIMEOUT_MS = 10_000;

/** A client of one cluster. Every call ends within ten seconds or when `signal` aborts. */
export interface KubernetesApi {
    readonly server: string;
    readonly core: CoreV1Api;
    readonly coordination: CoordinationV1Api;
    readonly authorization: AuthorizationV1Api;
    readonly extensions: ApiextensionsV1Api;
    readonly storage: StorageV1Api;
    readonly custom: CustomObjectsApi;
    readonly version: VersionApi;
    readonly wellKnown: WellKnownApi;
    /** Options for each call: the time limit and the abort signal. */
    options(): ConfigurationOptions;
}

/** Makes a client from a kubeconfig. Throws an Error that names what is wrong with it, without its text. */
export function connect(kubeconfig: string, signal: AbortSignal): KubernetesApi {
    const config = new KubeConfig();
    try {
        config.loadFromString(kubeconfig);
    } catch {
        throw new Error("kubeconfig: not a kubeconfig (YAML with clusters, users and contexts)");
    }
    const server = config.getCurrentCluster()?.server;
    if (server === undefined)
        throw new Error("kubeconfig: its current context names no cluster with a server address");
    return {
        server,
        core: config.makeApiClient(CoreV1Api),
        coordination: config.makeApiClient(CoordinationV1Api),
        authorization: config.makeApiClient(AuthorizationV1Api),
        extensions: config.makeApiClient(ApiextensionsV1Api),
        storage: config.makeApiClient(StorageV1Api),
        custom: config.makeApiClient(CustomObjectsApi),
        version: config.makeApiClient(VersionApi),
        wellKnown: config.makeApiClient(WellKnownApi),
        options: () => ({
            middleware: [
                {
                    pre: (context: RequestContext) => {
                        context.setSignal(
                            AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
                        );
                        return new Observable(Promise.resolve(context));
                    },
                    post: (response) => new Observable(Promise.resolve(response)),
                },
            ],
            middlewareMergeStrategy: "append",
        }),
    };
}

function causes(error: unknown): unknown[] {
    const chain: unknown[] = [];
    for (let e = error; e !== undefined && e !== null && chain.length < 8;) {
        chain.push(e);
        e = (e as { cause?: unknown }).cause;
    }
    return chain;
}

/** HTTP status of an API error, if it is one. */
export function statusOf(error: unknown): number | undefined {
    return error instanceof ApiException ? error.code : undefined;
}

/**
 * Says what an error of a call means: {@link ApiUnreachable}, {@link ApiRefused}, or the error itself. Messages hold the
 * server's address and the reason, never a key.
 */
export function classify(error: unknown, server: string): Error {
    if (error instanceof ApiUnreachable || error instanceof ApiRefused) return error;
    const status = statusOf(error);
    if (status === 401)
        return new ApiRefused(
            `the Kubernetes API at ${server} does not accept the admin client certificate (401): expired, or of another cluster`,
        );
    if (status !== undefined) {
        return status === 502 || status === 503 || status === 504
            ? new ApiUnreachable(`the Kubernetes API at ${server} answers ${status}`)
            : (error as Error);
    }
    for (const e of causes(error)) {
        const rawCode = (e as { code?: unknown }).code;
        const code = typeof rawCode === "string" ? rawCode : "";
        const name = (e as { name?: unknown }).name;
        if (/CERT|ALTNAME|SELF_SIGNED|UNABLE_TO|^ERR_SSL|^ERR_TLS|EPROTO/.test(code))
            return new ApiRefused(
                `the Kubernetes API at ${server} does not present a certificate of this cluster's CA for that address (${code})`,
            );
        if (/^E[A-Z]+$|^UND_ERR/.test(code))
            return new ApiUnreachable(
                `the Kubernetes API at ${server} cannot be reached (${code})`,
            );
        if (name === "TimeoutError")
            return new ApiUnreachable(`the Kubernetes API at ${server} did not answer in 10 s`);
    }
    return error instanceof Error ? error : new Error(String(error));
}
