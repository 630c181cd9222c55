import type * as pulumi from "@pulumi/pulumi";
import type { RequiredPrerequisite } from "../../provider/resources/prerequisite.ts";
import { gateOf } from "./prerequisites.ts";
import type { PrerequisiteGraph, PrerequisiteName } from "./prerequisites.ts";

/** Makes the gate behind a prerequisite, after its resources. */
export type MakeGate = (
    prerequisite: RequiredPrerequisite,
    after: readonly pulumi.Resource[],
) => pulumi.Resource;

/** What was made for a prerequisite. */
export interface Installed {
    /** What others wait for. */
    readonly resources: readonly pulumi.Resource[];
}

/**
 * Installs by a graph: a prerequisite gets its dependencies from the graph and from nowhere else, so that what the graph says and what
 * the engine waits for are one.
 */
export class Installation {
    readonly #graph: PrerequisiteGraph;
    readonly #makeGate: MakeGate;
    readonly #installed = new Map<string, readonly pulumi.Resource[]>();

    constructor(graph: PrerequisiteGraph, makeGate: MakeGate) {
        this.#graph = graph;
        this.#makeGate = makeGate;
    }

    /**
     * Makes the resources of a prerequisite after those that the graph names, and the gate behind it where it needs one: what depends on
     * it waits for the gate.
     *
     * @throws Error where the graph lacks it, it was installed before, or something that it depends on was not
     */
    install<T extends Installed>(
        name: PrerequisiteName,
        make: (after: readonly pulumi.Resource[]) => T,
    ): T {
        const node = this.#graph[name];
        if (node === undefined) throw new Error(`prerequisite ${name} is not in the graph`);
        if (this.#installed.has(name)) throw new Error(`prerequisite ${name} is installed twice`);
        const after = node.dependsOn.flatMap((dependency) => {
            const resources = this.#installed.get(dependency);
            if (resources === undefined)
                throw new Error(
                    `prerequisite ${name} depends on ${dependency}, which is not there`,
                );
            return resources;
        });
        const made = make(after);
        const required = gateOf(name, node);
        this.#installed.set(
            name,
            required ? [this.#makeGate(required, made.resources)] : made.resources,
        );
        return made;
    }

    /** @throws Error naming what the graph has and nobody installed */
    assertComplete(): void {
        const missing = Object.keys(this.#graph).filter((name) => !this.#installed.has(name));
        if (missing.length > 0)
            throw new Error(`prerequisites that nobody installs: ${missing.join(", ")}`);
    }
}
