import { z } from "zod";

import { defineResource, type CallContext } from "../framework/resource.ts";
import { classify, connect } from "./kubernetesApi.ts";
import { poll, within } from "./poll.ts";
import { hindrances } from "./prerequisite.ts";
import { toleratingRefusals } from "./refusals.ts";

/** Seconds beyond a prerequisite's own for an API that cannot be reached for a while. */
const API_PATIENCE = 600;

const requirement = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("default-storage-class") }),
    z.object({
        kind: z.literal("object"),
        apiVersion: z.string().min(1),
        plural: z.string().min(1),
        namespace: z.string().min(1).optional(),
        name: z.string().min(1),
        condition: z.string().min(1).optional(),
        listeners: z.boolean().default(false),
    }),
]);

const inputs = z.object({
    kubeconfig: z.string().min(1).describe("Admin kubeconfig."),
    name: z.string().min(1).describe("Name of the prerequisite."),
    requires: z.array(requirement).min(1).describe("What has to be in the cluster."),
    remedy: z.string().min(1).describe("What to do where it is missing."),
    patienceSeconds: z
        .number()
        .int()
        .min(1)
        .describe("Seconds after which it will not come by itself any more."),
});

const outputs = z.object({});

/** The gate behind a prerequisite. */
export const prerequisiteReady = defineResource({
    token: "sovereign:cluster:PrerequisiteReady",
    description:
        "Waits until a prerequisite is there and works; names what is missing, with its remedy.",
    inputs,
    outputs,
    secretInputs: ["kubeconfig"],

    async create(given, context) {
        await waitFor(given, context);
        return { id: given.name, outputs: {} };
    },

    read(_id, before) {
        if (before === undefined)
            throw new Error("PrerequisiteReady cannot be imported: it only waits");
        return Promise.resolve({ inputs: before.inputs, outputs: {} });
    },

    async update(_id, _before, after, context) {
        await waitFor(after, context);
        return {};
    },

    delete() {
        return Promise.resolve();
    },
});

async function waitFor(given: z.output<typeof inputs>, context: CallContext): Promise<void> {
    const api = connect(given.kubeconfig, context.signal);
    let firstLook: number | undefined;
    await poll(
        `prerequisite ${given.name}`,
        toleratingRefusals(async () => {
            let found: readonly string[];
            try {
                found = await hindrances(api, given.requires);
            } catch (error) {
                throw classify(error, api.server);
            }
            if (found.length === 0) return { value: true };
            firstLook ??= Date.now();
            const missing = found.join("; ");
            if (Date.now() - firstLook >= given.patienceSeconds * 1000)
                throw new Error(
                    `prerequisite ${given.name} is missing: ${missing}\n  what to do: ${given.remedy}`,
                );
            return { missing };
        }),
        within(context, context.timeoutSeconds ?? given.patienceSeconds + API_PATIENCE),
    );
}
