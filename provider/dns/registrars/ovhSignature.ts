import { createHash } from "node:crypto";

/** What identifies a user of OVHcloud's API. */
export interface OvhCredentials {
    readonly applicationKey: string;
    readonly applicationSecret: string;
    readonly consumerKey: string;
}

/** What is signed of a request. */
export interface SignedRequest {
    readonly method: string;
    /** With query. */
    readonly url: string;
    /** Empty where there is none. */
    readonly body: string;
    /** Seconds since 1970 by the service's clock. */
    readonly timestamp: number;
}

/**
 * `X-Ovh-Signature`: `$1$` and the SHA-1 of secret, consumer key, method, URL, body and time, joined by `+`
 * (https://help.ovhcloud.com/csm/en-api-getting-started-ovhcloud-api).
 */
export function ovhSignature(
    { applicationSecret, consumerKey }: Omit<OvhCredentials, "applicationKey">,
    { method, url, body, timestamp }: SignedRequest,
): string {
    const parts = [applicationSecret, consumerKey, method, url, body, timestamp];
    return `$1$${createHash("sha1").update(parts.join("+")).digest("hex")}`;
}
