import { z } from "zod";
import { hetznerRequest } from "../../provider/cloud/hetznerRequest.ts";
import type { HetznerAccess } from "../../provider/cloud/hetznerRequest.ts";
import pRetry from "p-retry";
import type { HetznerThing } from "./hetznerInventory.ts";

/** Collections with a delete protection, and what else that action takes off (`change_protection`). */
const PROTECTED: Readonly<Partial<Record<string, object>>> = {
    servers: { delete: false, rebuild: false },
    load_balancers: { delete: false },
    networks: { delete: false },
    volumes: { delete: false },
    primary_ips: { delete: false },
    floating_ips: { delete: false },
};

/** Errors that pass: something that was deleted before still holds on to it for seconds. */
const PASSING = ["locked", "conflict", "resource_in_use", "protected"];

/** What `GET` answers: the thing under its kind's name. */
const answerSchema = z.record(
    z.string(),
    z.looseObject({ protection: z.looseObject({ delete: z.boolean() }) }),
);

/**
 * Takes the delete protection off a thing, and waits until it is off. One that is gone has none.
 *
 * @throws Error with what Hetzner said
 */
export async function unprotect(
    access: HetznerAccess,
    { collection, id, name }: Omit<HetznerThing, "type">,
    signal: AbortSignal,
): Promise<void> {
    const path = `${collection}/${id}`;
    const body = PROTECTED[collection];
    if (body === undefined) return;
    const passing = ["locked", "conflict"];
    const action = `${path}/actions/change_protection`;
    await hetznerRequest(access, "POST", action, { signal, body, passing, retries: 12 });
    await pRetry(
        async () => {
            const answer = await hetznerRequest(access, "GET", path, { signal });
            if (answer.status === 404) return;
            const [thing] = Object.values(answerSchema.parse(answer.body));
            if (thing?.protection.delete !== false)
                throw new Error(`Hetzner still protects ${collection} ${name} (${id})`);
        },
        { retries: 12, minTimeout: 250, maxTimeout: 5_000, signal },
    );
}

/**
 * Deletes a thing, its protection included, and waits until it is gone.
 *
 * @throws Error with what Hetzner said
 */
export async function deleteThing(
    access: HetznerAccess,
    thing: HetznerThing,
    signal: AbortSignal,
): Promise<void> {
    const { collection, id, name } = thing;
    const path = `${collection}/${id}`;
    await unprotect(access, thing, signal);
    await hetznerRequest(access, "DELETE", path, { signal, passing: PASSING, retries: 12 });
    await pRetry(
        async () => {
            const { status } = await hetznerRequest(access, "GET", path, { signal });
            if (status !== 404) throw new Error(`Hetzner still has ${collection} ${name} (${id})`);
        },
        { retries: 12, minTimeout: 250, maxTimeout: 5_000, signal },
    );
}
