import { randomBytes } from "node:crypto";
import fastify, {
    type FastifyError,
    type FastifyInstance,
    type FastifyReply,
    type FastifyRequest,
} from "fastify";
import { ApiError } from "../errors.ts";
import type { Faults } from "../faults.ts";
import type { ProjectToken } from "../options.ts";
import type { StateStore } from "../state/store.ts";
import type { RateLimit } from "./rateLimit.ts";
import type { RequestLog } from "./requestLog.ts";
import type { Route } from "./route.ts";

/** Path under which the API is served. */
export const BASE_PATH = "/v1";

const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;

export interface ApiServerParts {
    readonly store: StateStore;
    readonly faults: Faults;
    readonly log: RequestLog;
    readonly rateLimit: RateLimit;
    readonly tokens: readonly ProjectToken[];
    readonly routes: readonly Route[];
    /** Told of errors that the API has no code for. */
    readonly report: (message: string) => void;
}

interface Session {
    readonly correlationId: string;
    readonly startedAt: number;
    project: string | null;
    dropReply: boolean;
    broken: boolean;
}

function authorise(parts: ApiServerParts, request: FastifyRequest): ProjectToken {
    const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    const known = parts.tokens.find(({ token }) => token === bearer);
    if (known === undefined) throw new ApiError("unauthorized", "unable to authenticate");
    if (known.readOnly === true && request.method !== "GET")
        throw new ApiError("token_readonly", "token is only allowed to perform GET requests");
    return known;
}

function sendError(reply: FastifyReply, error: ApiError): FastifyReply {
    const { code, message, details } = error;
    return reply
        .status(error.status)
        .header("content-type", "application/json")
        .send(JSON.stringify({ error: { code, message, details } }));
}

function toApiError(error: FastifyError | ApiError, report: (message: string) => void): ApiError {
    if (error instanceof ApiError) return error;
    if (error.statusCode !== undefined && error.statusCode < 500)
        return new ApiError("json_error", "invalid JSON in request body");
    report(error.stack ?? error.message);
    return new ApiError("server_error", "internal server error");
}

function routeOf(request: FastifyRequest): string {
    return (request.routeOptions.url ?? "").replace(BASE_PATH, "");
}

/** The HTTP side of the API: authentication, rate limit, faults, errors, request log; the routes do the work. */
export function apiServer(parts: ApiServerParts): FastifyInstance {
    const app = fastify({ logger: false, bodyLimit: 4 * 1024 * 1024, forceCloseConnections: true });
    const sessions = new WeakMap<FastifyRequest, Session>();
    const session = (request: FastifyRequest): Session => {
        const known = sessions.get(request);
        if (known !== undefined) return known;
        const fresh: Session = {
            correlationId: randomBytes(8).toString("hex"),
            startedAt: performance.now(),
            project: null,
            dropReply: false,
            broken: false,
        };
        sessions.set(request, fresh);
        return fresh;
    };

    const record = (request: FastifyRequest, status: number) => {
        const { correlationId, startedAt, project } = session(request);
        parts.log.add({
            time: new Date().toISOString(),
            method: request.method,
            path: request.url.split("?")[0] ?? "",
            route: routeOf(request),
            status,
            milliseconds: Math.round((performance.now() - startedAt) * 10) / 10,
            correlationId,
            project,
        });
    };

    const breakConnection = (request: FastifyRequest, reply: FastifyReply) => {
        session(request).broken = true;
        record(request, 0);
        reply.hijack();
        request.raw.socket.destroy();
        return reply;
    };

    // Bodies are parsed in the handler, so that an error in one is seen after the token was.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
        done(null, body);
    });

    app.addHook("onRequest", async (request, reply) => {
        const current = session(request);
        void reply.header("x-correlation-id", current.correlationId);
        if (request.url.startsWith("/_lab")) return;
        const { project } = authorise(parts, request);
        current.project = project;
        const allowance = parts.rateLimit.take(project);
        void reply.headers({
            "ratelimit-limit": allowance.limit,
            "ratelimit-remaining": allowance.remaining,
            "ratelimit-reset": allowance.reset,
        });
        if (allowance.exceeded)
            throw new ApiError(
                "rate_limit_exceeded",
                `limit of ${allowance.limit} requests per hour reached`,
            );
        const fault = parts.faults.takeForRequest(request.method, routeOf(request));
        if (fault === undefined) return;
        switch (fault.kind) {
            case "error":
                throw new ApiError(fault.code, fault.message);
            case "rate_limit":
                void reply.headers({
                    "ratelimit-remaining": 0,
                    "ratelimit-reset": Math.ceil(Date.now() / 1000 + fault.resetSeconds),
                });
                throw new ApiError(
                    "rate_limit_exceeded",
                    `limit of ${allowance.limit} requests per hour reached`,
                );
            case "gateway":
                await reply
                    .status(fault.status)
                    .type("text/html")
                    .send("<html>gateway error</html>");
                return;
            case "connection_reset":
                breakConnection(request, reply);
                return;
            case "drop_reply":
                current.dropReply = true;
        }
    });

    app.addHook("onResponse", async (request, reply) => {
        if (!session(request).broken && !request.url.startsWith("/_lab"))
            record(request, reply.statusCode);
        await Promise.resolve();
    });

    app.setErrorHandler<FastifyError | ApiError>((error, _request, reply) =>
        sendError(reply, toApiError(error, parts.report)),
    );
    app.setNotFoundHandler((_request, reply) =>
        sendError(reply, new ApiError("not_found", "endpoint not found")),
    );

    for (const route of parts.routes)
        app.route({
            method: route.method,
            url: `${BASE_PATH}${route.path}`,
            handler: async (request, reply) => {
                const { project } = session(request);
                const result = await route.handle({
                    project: parts.store.project(project ?? ""),
                    params: request.params as Record<string, string>,
                    query: new URL(request.url, "http://lab").searchParams,
                    body: parseJson(request.body),
                });
                // An answered request must survive a crash of the lab.
                if (request.method !== "GET") await parts.store.flush();
                if (session(request).dropReply) return breakConnection(request, reply);
                void reply.status(result.status);
                if (result.body === undefined) return reply.send();
                return reply
                    .header("content-type", "application/json")
                    .send(JSON.stringify(result.body));
            },
        });
    refuseOtherMethods(app, parts.routes);
    return app;
}

function parseJson(body: unknown): unknown {
    if (typeof body !== "string" || body === "") return {};
    try {
        return JSON.parse(body);
    } catch {
        throw new ApiError("json_error", "invalid JSON in request body");
    }
}

function refuseOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
    for (const path of new Set(routes.map((route) => route.path))) {
        const known = routes.filter((route) => route.path === path).map((route) => route.method);
        app.route({
            method: METHODS.filter((method) => !known.includes(method)),
            url: `${BASE_PATH}${path}`,
            handler: () => {
                throw new ApiError("method_not_allowed", "method not allowed");
            },
        });
    }
}
