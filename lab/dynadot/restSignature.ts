import { createHmac, timingSafeEqual } from "node:crypto";

/** What a signature of the RESTful API covers. */
export interface SignedRequest {
    readonly key: string;
    /** As sent, from `/restful/` on. */
    readonly pathAndQuery: string;
    /** `X-Request-ID`; empty when absent. */
    readonly requestId: string;
    /** The very bytes that are sent. */
    readonly body: Buffer;
}

/** `X-Signature` of a request: base64 of HMAC-SHA256 over key, path, request id and body, parted by line feeds. */
export function restSignature(secret: string, request: SignedRequest): string {
    return createHmac("sha256", secret)
        .update(`${request.key}\n${request.pathAndQuery}\n${request.requestId}\n`)
        .update(request.body)
        .digest("base64");
}

/** Whether `signature` is the right one; a hexadecimal digest is not. */
export function validSignature(secret: string, request: SignedRequest, signature: string): boolean {
    const expected = Buffer.from(restSignature(secret, request));
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given);
}
