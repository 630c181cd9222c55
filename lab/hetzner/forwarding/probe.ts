import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { HealthCheck } from "../state/model.ts";
import { type Endpoint, open } from "./relay.ts";

const MAX_BODY = 64 * 1024;

/** Whether a status fits a pattern such as `2??`. */
export function statusMatches(pattern: string, status: number): boolean {
    return new RegExp(`^${pattern.replaceAll("?", "[0-9]")}$`).test(String(status));
}

async function probeTcp(endpoint: Endpoint, timeoutMs: number): Promise<boolean> {
    const socket = await open(endpoint, timeoutMs);
    socket.destroy();
    return true;
}

function probeHttp(
    endpoint: Endpoint,
    timeoutMs: number,
    check: NonNullable<HealthCheck["http"]>,
): Promise<boolean> {
    const send = check.tls ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
        const request = send(
            {
                ...endpoint,
                path: check.path,
                agent: false,
                signal: AbortSignal.timeout(timeoutMs),
                headers: check.domain === "" ? {} : { host: check.domain },
                ...(check.tls ? { rejectUnauthorized: false } : {}),
            },
            (response) => {
                let body = "";
                response.setEncoding("utf8");
                response.on("data", (chunk: string) => {
                    if (body.length < MAX_BODY) body += chunk;
                });
                response.on("error", reject);
                response.on("end", () => {
                    const status = response.statusCode ?? 0;
                    resolve(
                        check.status_codes.some((pattern) => statusMatches(pattern, status)) &&
                            body.includes(check.response),
                    );
                });
            },
        );
        request.on("error", reject);
        request.end();
    });
}

/** Asks once. False where the member doesn't answer as the check wants it. */
export async function probe(endpoint: Endpoint, check: HealthCheck): Promise<boolean> {
    const timeoutMs = check.timeout * 1000;
    try {
        return check.http === null
            ? await probeTcp(endpoint, timeoutMs)
            : await probeHttp(endpoint, timeoutMs, check.http);
    } catch {
        return false;
    }
}
