/** A program of a table: it declares what the plan says, and nothing of it exists but in the echo (`echoProvider.ts`). */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { Cell, DeclaredResource, PolicyPlan } from "./plan.ts";
import { PLAN_FILE } from "./plan.ts";

class Declared extends pulumi.CustomResource {
    constructor(
        name: string,
        { type, props, protect, replacementTrigger }: DeclaredResource,
        parent: pulumi.Resource | undefined,
    ) {
        const inputs = Object.fromEntries(
            Object.entries(props).map(([key, value]) => [key, inputOf(value)]),
        );
        super(type, name, inputs, {
            ...(parent && { parent }),
            ...(protect !== undefined && { protect }),
            ...(replacementTrigger !== undefined && { replacementTrigger }),
        });
    }
}

class Group extends pulumi.ComponentResource {}

const plan = JSON.parse(readFileSync(process.env[PLAN_FILE] ?? "", "utf8")) as PolicyPlan;
const later = new Declared("later", { type: "hcloud:index/sshKey:SshKey", props: {} }, undefined);

/** Secrets, and what is known only once `later` is made. */
function inputOf(cell: Cell): unknown {
    if (Array.isArray(cell)) return (cell as readonly Cell[]).map(inputOf);
    if (typeof cell !== "object" || cell === null) return cell;
    const entries = cell as Readonly<Record<string, Cell>>;
    if (entries.$secret !== undefined) return pulumi.secret<unknown>(entries.$secret);
    if (entries.$later !== undefined) return later.id.apply((): unknown => entries.$later);
    return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, inputOf(value)]));
}

const groups = new Map<string, Group>();
for (const [name, resource] of Object.entries(plan.resources)) {
    const { within } = resource;
    if (within !== undefined && !groups.has(within))
        groups.set(within, new Group(within, within.split(":").at(-1) ?? "group"));
    new Declared(name, resource, within === undefined ? undefined : groups.get(within));
}

export default inputOf(plan.outputs);
