import { createHmac } from "node:crypto";

/**
 * `X-Signature` of Dynadot's RESTful API v2: Base64 of HMAC-SHA256 over key, path with query, request id and the raw body,
 * one a line. We send no `X-Request-ID`, whose spelling the gateway is particular about; its line stays empty.
 */
export function signature(
    secret: string,
    request: { readonly key: string; readonly pathAndQuery: string; readonly body: string },
): string {
    const { key, pathAndQuery, body } = request;
    return createHmac("sha256", secret)
        .update([key, pathAndQuery, "", body].join("\n"))
        .digest("base64");
}
