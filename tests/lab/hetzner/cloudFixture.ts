import assert from "node:assert/strict";
import { labAddresses } from "../../../lab/addresses.ts";
import { LAB_CREDENTIALS } from "../../../lab/credentials.ts";
import { HetznerCloud } from "../../../lab/hetzner/hetznerCloud.ts";
import type { HetznerOptions } from "../../../lab/hetzner/options.ts";
import type { LabContext, Machine, MachineHost } from "../../../lab/parts.ts";
import { portOffset } from "../../../lab/portOffset.ts";
import { eventually } from "../../support/eventually.ts";
import { claimLabInstance } from "../../support/labInstance.ts";

/** An answer's JSON, whose properties tests reach into and assert on. */
export type Json = { readonly [key: string]: Json } & { toString(): string };

export interface Answer {
    readonly status: number;
    readonly headers: Headers;
    readonly body: Json;
}

/** A machine host that starts nothing and remembers what it was told, in order. */
export class RecordingMachines implements MachineHost {
    readonly calls: string[] = [];
    readonly machines = new Map<number, Machine>();
    /** Thrown by the next power on. */
    failure: Error | undefined;

    powerOn(machine: Machine): Promise<void> {
        this.calls.push(`powerOn ${machine.name}`);
        this.machines.set(machine.id, machine);
        const { failure } = this;
        this.failure = undefined;
        return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    }

    powerOff(id: number): Promise<void> {
        this.calls.push(`powerOff ${this.machines.get(id)?.name ?? id}`);
        return Promise.resolve();
    }

    remove(id: number): Promise<void> {
        this.calls.push(`remove ${this.machines.get(id)?.name ?? id}`);
        return Promise.resolve();
    }

    networksChanged(machine: Machine): Promise<void> {
        this.calls.push(`networksChanged ${machine.name}`);
        this.machines.set(machine.id, machine);
        return Promise.resolve();
    }
}

/** A client of the API that adds nothing and hides nothing. */
export class Client {
    readonly #base: string;
    readonly #token: string | undefined;

    constructor(base: string, token: string | undefined) {
        this.#base = base;
        this.#token = token;
    }

    async send(method: string, path: string, body?: unknown): Promise<Answer> {
        const response = await fetch(`${this.#base}${path}`, {
            method,
            headers: {
                connection: "close",
                ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
                ...(body === undefined ? {} : { "content-type": "application/json" }),
            },
            ...(body === undefined
                ? {}
                : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        });
        const text = await response.text();
        return {
            status: response.status,
            headers: response.headers,
            body: (text === "" ? {} : JSON.parse(text)) as Json,
        };
    }

    async get(path: string): Promise<Json> {
        const answer = await this.send("GET", path);
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        return answer.body;
    }

    /** Sends a request that must succeed, and waits for the actions that it began. */
    async done(method: string, path: string, body?: unknown): Promise<Json> {
        const answer = await this.send(method, path, body);
        assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
        for (const action of actionsIn(answer.body)) {
            const ended = await this.ended(action);
            assert.equal(ended.status, "success", JSON.stringify(ended));
        }
        return answer.body;
    }

    /** The action when it no longer runs. */
    async ended(action: unknown): Promise<{ status: string; error: unknown }> {
        const { id } = action as { id: number };
        return await eventually(`action ${id}`, async () => {
            const { action: now } = await this.get(`/actions/${id}`);
            const read = now as unknown as { status: string; error: unknown };
            assert.notEqual(read.status, "running");
            return read;
        });
    }

    /** Sends a request that must be refused. */
    async refused(
        method: string,
        path: string,
        body: unknown,
        expected: {
            readonly status: number;
            readonly code: string;
            readonly message: string;
            readonly fields?: unknown;
        },
    ): Promise<void> {
        const answer = await this.send(method, path, body);
        const { code, message, details } = answer.body.error as unknown as {
            code: string;
            message: string;
            details: { fields?: unknown } | null;
        };
        assert.deepEqual(
            {
                status: answer.status,
                code,
                message,
                ...(expected.fields === undefined ? {} : { fields: details?.fields }),
            },
            expected,
        );
    }
}

function actionsIn(body: Json): unknown[] {
    const {
        action,
        actions,
        next_actions: next,
    } = body as unknown as {
        action?: unknown;
        actions?: unknown[];
        next_actions?: unknown[];
    };
    return [action, ...(actions ?? []), ...(next ?? [])].filter(Boolean);
}

export interface CloudFixture {
    readonly cloud: HetznerCloud;
    readonly context: LabContext;
    readonly api: Client;
    readonly machines: RecordingMachines;
    /** PTR names as published; removed ones are absent. */
    readonly ptr: ReadonlyMap<string, string>;
    /** A cloud over the same state, after the first was stopped. */
    again(): HetznerCloud;
    clientOf(token: string | undefined): Client;
    release(): Promise<void>;
}

/** A cloud of a test's own, running, with actions that take two milliseconds. */
export async function startCloud(options: Partial<HetznerOptions> = {}): Promise<CloudFixture> {
    const claim = await claimLabInstance();
    const machines = new RecordingMachines();
    const ptr = new Map<string, string>();
    const context: LabContext = {
        addresses: labAddresses(claim.instance, await portOffset()),
        // The emulated cloud starts no program.
        binaries: {} as LabContext["binaries"],
        credentials: LAB_CREDENTIALS,
        directory: claim.directory,
        log: () => undefined,
    };
    const create = () =>
        new HetznerCloud(context, {
            machines,
            reverseDns: {
                set: (ip, name) => {
                    if (name === null) ptr.delete(ip);
                    else ptr.set(ip, name);
                    return Promise.resolve();
                },
            },
            actionLatencyMs: 2,
            healthCheckScale: 1 / 300,
            ...options,
        });
    const clouds: HetznerCloud[] = [];
    const again = () => {
        const cloud = create();
        clouds.push(cloud);
        return cloud;
    };
    const cloud = again();
    await cloud.start();
    const clientOf = (token: string | undefined) => new Client(cloud.endpoint, token);
    return {
        cloud,
        context,
        machines,
        ptr,
        again,
        clientOf,
        api: clientOf(LAB_CREDENTIALS.hcloudToken),
        release: async () => {
            for (const each of clouds) await each.stop();
            await claim.release();
        },
    };
}
