import {
    createServer as createHttpServer,
    type IncomingMessage,
    type ServerResponse,
} from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { createSecureContext, createServer as createTlsServer, TLSSocket } from "node:tls";
import { labPort } from "../../addresses.ts";
import type { ClusterClient } from "../kubelet/client.ts";
import { watchIngressState, type IngressState } from "./backends.ts";
import { acceptConnection } from "./acceptConnection.ts";
import { findRoute, findTlsSecret } from "./routes.ts";

export interface IngressListenerOptions {
    readonly client: ClusterClient;
    readonly host: string;
    readonly port: number;
    readonly portOffset: number;
    /** Connections without a PROXY header are refused. */
    readonly proxyProtocol: boolean;
    /** Plain HTTP is redirected where the Ingress has TLS for the host. */
    readonly enforceHttps: boolean;
    /** Ingress objects without a class are served too. */
    readonly defaultClass: boolean;
    readonly print: (line: string) => void;
}

/** First byte of a TLS handshake record (RFC 8446 5.1). */
const TLS_HANDSHAKE = 0x16;

/**
 * Plays the envoy of Cilium's shared ingress in host network mode: HTTP and TLS on one port
 * (https://docs.cilium.io/en/stable/network/servicemesh/ingress/).
 *
 * @returns what closes it
 */
export async function startIngressListener(
    options: IngressListenerOptions,
): Promise<() => Promise<void>> {
    const state = await watchIngressState(options.client, options.defaultClass);
    const http = createHttpServer((request, response) => {
        answer(state, options, request, response);
    });
    const tls = createTlsServer({
        SNICallback: (serverName, done) => {
            const context = certificateFor(state, serverName.toLowerCase());
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
    try {
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject);
            server.listen(labPort(options.port, options.portOffset), options.host, resolve);
        });
    } catch (error) {
        await state.stop();
        throw error;
    }
    return async () => {
        await state.stop();
        for (const socket of sockets) socket.destroy();
        await new Promise<void>((resolve) =>
            server.close(() => {
                resolve();
            }),
        );
    };
}

function certificateFor(
    state: IngressState,
    serverName: string,
): Error | ReturnType<typeof createSecureContext> {
    const reference = findTlsSecret(state.ingresses(), serverName);
    const data = reference && state.secret(reference.namespace, reference.name)?.data;
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

function answer(
    state: IngressState,
    options: IngressListenerOptions,
    request: IncomingMessage,
    response: ServerResponse,
): void {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const secure = request.socket instanceof TLSSocket;
    const ingresses = state.ingresses();
    response.setHeader("server", "envoy");
    if (!secure && options.enforceHttps && findTlsSecret(ingresses, host)) {
        response.writeHead(301, { location: `https://${host}${request.url ?? "/"}` }).end();
        return;
    }
    const route = findRoute(ingresses, host, path);
    if (!route) {
        response.writeHead(404).end();
        return;
    }
    const [backend] = state.backends(route);
    if (!backend) {
        response.writeHead(503, { "content-type": "text/plain" }).end("no healthy upstream");
        return;
    }
    response
        .writeHead(200, { "content-type": "text/html; charset=utf-8" })
        .end(page(host, route.namespace, route.service, backend.pod, backend.node));
}

function page(host: string, namespace: string, service: string, pod: string, node: string): string {
    const safe = (text: string) =>
        text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
    return `<!doctype html>
<title>${safe(host)}</title>
<h1>${safe(host)}</h1>
<p>Service <code>${safe(namespace)}/${safe(service)}</code>, pod <code>${safe(pod)}</code> on <code>${safe(node)}</code>.</p>
`;
}
