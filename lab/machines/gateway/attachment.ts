import { GATEWAY_GROUP } from "./objects.ts";
import type { Gateway, Listener, ParentReference, ReferenceGrant, Route } from "./objects.ts";

/** A condition, without its times. */
export interface Condition {
    readonly type: string;
    readonly status: "True" | "False";
    readonly reason: string;
    readonly message: string;
}

/** What attachment is judged by, beside the objects themselves. */
export interface ClusterFacts {
    /** Labels of a namespace. */
    namespaceLabels(name: string): Readonly<Record<string, string>>;
    /** Whether a Secret holds a certificate and its key. */
    hasCertificate(namespace: string, name: string): boolean;
    readonly grants: readonly ReferenceGrant[];
}

const ok = (type: string, reason: string): Condition => ({
    type,
    status: "True",
    reason,
    message: "",
});
const no = (type: string, reason: string, message: string): Condition => ({
    type,
    status: "False",
    reason,
    message,
});

/** Whether two host names have one in common; a wildcard stands for one label or more (HTTPRoute, `hostnames`). */
export function hostnamesMeet(a: string | undefined, b: string): boolean {
    if (a === undefined || a === b) return true;
    if (a.startsWith("*.")) return b.endsWith(a.slice(1));
    return b.startsWith("*.") && a.endsWith(b.slice(1));
}

/** Conditions of one listener: whether all that it refers to may be read and is there. */
export function listenerConditions(
    gateway: Gateway,
    listener: Listener,
    facts: ClusterFacts,
): Condition[] {
    const references = unresolved(gateway, listener, facts);
    return [
        ok("Accepted", "Accepted"),
        references ?? ok("ResolvedRefs", "ResolvedRefs"),
        references
            ? no("Programmed", "Invalid", references.message)
            : ok("Programmed", "Programmed"),
    ];
}

function unresolved(
    gateway: Gateway,
    listener: Listener,
    facts: ClusterFacts,
): Condition | undefined {
    for (const { name, namespace = gateway.metadata.namespace } of listener.tls?.certificateRefs ??
        []) {
        if (namespace !== gateway.metadata.namespace && !isGranted(gateway, namespace, name, facts))
            return no("ResolvedRefs", "RefNotPermitted", "CertificateRef is not permitted");
        if (!facts.hasCertificate(namespace, name))
            return no("ResolvedRefs", "InvalidCertificateRef", "Invalid CertificateRef");
    }
    return undefined;
}

function isGranted(
    gateway: Gateway,
    namespace: string,
    secret: string,
    { grants }: ClusterFacts,
): boolean {
    return grants.some(
        ({ metadata, spec }) =>
            metadata.namespace === namespace &&
            spec.from.some(
                (from) =>
                    from.group === GATEWAY_GROUP &&
                    from.kind === "Gateway" &&
                    from.namespace === gateway.metadata.namespace,
            ) &&
            spec.to.some(
                (to) =>
                    to.group === "" &&
                    to.kind === "Secret" &&
                    (to.name === undefined || to.name === secret),
            ),
    );
}

/** Whether a parent reference of a route means this Gateway. */
export function refersTo(route: Route, reference: ParentReference, gateway: Gateway): boolean {
    return (
        reference.group === GATEWAY_GROUP &&
        reference.kind === "Gateway" &&
        reference.name === gateway.metadata.name &&
        (reference.namespace ?? route.metadata.namespace) === gateway.metadata.namespace
    );
}

/** Listeners that a route attaches to by one of its references, or why to none, in the words of Cilium's operator. */
export function attach(
    route: Route,
    reference: ParentReference,
    gateway: Gateway,
    facts: ClusterFacts,
): { readonly listeners: readonly Listener[]; readonly accepted: Condition } {
    const { sectionName } = reference;
    const named = gateway.spec.listeners.filter(
        ({ name }) => sectionName === undefined || name === sectionName,
    );
    if (named.length === 0)
        return refused("NoMatchingParent", `No matching listener with sectionName ${sectionName}`);
    const open = named.filter((listener) => allows(gateway, listener, route, facts));
    if (open.length === 0)
        return refused(
            "NotAllowedByListeners",
            "HTTPRoute is not allowed to attach to this Gateway due to namespace restrictions",
        );
    const listeners = open.filter(
        ({ hostname }) =>
            route.spec.hostnames.length === 0 ||
            route.spec.hostnames.some((name) => hostnamesMeet(hostname, name)),
    );
    if (listeners.length === 0)
        return refused("NoMatchingListenerHostname", "No matching listener hostname");
    return { listeners, accepted: ok("Accepted", "Accepted") };
}

function refused(reason: string, message: string) {
    return { listeners: [], accepted: no("Accepted", reason, message) };
}

function allows(gateway: Gateway, listener: Listener, route: Route, facts: ClusterFacts): boolean {
    const { from, selector } = listener.allowedRoutes.namespaces;
    if (from === "All") return true;
    if (from === "Same") return route.metadata.namespace === gateway.metadata.namespace;
    const labels = facts.namespaceLabels(route.metadata.namespace);
    return Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value);
}
