import { checkConfig } from "../../config/parse.ts";
import { ConfigError, show } from "../../config/problem.ts";
import { SECRET_KEYS } from "../../config/secretKeys.ts";
import { DOMAIN_MODES } from "./request.ts";
import type { ProvisionRequest, RequestProblem } from "./request.ts";

/** Configuration of a stack: values by key, keys of other projects with their namespace. */
export interface RequestConfig {
    readonly plain: Readonly<Record<string, unknown>>;
    readonly secret: Readonly<Record<string, string>>;
}

/** The request's field that each configuration key comes from, for errors. */
const FIELDS: Readonly<Record<string, string>> = {
    fqdn: "sovereignFQDN",
    domainMode: "sovereignDomainMode",
    poolDomain: "sovereignPoolDomain",
    locations: "region",
    controlPlaneTypes: "controlPlaneSize",
    workerTypes: "workerSize",
    workerCount: "workerCount",
    controlPlaneCount: "haEnabled",
    sshPublicKeys: "sshPublicKey",
    "hcloud:token": "hetznerToken",
    dynadotApiKey: "dynadotKey",
    dynadotApiSecret: "dynadotSecret",
    imageRegistryToken: "ghcrPullToken",
};

/** Configuration keys out of the request's own fields. */
function fieldsAsConfig(request: ProvisionRequest, fqdn: string): Record<string, unknown> {
    const locations = [request.region, ...(request.regions ?? [])].filter((r) => r !== undefined);
    return {
        fqdn,
        domainMode: DOMAIN_MODES[request.sovereignDomainMode],
        // The provisioner sends the pool that its form offers also where the domain is the customer's own.
        poolDomain:
            DOMAIN_MODES[request.sovereignDomainMode] === "pool"
                ? request.sovereignPoolDomain
                : undefined,
        locations: locations.length > 0 ? [...new Set(locations)] : undefined,
        controlPlaneTypes: request.controlPlaneSize && [request.controlPlaneSize],
        workerTypes: request.workerSize && [request.workerSize],
        workerCount: request.workerCount,
        controlPlaneCount: request.haEnabled === undefined ? undefined : request.haEnabled ? 3 : 1,
        sshPublicKeys: request.sshPublicKey && [request.sshPublicKey],
    };
}

function fieldsAsSecrets(request: ProvisionRequest): Record<string, string | undefined> {
    return {
        "hcloud:token": request.hetznerToken,
        dynadotApiKey: request.dynadotKey,
        dynadotApiSecret: request.dynadotSecret,
        imageRegistryToken: request.ghcrPullToken,
    };
}

function defined<T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
    return Object.fromEntries(
        Object.entries(values).filter((entry): entry is [string, T] => entry[1] !== undefined),
    );
}

/** How a value stands in a raw configuration. */
function raw(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

function fqdnOf(request: ProvisionRequest): { fqdn: string; problems: RequestProblem[] } {
    const { sovereignFQDN, sovereignSubdomain, sovereignPoolDomain } = request;
    const pooled =
        sovereignSubdomain !== undefined &&
        sovereignPoolDomain !== undefined &&
        DOMAIN_MODES[request.sovereignDomainMode] === "pool"
            ? `${sovereignSubdomain}.${sovereignPoolDomain}`
            : undefined;
    const contradiction =
        sovereignFQDN !== undefined && pooled !== undefined && sovereignFQDN !== pooled;
    return {
        fqdn: sovereignFQDN ?? pooled ?? "",
        problems: contradiction
            ? [
                  {
                      field: "sovereignFQDN",
                      found: show(sovereignFQDN),
                      expected: `${pooled}, as sovereignSubdomain and sovereignPoolDomain say`,
                  },
              ]
            : [],
    };
}

/** Keys given both by a field and under `config` or `secrets`, and secrets among the plain ones. */
function placement(
    request: ProvisionRequest,
    fields: Readonly<Record<string, unknown>>,
): RequestProblem[] {
    const twice = [...Object.keys(request.config), ...Object.keys(request.secrets)].filter(
        (key) => key in fields,
    );
    return [
        ...twice.map((key) => ({
            field: key in request.config ? `config.${key}` : `secrets.${key}`,
            found: `a value beside the field ${FIELDS[key] ?? key}`,
            expected: "one of the two",
        })),
        ...Object.keys(request.config)
            .filter((key) => key in SECRET_KEYS)
            .map((key) => ({
                field: `config.${key}`,
                found: "a secret among plain values",
                expected: `it under secrets`,
            })),
        ...Object.keys(request.secrets)
            .filter((key) => !(key in SECRET_KEYS))
            .map((key) => ({
                field: `secrets.${key}`,
                found: "a key that is no secret",
                expected: `one of ${Object.keys(SECRET_KEYS).join(", ")}`,
            })),
    ];
}

/** Where in the request a path of the configuration stands. */
function fieldOf(path: string, request: ProvisionRequest): string {
    const key = /^[^.[]+/.exec(path)?.[0] ?? path;
    if (key in request.config) return `config.${path}`;
    const field = FIELDS[key];
    if (field !== undefined) return field;
    return `${key in SECRET_KEYS ? "secrets" : "config"}.${path}`;
}

/** The configuration that a request comes to, checked as the program will check it. Pure. */
export function configOfRequest(request: ProvisionRequest): {
    readonly config: RequestConfig;
    readonly fqdn: string;
    readonly problems: readonly RequestProblem[];
} {
    const { fqdn, problems } = fqdnOf(request);
    const fields = defined(fieldsAsConfig(request, fqdn));
    const secretFields = defined(fieldsAsSecrets(request));
    const config = {
        plain: { ...request.config, ...fields },
        secret: { ...request.secrets, ...secretFields },
    };
    const found = [...problems, ...placement(request, { ...fields, ...secretFields })];
    const values = Object.entries({ ...config.plain, ...config.secret });
    try {
        checkConfig(Object.fromEntries(values.map(([key, value]) => [key, raw(value)])));
    } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        found.push(
            ...error.problems.map(({ key, found: what, expected }) => ({
                field: fieldOf(key, request),
                found: what,
                expected,
            })),
        );
    }
    return { config, fqdn, problems: found };
}
