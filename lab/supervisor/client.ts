import type { LabAddresses } from "../addresses.ts";
import type { LabStatus } from "./labStatus.ts";

/** Milliseconds for an answer of the control server, which is on this machine. */
const TIMEOUT = 5000;

function controlUrl({ control }: LabAddresses, path: string): string {
    return `http://${control.host}:${control.port}${path}`;
}

/**
 * Status of whatever lab serves at these addresses; undefined where nothing listens.
 *
 * @throws Error where something else than a lab answers
 */
export async function fetchStatus(addresses: LabAddresses): Promise<LabStatus | undefined> {
    const url = controlUrl(addresses, "/status");
    let response: Response;
    try {
        response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
    } catch (error) {
        if (refused(error)) return undefined;
        throw new Error(
            `${url} does not answer as a lab does: ${error instanceof Error ? error.message : String(error)}`,
            { cause: error },
        );
    }
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok || !isLabStatus(body))
        throw new Error(
            `something else than a lab answers at ${url}; what it is: ss -ltnp 'src ${addresses.control.host}'`,
        );
    return body;
}

/** Asks the lab at these addresses to end. It does so after the answer. */
export async function requestStop(addresses: LabAddresses): Promise<void> {
    await fetch(controlUrl(addresses, "/stop"), {
        method: "POST",
        signal: AbortSignal.timeout(TIMEOUT),
    });
}

function refused(error: unknown): boolean {
    if (!(error instanceof Error)) return false;
    if ("code" in error && (error.code === "ECONNREFUSED" || error.code === "ECONNRESET"))
        return true;
    return refused(error.cause);
}

function isLabStatus(body: unknown): body is LabStatus {
    return (
        typeof body === "object" &&
        body !== null &&
        "instance" in body &&
        "clone" in body &&
        "parts" in body
    );
}
