import { createServer as createHttpServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { createSecureContext, createServer as createTlsServer, TLSSocket } from "node:tls";
import type { SecureContext } from "node:tls";
import type { V1Secret } from "@kubernetes/client-node";
import { labPort } from "../../addresses.ts";
import { acceptConnection } from "./acceptConnection.ts";
import type { Backend } from "./backends.ts";
import { handOn, type FindPlayed } from "./upstream.ts";

/** A request, as far as it decides where it goes. */
export interface FrontendRequest {
    /** Lower case, without a port. */
    readonly host: string;
    readonly path: string;
    readonly secure: boolean;
}

/** What becomes of a request. */
export type FrontendAnswer =
    | { readonly status: 301 | 302; readonly scheme: string }
    | { readonly status: 404 }
    | {
          readonly status: 200;
          readonly namespace: string;
          readonly service: string;
          readonly backends: readonly Backend[];
      };

export interface FrontendOptions {
    readonly host: string;
    readonly port: number;
    readonly portOffset: number;
    /** Connections without a PROXY header are refused. */
    readonly proxyProtocol: boolean;
    /** The Secret with the certificate for a TLS server name; undefined where TLS is not spoken for it. */
    certificate(serverName: string): V1Secret | undefined;
    answer(request: FrontendRequest): FrontendAnswer;
    /** Finds pods that are played and answer themselves; for all others a page says where a request went. */
    readonly played: FindPlayed;
}

/** First byte of a TLS handshake record (RFC 8446 5.1). */
const TLS_HANDSHAKE = 0x16;

/**
 * Plays a listener of Cilium's envoy on a node: HTTP and TLS on one port. Pods that are played answer themselves; the pages of
 * all others say which pod they would come from.
 *
 * @returns what closes it
 */
export async function startFrontend(options: FrontendOptions): Promise<() => Promise<void>> {
    const http = createHttpServer((request, response) => {
        const asked = requestOf(request);
        const answer = options.answer(asked);
        response.setHeader("server", "envoy");
        if (answer.status === 404) response.writeHead(404).end();
        else if (answer.status !== 200)
            response
                .writeHead(answer.status, {
                    location: `${answer.scheme}://${asked.host}${request.url ?? "/"}`,
                })
                .end();
        else if (answer.backends[0] === undefined)
            response.writeHead(503, { "content-type": "text/plain" }).end("no healthy upstream");
        else void toBackend(options, asked.host, answer, answer.backends[0], request, response);
    });
    const tls = createTlsServer({
        SNICallback: (serverName, done) => {
            const context = secureContext(options, serverName.toLowerCase());
            if (context instanceof Error) done(context);
            else done(null, context);
        },
    });
    tls.on("secureConnection", (socket) => http.emit("connection", socket));
    tls.on("tlsClientError", (_error, socket) => {
        socket.destroy();
    });
    const sockets = new Set<Socket>();
    const server = createTcpServer({ pauseOnConnect: false }, (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        socket.on("error", () => socket.destroy());
        void acceptConnection(socket, options.proxyProtocol).then((accepted) => {
            if (!accepted) return;
            (accepted.first === TLS_HANDSHAKE ? tls : http).emit("connection", socket);
            if (accepted.first !== TLS_HANDSHAKE) socket.resume();
        });
    });
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(labPort(options.port, options.portOffset), options.host, resolve);
    });
    return async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise<void>((resolve) =>
            server.close(() => {
                resolve();
            }),
        );
    };
}

async function toBackend(
    { played, portOffset }: FrontendOptions,
    name: string,
    { namespace, service }: { readonly namespace: string; readonly service: string },
    backend: Backend,
    request: IncomingMessage,
    response: ServerResponse,
): Promise<void> {
    const host = await played(namespace, backend);
    if (host !== undefined) handOn(request, response, { host, port: backend.port, portOffset });
    else
        response
            .writeHead(200, { "content-type": "text/html; charset=utf-8" })
            .end(page(name, namespace, service, backend));
}

function requestOf(request: IncomingMessage): FrontendRequest {
    return {
        host: (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase(),
        path: (request.url ?? "/").split("?", 1)[0] ?? "/",
        secure: request.socket instanceof TLSSocket,
    };
}

function secureContext(options: FrontendOptions, serverName: string): Error | SecureContext {
    const data = options.certificate(serverName)?.data;
    const [certificate, key] = [data?.["tls.crt"], data?.["tls.key"]];
    if (!certificate || !key) return new Error(`no certificate for ${serverName}`);
    try {
        return createSecureContext({
            cert: Buffer.from(certificate, "base64"),
            key: Buffer.from(key, "base64"),
        });
    } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
    }
}

function page(host: string, namespace: string, service: string, { pod, node }: Backend): string {
    const safe = (text: string) =>
        text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
    return `<!doctype html>
<title>${safe(host)}</title>
<h1>${safe(host)}</h1>
<p>Service <code>${safe(namespace)}/${safe(service)}</code>, pod <code>${safe(pod)}</code> on <code>${safe(node)}</code>.</p>
`;
}
