import pRetry from "p-retry";
import { z } from "zod";

/** Where and as whom GitHub's API is asked. */
export interface GitHubAccess {
    /** @default `https://api.github.com` */
    readonly url?: string;
    /** `owner/name`. */
    readonly repository: string;
    /** The job's own token is enough. */
    readonly token: string;
}

/** GitHub did not do what it was asked for. */
export class GitHubError extends Error {
    readonly status: number;

    constructor(message: string, status: number) {
        super(message);
        this.name = "GitHubError";
        this.status = status;
    }
}

/** Entries per page, the most that GitHub gives. */
const PAGE = 100;

/** Milliseconds for one answer. */
const PATIENCE = 30_000;

const answerSchema = z.looseObject({ message: z.string() });

export interface GitHubOptions {
    /** Milliseconds before the first repetition; doubled for each further one. @default 1000 */
    readonly pause?: number;
}

/** The part of GitHub's REST API that comments and issues need (https://docs.github.com/rest, version 2022-11-28). */
export class GitHub {
    readonly #access: GitHubAccess;
    readonly #pause: number;

    constructor(access: GitHubAccess, { pause = 1000 }: GitHubOptions = {}) {
        this.#access = access;
        this.#pause = pause;
    }

    /** Every entry of a listing, over all its pages. */
    async list<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
        const found: T[] = [];
        const separator = path.includes("?") ? "&" : "?";
        for (let page = 1; ; page++) {
            const entries = z
                .array(schema)
                .parse(
                    await this.#request("GET", `${path}${separator}per_page=${PAGE}&page=${page}`),
                );
            found.push(...entries);
            if (entries.length < PAGE) return found;
        }
    }

    /** Creates something; repeated only where GitHub says that it did nothing, so that there are never two. */
    async create<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
        return schema.parse(await this.#request("POST", path, body));
    }

    async change(path: string, body: unknown): Promise<void> {
        await this.#request("PATCH", path, body);
    }

    async delete(path: string): Promise<void> {
        await this.#request("DELETE", path);
    }

    async #request(method: string, path: string, body?: unknown): Promise<unknown> {
        return await pRetry(() => this.#once(method, path, body), {
            retries: 4,
            minTimeout: this.#pause,
            shouldRetry: ({ error }) => isRepeatable(error, method),
        });
    }

    async #once(method: string, path: string, body: unknown): Promise<unknown> {
        const { url = "https://api.github.com", repository, token } = this.#access;
        const response = await fetch(`${url}/repos/${repository}${path}`, {
            method,
            headers: {
                accept: "application/vnd.github+json",
                authorization: `Bearer ${token}`,
                "x-github-api-version": "2022-11-28",
                ...(body === undefined ? {} : { "content-type": "application/json" }),
            },
            signal: AbortSignal.timeout(PATIENCE),
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        if (response.ok) return text === "" ? undefined : (JSON.parse(text) as unknown);
        throw new GitHubError(
            `${method} /repos/${repository}${path}: ${response.status} ${reason(text)}${remedy(response.status)}`,
            response.status,
        );
    }
}

function reason(text: string): string {
    try {
        return answerSchema.parse(JSON.parse(text)).message;
    } catch {
        return "without a reason";
    }
}

function remedy(status: number): string {
    return status === 403 || status === 404
        ? " (the job needs `pull-requests: write` for comments, `issues: write` for issues)"
        : "";
}

/** A lost answer to a POST may have been a success: it is repeated only where GitHub refused it. */
function isRepeatable(error: Error, method: string): boolean {
    if (!(error instanceof GitHubError)) return method !== "POST";
    return error.status === 429 || (error.status >= 500 && method !== "POST");
}
