import type {
    V1HTTPIngressPath,
    V1Ingress,
    V1IngressServiceBackend,
} from "@kubernetes/client-node";

/** Annotation by which an Ingress says whether plain requests for its hosts with TLS are redirected (cilium 1.19 `operator/pkg/ingress/annotations`). */
const FORCE_HTTPS = "ingress.cilium.io/force-https";

/** Where a request goes. */
export interface Route {
    readonly ingress: string;
    readonly namespace: string;
    readonly service: string;
    /** Number or name of the Service's port. */
    readonly port: number | string;
}

/** Whether Cilium serves an Ingress: by its class, or as the default class where it names none. */
export function isCiliumIngress(ingress: V1Ingress, defaultClass: boolean): boolean {
    const className =
        ingress.spec?.ingressClassName ??
        ingress.metadata?.annotations?.["kubernetes.io/ingress.class"];
    return className === undefined ? defaultClass : className === "cilium";
}

/** Whether a host of a rule covers a name: exactly, or `*.` for one label (Ingress API reference). */
export function hostMatches(pattern: string | undefined, host: string): boolean {
    if (pattern === undefined || pattern === "") return true;
    if (!pattern.startsWith("*.")) return pattern.toLowerCase() === host;
    const dot = host.indexOf(".");
    return dot > 0 && host.slice(dot + 1) === pattern.slice(2).toLowerCase();
}

function coversByTls(ingress: V1Ingress, host: string): boolean {
    return (ingress.spec?.tls ?? []).some(({ hosts = [] }) =>
        hosts.some((pattern) => hostMatches(pattern, host)),
    );
}

/**
 * Whether plain requests for a host are redirected: where an Ingress has TLS for it and does not say otherwise. The redirect is the
 * host's as a whole: what other Ingresses have for it by plain HTTP is out of reach (cilium 1.19, `HTTPListener.ForceHTTPtoHTTPSRedirect`).
 *
 * @param enforceHttps - the chart's value, for Ingresses that say nothing
 */
export function redirectsToHttps(
    ingresses: readonly V1Ingress[],
    host: string,
    enforceHttps: boolean,
): boolean {
    return ingresses.some((ingress) => {
        if (!coversByTls(ingress, host)) return false;
        const said = ingress.metadata?.annotations?.[FORCE_HTTPS];
        if (said === "enabled") return true;
        return said === "disabled" ? false : enforceHttps;
    });
}

/** Ingresses whose routes serve a host by TLS: those that have TLS for it, and no others. */
export function servingByTls(ingresses: readonly V1Ingress[], host: string): readonly V1Ingress[] {
    return ingresses.filter((ingress) => coversByTls(ingress, host));
}

/** `Exact`, or `Prefix` by whole path elements; `ImplementationSpecific` is taken as a prefix. */
export function pathMatches(rule: V1HTTPIngressPath, path: string): boolean {
    const wanted = rule.path ?? "/";
    if (rule.pathType === "Exact") return path === wanted;
    const prefix = wanted.replace(/\/+$/, "");
    return path === prefix || path.startsWith(`${prefix}/`);
}

interface Candidate extends Route {
    /** Higher wins: exact host over wildcard over none, exact path, longer path. */
    readonly rank: readonly number[];
}

function target(
    ingress: V1Ingress,
    service: V1IngressServiceBackend | undefined,
): Route | undefined {
    return (
        service && {
            ingress: ingress.metadata?.name ?? "",
            namespace: ingress.metadata?.namespace ?? "",
            service: service.name,
            port: service.port?.number ?? service.port?.name ?? 0,
        }
    );
}

/** The route of a request under a set of Ingress objects, by Kubernetes' order of precedence; `undefined` for a 404. */
export function findRoute(
    ingresses: readonly V1Ingress[],
    host: string,
    path: string,
): Route | undefined {
    const candidates: Candidate[] = [];
    for (const ingress of ingresses) {
        const fallback = target(ingress, ingress.spec?.defaultBackend?.service);
        if (fallback) candidates.push({ ...fallback, rank: [-1, 0, 0] });
        for (const rule of ingress.spec?.rules ?? []) {
            if (!hostMatches(rule.host, host)) continue;
            const hostRank = !rule.host ? 0 : rule.host.startsWith("*.") ? 1 : 2;
            for (const entry of rule.http?.paths ?? []) {
                const route = target(ingress, entry.backend.service);
                if (route && pathMatches(entry, path))
                    candidates.push({
                        ...route,
                        rank: [
                            hostRank,
                            entry.pathType === "Exact" ? 1 : 0,
                            (entry.path ?? "/").length,
                        ],
                    });
            }
        }
    }
    candidates.sort((a, b) => compareRanks(b.rank, a.rank));
    const [best] = candidates;
    if (!best) return undefined;
    const { ingress, namespace, service, port } = best;
    return { ingress, namespace, service, port };
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
    for (const [index, value] of a.entries()) {
        const difference = value - (b[index] ?? 0);
        if (difference !== 0) return difference;
    }
    return 0;
}

/** The Secret with the certificate for a TLS server name, if an Ingress has one. */
export function findTlsSecret(
    ingresses: readonly V1Ingress[],
    serverName: string,
): { readonly namespace: string; readonly name: string } | undefined {
    const matches = ingresses.flatMap((ingress) =>
        (ingress.spec?.tls ?? []).flatMap((tls) =>
            (tls.hosts ?? [])
                .filter((host) => hostMatches(host, serverName) && tls.secretName)
                .map((host) => ({
                    exact: !host.startsWith("*."),
                    namespace: ingress.metadata?.namespace ?? "",
                    name: tls.secretName ?? "",
                })),
        ),
    );
    const best = matches.find((m) => m.exact) ?? matches[0];
    return best && { namespace: best.namespace, name: best.name };
}
