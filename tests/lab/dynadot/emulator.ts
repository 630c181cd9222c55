import type { RegistryDelegation } from "../../../lab/parts.ts";
import { Dynadot } from "../../../lab/dynadot/dynadot.ts";
import type { DynadotOptions } from "../../../lab/dynadot/dynadot.ts";
import { restSignature } from "../../../lab/dynadot/restSignature.ts";
import { labAddresses } from "../../../lab/addresses.ts";
import { LAB_CREDENTIALS } from "../../../lab/credentials.ts";
import type { LabBinaries } from "../../../lab/parts.ts";
import { claimLabInstance } from "../../support/labInstance.ts";

/** A running emulator, how to speak to it, and what it told the registry. */
export interface Emulator {
    readonly dynadot: Dynadot;
    readonly url: string;
    /** Every delegation published, in order. */
    readonly published: RegistryDelegation[];
    /** Makes the registry refuse the next publication with this message. */
    failRegistry(message: string): void;
    /** A command of API3, as JSON. */
    api3(command: string, parameters?: Record<string, string>): Promise<unknown>;
    /** A signed request of the RESTful API. */
    rest(method: string, path: string, body?: unknown): Promise<RestAnswer>;
    /** Stops it and starts another one on the same files. */
    restart(): Promise<void>;
    release(): Promise<void>;
}

export interface RestAnswer {
    readonly status: number;
    readonly body: unknown;
}

/** Starts an emulator without waiting times, unless `options` say otherwise. */
export async function startEmulator(
    options: Partial<Omit<DynadotOptions, "registry">> = {},
): Promise<Emulator> {
    const claim = await claimLabInstance();
    const addresses = labAddresses(claim.instance);
    const published: RegistryDelegation[] = [];
    let failure: string | undefined;
    const registry = {
        publish: (delegation: RegistryDelegation): Promise<void> => {
            const message = failure;
            failure = undefined;
            if (message !== undefined) return Promise.reject(new Error(message));
            published.push(delegation);
            return Promise.resolve();
        },
    };
    const make = () =>
        new Dynadot(
            {
                addresses,
                // It starts no program, so it needs none.
                binaries: {} as LabBinaries,
                credentials: LAB_CREDENTIALS,
                directory: claim.directory,
                log: () => undefined,
            },
            { latency: 0, ...options, registry },
        );
    let dynadot = make();
    await dynadot.start();
    const url = `http://${addresses.dynadot.host}:${addresses.dynadot.port}`;
    return {
        get dynadot() {
            return dynadot;
        },
        url,
        published,
        failRegistry: (message) => {
            failure = message;
        },
        api3: async (command, parameters = {}) => {
            const query = new URLSearchParams({
                key: LAB_CREDENTIALS.dynadotApiKey,
                command,
                ...parameters,
            });
            const response = await fetch(`${url}/api3.json?${query.toString()}`);
            return response.json();
        },
        rest: async (method, path, body) => {
            const pathAndQuery = `/restful/v2${path}`;
            const bytes = body === undefined ? "" : JSON.stringify(body);
            const key = LAB_CREDENTIALS.dynadotApiKey;
            const signature = restSignature(LAB_CREDENTIALS.dynadotApiSecret, {
                key,
                pathAndQuery,
                requestId: "",
                body: Buffer.from(bytes),
            });
            const response = await fetch(url + pathAndQuery, {
                method,
                headers: {
                    Authorization: `Bearer ${key}`,
                    "Content-Type": "application/json",
                    "X-Signature": signature,
                },
                ...(bytes === "" ? {} : { body: bytes }),
            });
            return { status: response.status, body: await response.json() };
        },
        restart: async () => {
            await dynadot.stop();
            dynadot = make();
            await dynadot.start();
        },
        release: async () => {
            await dynadot.stop();
            await claim.release();
        },
    };
}
