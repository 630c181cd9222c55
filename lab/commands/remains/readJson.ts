/** Milliseconds for an answer; every service is on this machine. */
const TIMEOUT = 10_000;

/**
 * Reads JSON of one of the lab's services.
 *
 * @throws Error with the address and the status
 */
export async function readJson(
    url: string,
    headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT) });
    if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
    return await response.json();
}
