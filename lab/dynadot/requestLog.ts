import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** A request as the log keeps it. No key, secret or signature is ever in it. */
export interface LoggedRequest {
    /** Counts from 1 since the start. */
    readonly index: number;
    /** Milliseconds since 1970, by the emulator's clock. */
    readonly at: number;
    readonly api: "api3.json" | "api3.xml" | "rest";
    /** Command of API3 by which the operation is known in both APIs. */
    readonly operation: string;
    readonly method: string;
    /** Path and query; `key` and `secret` are `***`. */
    readonly url: string;
    readonly body?: string;
    /** HTTP status; absent if no reply was sent. */
    readonly status?: number;
    /** What the API said was wrong. */
    readonly refused?: string;
    /** The fault that hit it. */
    readonly fault?: string;
    /** Whether it replaced all records of a domain. */
    readonly replacedAll?: boolean;
}

/** Longest body, in characters, and number of requests that are kept in memory. */
const BODY_LIMIT = 10_000;
const REQUEST_LIMIT = 5_000;

/** Size of the file in octets at which it is put aside as `<file>.1` and a new one begun. */
const FILE_LIMIT = 8 * 1024 * 1024;

/** Replaces the values of `key` and `secret` in a URL's query. */
export function redactUrl(url: string): string {
    return url.replace(/([?&](?:key|secret)=)[^&#]*/gi, "$1***");
}

/** The latest requests, in memory and in a file of JSON lines; both are bounded. */
export class RequestLog {
    /** JSON lines. */
    readonly file: string;
    #requests: LoggedRequest[] = [];
    #count = 0;
    readonly #fileLimit: number;
    #size: number;

    /** @param fileLimit - octets; the file and the one put aside are hardly longer */
    constructor(file: string, fileLimit = FILE_LIMIT) {
        this.file = file;
        this.#fileLimit = fileLimit;
        this.#size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    }

    add(request: Omit<LoggedRequest, "index">): void {
        const entry: LoggedRequest = {
            index: ++this.#count,
            ...request,
            url: redactUrl(request.url),
            ...(request.body === undefined ? {} : { body: request.body.slice(0, BODY_LIMIT) }),
        };
        this.#requests = [...this.#requests.slice(1 - REQUEST_LIMIT), entry];
        this.#write(`${JSON.stringify(entry)}\n`);
    }

    get requests(): readonly LoggedRequest[] {
        return this.#requests;
    }

    clear(): void {
        this.#requests = [];
    }

    #write(line: string): void {
        mkdirSync(dirname(this.file), { recursive: true });
        if (this.#size >= this.#fileLimit) {
            renameSync(this.file, `${this.file}.1`);
            this.#size = 0;
        }
        appendFileSync(this.file, line);
        this.#size += Buffer.byteLength(line);
    }
}
