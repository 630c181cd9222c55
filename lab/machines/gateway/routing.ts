import type { Listener, Route } from "./objects.ts";

/** What a Gateway does with a request. */
export type Answer =
    | { readonly do: "redirect"; readonly scheme: string; readonly status: number }
    | { readonly do: "forward"; readonly namespace: string; readonly service: string }
    | { readonly do: "not found" };

/** Whether a pattern covers a host name: exactly, or `*.` for one label or more. */
export function covers(pattern: string | undefined, host: string): boolean {
    if (pattern === undefined) return true;
    const wanted = pattern.toLowerCase();
    return wanted.startsWith("*.") ? host.endsWith(wanted.slice(1)) : host === wanted;
}

/** The listener that serves a name: the most specific host name wins (Gateway, `listeners.hostname`). */
export function listenerFor(listeners: readonly Listener[], host: string): Listener | undefined {
    return listeners
        .filter(({ hostname }) => covers(hostname, host))
        .sort((a, b) => specificity(b.hostname) - specificity(a.hostname))[0];
}

function specificity(hostname: string | undefined): number {
    if (hostname === undefined) return 0;
    return hostname.startsWith("*.") ? hostname.length : 1000 + hostname.length;
}

/** What the routes of a listener make of a request, by the precedence of HTTPRoute: host name, then exact path, then longer path. */
export function routeRequest(routes: readonly Route[], host: string, path: string): Answer {
    const candidates = routes.flatMap((route) =>
        (route.spec.hostnames.length === 0 ? [undefined] : route.spec.hostnames)
            .filter((hostname) => covers(hostname, host))
            .flatMap((hostname) =>
                route.spec.rules.flatMap((rule) =>
                    (rule.matches.length === 0
                        ? [{ path: { type: "PathPrefix", value: "/" } }]
                        : rule.matches
                    )
                        .filter((match) => pathMatches(match.path, path))
                        .map((match) => ({
                            route,
                            rule,
                            rank:
                                specificity(hostname) * 10_000 +
                                (match.path.type === "Exact" ? 5_000 : 0) +
                                match.path.value.length,
                        })),
                ),
            ),
    );
    const [best] = candidates.sort((a, b) => b.rank - a.rank);
    if (best === undefined) return { do: "not found" };
    const redirect = best.rule.filters.find(({ type }) => type === "RequestRedirect");
    if (redirect?.requestRedirect)
        return {
            do: "redirect",
            scheme: redirect.requestRedirect.scheme ?? "http",
            status: redirect.requestRedirect.statusCode,
        };
    const [backend] = best.rule.backendRefs;
    if (backend === undefined) return { do: "not found" };
    return {
        do: "forward",
        namespace: best.route.metadata.namespace,
        service: backend.name,
    };
}

function pathMatches(
    match: { readonly type: string; readonly value: string },
    path: string,
): boolean {
    if (match.type === "Exact") return path === match.value;
    const prefix = match.value.replace(/\/+$/, "");
    return path === prefix || path.startsWith(`${prefix}/`);
}
