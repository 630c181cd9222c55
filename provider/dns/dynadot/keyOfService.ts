import type { DynadotAccess } from "./transport.ts";

const PRODUCTION = "api.dynadot.com";
const SANDBOX = "api-sandbox.dynadot.com";

/**
 * Keys of the sandbox begin with `sandbox_` and are none of production's, and the other way about
 * (https://www.dynadot.com/domain/api-document).
 *
 * @throws Error where key and service do not belong together
 */
export function assertKeyOfService({ url, apiKey }: Pick<DynadotAccess, "url" | "apiKey">): void {
    const { hostname } = new URL(url);
    const ofSandbox = apiKey.startsWith("sandbox_");
    if (hostname === PRODUCTION && ofSandbox)
        throw new Error(
            `dynadotApiKey is a key of Dynadot's sandbox, but dynadotUrl is ${PRODUCTION}. ` +
                `Give the key of the account, or set dynadotUrl to https://${SANDBOX}`,
        );
    if (hostname === SANDBOX && !ofSandbox)
        throw new Error(
            `dynadotUrl is Dynadot's sandbox, but dynadotApiKey does not begin with sandbox_ as its keys do. ` +
                `Give the sandbox's key, or set dynadotUrl to https://${PRODUCTION}`,
        );
}
