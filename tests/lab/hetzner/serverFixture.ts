import assert from "node:assert/strict";
import { type CloudFixture, type Json, startCloud } from "./cloudFixture.ts";

/** What a server is made of where a test says nothing else. */
export const BASE = { server_type: "cx23", image: "ubuntu-24.04", location: "fsn1" };

/** A cloud of the suite's, and servers in it. */
export interface ServerFixture extends Pick<
    CloudFixture,
    "api" | "cloud" | "machines" | "context"
> {
    /** How many servers {@link create} has made; the last one is `server-<count>`. */
    readonly count: number;
    /** Makes a server, and waits until it runs. */
    readonly create: (body?: object) => Promise<Json>;
    /** Path of a server, or of an action on it. */
    readonly path: (server: Json, action?: string) => string;
    /** The server as the API has it now. */
    readonly read: (server: Json) => Promise<Json>;
}

/** What the API answers to input that it does not take. */
export function invalid(message: string) {
    return { status: 422, code: "invalid_input", message };
}

/** Registers hooks: one cloud for the suite. */
export function serverFixture(): ServerFixture {
    let cloud: CloudFixture;
    let count = 0;
    before(async () => {
        cloud = await startCloud();
    });
    after(() => cloud.release());
    const path = (server: Json, action?: string) =>
        `/servers/${Number(server.id)}${action === undefined ? "" : `/actions/${action}`}`;
    return {
        get api() {
            return cloud.api;
        },
        get cloud() {
            return cloud.cloud;
        },
        get machines() {
            return cloud.machines;
        },
        get context() {
            return cloud.context;
        },
        get count() {
            return count;
        },
        path,
        create: async (body = {}) => {
            const { server } = await cloud.api.done("POST", "/servers", {
                ...BASE,
                name: `server-${++count}`,
                ...body,
            });
            assert.ok(server);
            return server;
        },
        read: async (server) => {
            const { server: now } = await cloud.api.get(path(server));
            assert.ok(now);
            return now;
        },
    };
}
