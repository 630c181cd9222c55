import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { labPort } from "../../addresses.ts";
import { close, listen } from "../../httpListener.ts";
import { describe } from "../kubelet/client.ts";

export interface WebProxyOptions {
    /** Address that it listens at, on a port that nobody else has. */
    readonly host: string;
    readonly portOffset: number;
    /** `address:port` of the name servers that know the names. */
    readonly nameServers: readonly string[];
}

/**
 * A proxy (RFC 9112, 3.2.2) for programs that insist on port 80 of a name while the lab's ports below 1024 lie elsewhere, because this user
 * may not bind them.
 *
 * @returns its URL, and what closes it
 */
export async function startWebProxy(
    options: WebProxyOptions,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    resolver.setServers(options.nameServers);
    const server = createServer((request, response) => {
        handOn(request, response, resolver, options.portOffset).catch((error: unknown) => {
            if (!response.headersSent) response.writeHead(502, { "content-type": "text/plain" });
            response.end(describe(error));
        });
    });
    await listen(server, 0, options.host);
    const { port } = server.address() as AddressInfo;
    return { url: `http://${options.host}:${port}`, stop: () => close(server) };
}

async function handOn(
    request: IncomingMessage,
    response: ServerResponse,
    resolver: Resolver,
    portOffset: number,
): Promise<void> {
    const url = URL.parse(request.url ?? "");
    if (url?.protocol !== "http:") throw new Error(`${request.url} is no http URL`);
    const [host] = await resolver.resolve4(url.hostname);
    const { method, headers } = request;
    const asked = httpRequest({
        host,
        port: labPort(Number(url.port || 80), portOffset),
        method,
        path: `${url.pathname}${url.search}`,
        headers: { ...headers, host: url.host },
        agent: false,
    });
    // What goes wrong before the answer is thrown by `once`, and later by `pipeline`.
    asked.on("error", () => undefined);
    request.pipe(asked);
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    await pipeline(answer, response);
}
