/** One rejected field of a request body. */
export interface RejectedField {
    readonly name: string;
    readonly messages: readonly string[];
}

/**
 * HTTP status of each error code (https://docs.hetzner.cloud/reference/cloud#errors). Codes that only one operation
 * knows answer 422 unless they stand here.
 */
const STATUS: Readonly<Record<string, number>> = {
    json_error: 400,
    unauthorized: 401,
    token_readonly: 401,
    forbidden: 403,
    maintenance: 403,
    resource_limit_exceeded: 403,
    not_found: 404,
    firewall_resource_not_found: 404,
    method_not_allowed: 405,
    uniqueness_error: 409,
    conflict: 409,
    deprecated_api_endpoint: 410,
    resource_unavailable: 412,
    primary_ip_version_mismatch: 412,
    source_port_already_used: 412,
    locked: 423,
    protected: 423,
    rate_limit_exceeded: 429,
    server_error: 500,
    bad_gateway: 502,
    unavailable: 503,
    timeout: 504,
};

/** HTTP status that goes with an error code; 422 for those of single operations. */
export function statusOf(code: string): number {
    return STATUS[code] ?? 422;
}

/** An error that the API answers with: `{"error": {"code", "message", "details"}}`. */
export class ApiError extends Error {
    readonly status: number;
    readonly code: string;
    readonly details: unknown;

    constructor(code: string, message: string, details: unknown = null) {
        super(message);
        this.name = "ApiError";
        this.status = statusOf(code);
        this.code = code;
        this.details = details;
    }
}

/** 422 `invalid_input` naming the rejected fields. */
export function invalidInput(...fields: RejectedField[]): ApiError {
    const names = fields.map((field) => `'${field.name}'`).join(", ");
    return new ApiError(
        "invalid_input",
        `invalid input in field${fields.length > 1 ? "s" : ""} ${names}`,
        { fields },
    );
}

/** 422 `invalid_input` for one field. */
export function invalidField(name: string, message: string): ApiError {
    return invalidInput({ name, messages: [message] });
}

/** 404 `not_found`. */
export function notFound(kind: string, id: string | number): ApiError {
    return new ApiError("not_found", `${kind} with ID '${id}' not found`);
}

/** 423 `protected`. */
export function isProtected(message: string): ApiError {
    return new ApiError("protected", message);
}
