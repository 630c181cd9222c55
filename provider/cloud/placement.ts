import { z } from "zod";

import type { ProviderConfiguration } from "../framework/configuration.ts";
import { diffProps } from "../framework/diff.ts";
import { defineResource, type CallContext } from "../framework/resource.ts";
import { known } from "../framework/values.ts";
import { choose, type Candidates, type Choice, stillAllowed } from "./chooser.ts";
import { readCatalogue } from "./hetznerCatalogue.ts";
import type { HetznerAccess } from "./hetznerRequest.ts";

const candidateList = z.array(z.string().min(1));

const inputs = z.object({
    locations: candidateList.min(1).describe("Hetzner locations, the first that fits wins."),
    controlPlaneTypes: candidateList.min(1).describe("Server types for control planes, in order."),
    workerTypes: candidateList.describe("Server types for workers, in order; empty without any."),
});

const outputs = z.object({
    location: z.string().describe("The location chosen."),
    networkZone: z.string().describe("Network zone of the location."),
    controlPlaneType: z.string().describe("Server type of control planes."),
    workerType: z.string().describe("Server type of workers; empty where there are none."),
    architecture: z.enum(["x86", "arm"]).describe("Architecture of the control plane type."),
});

/** Chooses location and server types once, by what can be ordered, and keeps the choice while it is a candidate. */
export const placement = defineResource({
    token: "sovereign:cloud:Placement",
    description:
        "Chooses location and server types by availability when it is created and keeps its choice while it stays a candidate.",
    inputs,
    outputs,

    diff(_id, before, after) {
        return { changes: diffProps(before.inputs, after) };
    },

    async previewCreate(given, context) {
        const candidates = known<Candidates>(given);
        const access = previewAccess(context);
        return candidates && access
            ? choose(candidates, await readCatalogue(access, context.signal))
            : undefined;
    },

    async create(given, context) {
        const choice = choose(given, await readCatalogue(access(context.config), context.signal));
        context.log.info(describe(choice));
        return { id: "placement", outputs: choice };
    },

    read(_id, before) {
        if (before === undefined)
            throw new Error(
                "a placement cannot be imported: to keep servers where they are, name only their location and types as candidates",
            );
        return Promise.resolve({ inputs: before.inputs, outputs: choiceOf(before.state) });
    },

    async previewUpdate(_id, before, after, context) {
        const candidates = known<Candidates>(after);
        if (candidates === undefined) return undefined;
        const choice = choiceOf(before.state);
        if (stillAllowed(choice, candidates)) return choice;
        const access = previewAccess(context);
        return access ? choose(candidates, await readCatalogue(access, context.signal)) : undefined;
    },

    async update(_id, before, after, context) {
        const choice = choiceOf(before.state);
        if (stillAllowed(choice, after)) return choice;
        const next = choose(after, await readCatalogue(access(context.config), context.signal));
        context.log.info(describe(next));
        return next;
    },

    delete() {
        return Promise.resolve();
    },
});

function choiceOf(state: Choice): Choice {
    const { location, networkZone, controlPlaneType, workerType, architecture } = state;
    return { location, networkZone, controlPlaneType, workerType, architecture };
}

function describe(choice: Choice): string {
    const workers = choice.workerType === "" ? "" : `, workers ${choice.workerType}`;
    return `placed in ${choice.location}: control planes ${choice.controlPlaneType}${workers}`;
}

function access(config: ProviderConfiguration): HetznerAccess {
    return {
        endpoint: config.required("hcloudEndpoint", "to choose a placement").replace(/\/+$/, ""),
        token: config.required("hcloudToken", "to choose a placement"),
    };
}

/** Access for a preview, which may run without credentials or before they are known: then nothing is foretold. */
function previewAccess(context: CallContext): HetznerAccess | undefined {
    return context.config.optional("hcloudToken") === undefined
        ? undefined
        : access(context.config);
}
