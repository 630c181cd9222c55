import { fastify } from "fastify";
import type { FastifyReply } from "fastify";
import { z } from "zod";

/** A comment or an issue, in the API's shape. */
export interface Entry {
    readonly id: number;
    readonly number: number;
    body: string;
    title?: string;
    state: "open" | "closed";
    labels: string[];
    readonly user: { readonly login: string };
    readonly pull_request?: object;
}

/** A small GitHub: comments of pull requests and issues of one repository. Source: https://docs.github.com/rest, version 2022-11-28. */
export interface EmulatedGitHub {
    readonly url: string;
    readonly comments: Entry[];
    readonly issues: Entry[];
    /** Requests so far, `METHOD path`. */
    readonly requests: string[];
    /** Answers to the next requests, in order: statuses that are given instead of what was asked for, 0 for none. */
    readonly failures: number[];
    stop(): Promise<void>;
}

export const REPOSITORY = "openova/sovereign";
export const TOKEN = "token-of-a-job";
export const BOT = "github-actions[bot]";

/** Longest body that GitHub takes. */
const LONGEST = 65_536;

const query = z.object({
    per_page: z.coerce.number().default(30),
    page: z.coerce.number().default(1),
});
const changes = z.object({
    body: z.string().optional(),
    title: z.string().optional(),
    state: z.enum(["open", "closed"]).optional(),
    labels: z.array(z.string()).optional(),
});

/** Starts it on loopback. */
export async function startGitHub(): Promise<EmulatedGitHub> {
    const app = fastify();
    const comments: Entry[] = [];
    const issues: Entry[] = [];
    const requests: string[] = [];
    const failures: number[] = [];
    const base = `/repos/${REPOSITORY}`;
    const page = (entries: Entry[], asked: unknown) => {
        const { per_page: size, page: number } = query.parse(asked);
        return entries.slice((number - 1) * size, number * size);
    };
    const add = (list: Entry[], body: unknown): Entry => {
        const { body: text = "", title, labels = [] } = changes.parse(body);
        const id = 1000 + list.length;
        const entry: Entry = {
            id,
            number: list.length + 1,
            body: text,
            state: "open",
            labels,
            user: { login: BOT },
        };
        if (title !== undefined) entry.title = title;
        list.push(entry);
        return entry;
    };
    const change = (entry: Entry | undefined, body: unknown, reply: FastifyReply) => {
        if (!entry) return reply.code(404).send({ message: "Not Found" });
        Object.assign(entry, changes.parse(body));
        return entry;
    };

    app.addHook("onRequest", async (request, reply) => {
        requests.push(`${request.method} ${request.url.replace(base, "")}`);
        const failure = failures.shift();
        if (failure !== undefined && failure !== 0)
            await reply.code(failure).send({
                message:
                    failure === 403 ? "Resource not accessible by integration" : "Server Error",
            });
        else if (request.headers.authorization !== `Bearer ${TOKEN}`)
            await reply.code(401).send({ message: "Bad credentials" });
    });
    app.addHook("preHandler", async (request, reply) => {
        const body = request.body as { body?: string } | undefined;
        if ((body?.body ?? "").length > LONGEST)
            await reply.code(422).send({
                message: "Validation Failed: body is too long (maximum is 65536 characters)",
            });
    });
    app.get(`${base}/issues/:number/comments`, (request) => page(comments, request.query));
    app.post(`${base}/issues/:number/comments`, (request, reply) =>
        reply.code(201).send(add(comments, request.body)),
    );
    app.patch(`${base}/issues/comments/:id`, (request, reply) =>
        change(
            comments.find(({ id }) => id === numberIn(request.params, "id")),
            request.body,
            reply,
        ),
    );
    app.delete(`${base}/issues/comments/:id`, (request, reply) => {
        const at = comments.findIndex(({ id }) => id === numberIn(request.params, "id"));
        if (at === -1) return reply.code(404).send({ message: "Not Found" });
        comments.splice(at, 1);
        return reply.code(204).send();
    });
    app.get(`${base}/issues`, (request) => {
        const { state, labels } = z
            .object({ state: z.string(), labels: z.string() })
            .parse(request.query);
        return page(
            issues.filter((issue) => issue.state === state && issue.labels.includes(labels)),
            request.query,
        );
    });
    app.post(`${base}/issues`, (request, reply) => reply.code(201).send(add(issues, request.body)));
    app.patch(`${base}/issues/:number`, (request, reply) =>
        change(
            issues.find(({ number }) => number === numberIn(request.params, "number")),
            request.body,
            reply,
        ),
    );

    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    return { url, comments, issues, requests, failures, stop: () => app.close() };
}

function numberIn(params: unknown, key: string): number {
    return Number((params as Readonly<Record<string, string>>)[key]);
}
