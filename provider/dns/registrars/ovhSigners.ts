import { z } from "zod";
import { dsMatches, dsOfKey, type ZoneKey } from "../lookup/delegationSigners.ts";
import { change, type RegistrarChange } from "./change.ts";
import { RegistrarRefused } from "./failures.ts";
import { bare, listed, sameSet } from "./names.ts";
import type { OvhApi } from "./ovhApi.ts";
import type { Signers } from "./registrar.ts";
import type { RegistrarTransport } from "./transport.ts";

const idsSchema = z.array(z.number());
const keySchema = z.object({
    algorithm: z.number(),
    flags: z.number(),
    publicKey: z.string(),
});

/**
 * DS records at OVHcloud: `GET` and `POST /domain/{serviceName}/dsRecord` take keys (`dnssec.Key`), of which OVHcloud makes the DS; a `POST`
 * replaces all of them (https://eu.api.ovh.com/console/).
 */
export class OvhSigners implements Signers {
    readonly #api: OvhApi;
    readonly #transport: RegistrarTransport;

    constructor(api: OvhApi, transport: RegistrarTransport) {
        this.#api = api;
        this.#transport = transport;
    }

    read(domain: string): Promise<string[]> {
        return this.#transport.persistently(() => this.#find(domain));
    }

    set(
        domain: string,
        wanted: readonly string[],
        keys: () => Promise<readonly ZoneKey[]>,
    ): Promise<void> {
        return change(this.#transport, this.#setting(domain, wanted, keys));
    }

    clear(domain: string): Promise<void> {
        return change(this.#transport, {
            ...this.#setting(domain, [], () => Promise.resolve([])),
            isExpected: (live) => live.length > 0,
        });
    }

    #setting(
        domain: string,
        wanted: readonly string[],
        keys: () => Promise<readonly ZoneKey[]>,
    ): RegistrarChange<string[]> {
        const action = `set the DS records of ${domain}`;
        return {
            action,
            read: () => this.#find(domain),
            isDone: (live) => sameSet(live, wanted),
            write: async () => {
                const served = wanted.length === 0 ? [] : await keys();
                await this.#api.task(bare(domain), {
                    method: "POST",
                    path: pathOf(domain),
                    body: { keys: wanted.map((ds) => this.#keyOf(ds, domain, served, action)) },
                    action,
                });
            },
            show: listed,
            wanted: listed(wanted),
        };
    }

    #keyOf(ds: string, domain: string, served: readonly ZoneKey[], action: string) {
        const key = served.find((candidate) => dsMatches(ds, domain, [candidate]));
        if (key === undefined)
            throw new RegistrarRefused(
                this.#transport.registrar,
                action,
                "key",
                `it takes keys instead of DS records, and no name server of ${domain} serves the key of DS ${ds}`,
            );
        const { algorithm, flags } = key;
        const tag = Number(ds.split(" ")[0]);
        return { algorithm, flags, publicKey: key.key.toString("base64"), tag };
    }

    async #find(domain: string): Promise<string[]> {
        const action = `read the DS records of ${domain}`;
        const path = pathOf(domain);
        const ids = idsSchema.parse(await this.#api.call({ method: "GET", path, action }));
        const records: string[] = [];
        for (const id of ids) {
            const found = await this.#api.optional(`${path}/${id}`, action);
            const key = keySchema.optional().parse(found);
            if (key !== undefined) {
                const { algorithm, flags, publicKey } = key;
                const data = Buffer.from(publicKey, "base64");
                records.push(dsOfKey({ algorithm, flags, key: data }, domain));
            }
        }
        return records;
    }
}

function pathOf(domain: string): string {
    return `/domain/${encodeURIComponent(bare(domain))}/dsRecord`;
}
