import { z } from "zod";
import { RegistrarRefused, RegistrarUnavailable } from "./failures.ts";
import { ovhSignature, type OvhCredentials } from "./ovhSignature.ts";
import type { RegistrarRequest, RegistrarTransport } from "./transport.ts";

export interface OvhAccess extends OvhCredentials {
    /** Base URL including `/1.0`; each region has its own, for example `https://eu.api.ovh.com/1.0`. */
    readonly url: string;
}

export interface OvhCall {
    readonly method: RegistrarRequest["method"];
    /** Below the base URL. */
    readonly path: string;
    readonly body?: unknown;
    readonly action: string;
}

const errorSchema = z.object({
    message: z.string().default("no reason given"),
    errorCode: z.string().optional(),
    class: z.string().optional(),
});
const taskSchema = z.object({
    id: z.number(),
    status: z.string(),
    comment: z.string().nullish(),
});

/** Milliseconds between looks at a task, and how many looks: ten minutes at most. */
const TASK_PAUSE = 2000;
const TASK_LOOKS = 300;

/**
 * OVHcloud's API: requests signed with the time of its own clock, which `GET /auth/time` tells
 * (https://help.ovhcloud.com/csm/en-api-getting-started-ovhcloud-api), and tasks that are carried out later
 * (`domain.Task`: `todo`, `doing`, `done`, `error`, `cancelled`; https://eu.api.ovh.com/console/).
 */
export class OvhApi {
    readonly #access: OvhAccess;
    readonly #transport: RegistrarTransport;
    /** Seconds by which the service's clock is ahead of ours. */
    #ahead: number | undefined;

    constructor(access: OvhAccess, transport: RegistrarTransport) {
        this.#access = access;
        this.#transport = transport;
    }

    /** Sends a request once. Resolves to the answer's content; undefined where it is empty. */
    async call({ method, path, body, action }: OvhCall): Promise<unknown> {
        const { applicationKey, consumerKey } = this.#access;
        const url = this.#url(path);
        const text = body === undefined ? "" : JSON.stringify(body);
        const timestamp = this.#now() + (await this.#clockAhead());
        const answer = await this.#transport.send({
            method,
            url,
            headers: {
                Accept: "application/json",
                "X-Ovh-Application": applicationKey,
                "X-Ovh-Consumer": consumerKey,
                "X-Ovh-Timestamp": String(timestamp),
                "X-Ovh-Signature": ovhSignature(this.#access, {
                    method,
                    url,
                    body: text,
                    timestamp,
                }),
                ...(text === "" ? {} : { "Content-Type": "application/json" }),
            },
            ...(text === "" ? {} : { body: text }),
            action,
        });
        const content = this.#transport.json(action, answer);
        if (answer.status < 300) return content ?? undefined;
        const read = errorSchema.safeParse(content);
        if (!read.success) throw this.#transport.unreadable(action, answer.status, "error");
        const { message, errorCode, class: kind } = read.data;
        // What it said of its time was wrong, or is no longer right.
        if (errorCode === "QUERY_TIME_OUT") {
            this.#ahead = undefined;
            throw new RegistrarUnavailable(this.#transport.registrar, action, message, {
                outcome: "not done",
            });
        }
        throw this.#transport.failure(action, answer, errorCode ?? kind ?? answer.status, message);
    }

    /** Reads once; undefined where the service says that there is no such thing. */
    async optional(path: string, action: string): Promise<unknown> {
        try {
            return await this.call({ method: "GET", path, action });
        } catch (error) {
            if (error instanceof RegistrarRefused && isAbsent(error)) return undefined;
            throw error;
        }
    }

    /** Sends a request that becomes a task on the domain, and waits until it is done. */
    async task(domain: string, call: OvhCall): Promise<void> {
        const { action } = call;
        const path = `/domain/${encodeURIComponent(domain)}/task`;
        let task = taskSchema.parse(await this.call(call));
        for (let look = 0; task.status === "todo" || task.status === "doing"; look++) {
            if (look === TASK_LOOKS)
                throw new RegistrarUnavailable(
                    this.#transport.registrar,
                    action,
                    `its task ${task.id} is still ${task.status}`,
                    { outcome: "unknown" },
                );
            await this.#transport.rest(TASK_PAUSE);
            const next = { method: "GET", path: `${path}/${task.id}`, action } as const;
            task = taskSchema.parse(await this.#transport.persistently(() => this.call(next)));
        }
        if (task.status === "done") return;
        const reason = `its task ${task.id} ended with ${task.status}: ${task.comment ?? "no reason given"}`;
        throw new RegistrarRefused(this.#transport.registrar, action, task.status, reason);
    }

    async #clockAhead(): Promise<number> {
        if (this.#ahead !== undefined) return this.#ahead;
        const action = "tell its time";
        const request = { method: "GET", url: this.#url("/auth/time"), action } as const;
        const answer = await this.#transport.send(request);
        const time = z.number().safeParse(this.#transport.json(action, answer));
        if (!time.success) throw this.#transport.unreadable(action, answer.status, "time");
        this.#ahead = time.data - this.#now();
        return this.#ahead;
    }

    #now(): number {
        return Math.floor(this.#transport.now() / 1000);
    }

    #url(path: string): string {
        return this.#access.url.replace(/\/+$/, "") + path;
    }
}

function isAbsent({ code }: RegistrarRefused): boolean {
    return code === 404 || code === "Client::NotFound" || code === "NOT_FOUND";
}
