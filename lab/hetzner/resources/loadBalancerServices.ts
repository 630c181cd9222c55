import { z } from "zod";
import { ApiError, invalidField } from "../errors.ts";
import { loadBalancerTypeOf } from "../catalogue/loadBalancerTypes.ts";
import { field } from "../http/route.ts";
import { find } from "../state/lookup.ts";
import type {
    HealthCheck,
    LoadBalancerRecord,
    LoadBalancerService,
    ProjectState,
    ServiceHttp,
} from "../state/model.ts";

const port = z.number().int().min(1).max(65_535);

const httpBody = z.object({
    cookie_name: z.string().optional(),
    cookie_lifetime: z.number().int().min(30).max(86_400).optional(),
    certificates: z.array(field.id).optional(),
    redirect_http: z.boolean().optional(),
    sticky_sessions: z.boolean().optional(),
    timeout_idle: z.number().int().min(30).max(300).optional(),
});

const healthCheckBody = z.object({
    protocol: z.enum(["tcp", "http"]).optional(),
    port: port.optional(),
    interval: z.number().int().min(3).max(60).optional(),
    timeout: z.number().int().min(1).max(60).optional(),
    retries: z.number().int().min(1).max(5).optional(),
    http: z
        .object({
            domain: z.string().nullish(),
            path: z.string().optional(),
            response: z.string().optional(),
            status_codes: z.array(z.string().regex(/^[1-5?][0-9?]{2}$/)).optional(),
            tls: z.boolean().optional(),
        })
        .nullish(),
});

const settings = {
    destination_port: port.nullish(),
    proxyprotocol: z.boolean().nullish(),
    http: httpBody.nullish(),
    health_check: healthCheckBody.nullish(),
};

const protocol = z.enum(["tcp", "http", "https"]);

export const serviceBody = z.object({ protocol, listen_port: port.nullish(), ...settings });

export const updateServiceBody = z.object({
    listen_port: port,
    protocol: protocol.optional(),
    ...settings,
});

type ServiceInput = z.output<typeof serviceBody>;
type Settings = Omit<z.output<typeof updateServiceBody>, "listen_port" | "protocol">;

/** Defaults of HTTP services (https://docs.hetzner.cloud/reference/cloud#load-balancer-actions-add-service). */
const HTTP_DEFAULTS: ServiceHttp = {
    cookie_name: "HCLBSTICKY",
    cookie_lifetime: 300,
    certificates: [],
    redirect_http: false,
    sticky_sessions: false,
    timeout_idle: 60,
};

const DEFAULT_PORTS = { http: [80, 80], https: [443, 80] } as const;

/** Leaves out what is undefined or null, so that a spread keeps the value before it. */
function given<T extends object>(
    values: T | null | undefined,
): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
    return Object.fromEntries(
        Object.entries(values ?? {}).filter(([, value]) => value !== undefined && value !== null),
    ) as Partial<{ [K in keyof T]: NonNullable<T[K]> }>;
}

function healthCheckWith(
    base: HealthCheck,
    input: z.output<typeof healthCheckBody> | null | undefined,
): HealthCheck {
    const { http, ...rest } = input ?? {};
    const merged: HealthCheck = { ...base, ...given(rest) };
    if (merged.protocol === "tcp") return { ...merged, http: null };
    const defaults = {
        domain: "",
        path: "/",
        response: "",
        status_codes: ["2??", "3??"],
        tls: false,
    };
    return { ...merged, http: { ...defaults, ...base.http, ...given(http) } };
}

function defaultHealthCheck(service: "tcp" | "http" | "https", destination: number): HealthCheck {
    return {
        protocol: service === "tcp" ? "tcp" : "http",
        port: destination,
        interval: 15,
        timeout: 10,
        retries: 3,
        http: null,
    };
}

function checkCertificates(project: ProjectState, service: LoadBalancerService): void {
    for (const id of service.http?.certificates ?? []) find(project, "certificates", id);
    if (service.protocol === "https" && service.http?.certificates.length === 0)
        throw invalidField("http.certificates", "is required for protocol https");
}

/** The service that a request asks for, with every default filled in. Throws `invalid_input`. */
export function newService(project: ProjectState, input: ServiceInput): LoadBalancerService {
    const defaults = input.protocol === "tcp" ? undefined : DEFAULT_PORTS[input.protocol];
    const listen = input.listen_port ?? defaults?.[0];
    const destination = input.destination_port ?? defaults?.[1];
    if (listen === undefined) throw invalidField("listen_port", "is required for protocol tcp");
    if (destination === undefined)
        throw invalidField("destination_port", "is required for protocol tcp");
    const service: LoadBalancerService = {
        protocol: input.protocol,
        listen_port: listen,
        destination_port: destination,
        proxyprotocol: input.proxyprotocol ?? false,
        http: input.protocol === "tcp" ? null : { ...HTTP_DEFAULTS, ...given(input.http) },
        health_check: healthCheckWith(
            defaultHealthCheck(input.protocol, destination),
            input.health_check,
        ),
    };
    checkCertificates(project, service);
    return service;
}

/** Refuses a service where the port is taken, or the type's limit is reached. */
export function checkServiceFits(
    balancer: Pick<LoadBalancerRecord, "services" | "loadBalancerType">,
    service: LoadBalancerService,
): void {
    if (balancer.services.some((other) => other.listen_port === service.listen_port))
        throw new ApiError(
            "source_port_already_used",
            `source port ${service.listen_port} is already used`,
        );
    const { max_services: max } = loadBalancerTypeOf(balancer.loadBalancerType);
    if (balancer.services.length >= max)
        throw new ApiError("resource_limit_exceeded", `at most ${max} services`);
}

/** The service of a port. Throws `not_found`. */
export function serviceOn(balancer: LoadBalancerRecord, listenPort: number): LoadBalancerService {
    const service = balancer.services.find((entry) => entry.listen_port === listenPort);
    if (service === undefined)
        throw new ApiError("not_found", `service with listen port '${listenPort}' not found`);
    return service;
}

/** A service with the given settings changed, and the others kept. */
export function changedService(
    project: ProjectState,
    service: LoadBalancerService,
    input: Settings & { readonly protocol?: LoadBalancerService["protocol"] | undefined },
): LoadBalancerService {
    const kind = input.protocol ?? service.protocol;
    const changed: LoadBalancerService = {
        ...service,
        protocol: kind,
        destination_port: input.destination_port ?? service.destination_port,
        proxyprotocol: input.proxyprotocol ?? service.proxyprotocol,
        http: kind === "tcp" ? null : { ...HTTP_DEFAULTS, ...service.http, ...given(input.http) },
        health_check: healthCheckWith(service.health_check, input.health_check),
    };
    checkCertificates(project, changed);
    return changed;
}
