import { decodeProperties, secretTexts } from "./values.ts";
import type { Properties } from "./values.ts";

/** A resource as a rule judges it. */
export interface Resource {
    readonly urn: string;
    /** Type token. */
    readonly type: string;
    /** Logical name. */
    readonly name: string;
    /** Inputs where one resource is judged, outputs where the stack is; secrets in plain. */
    readonly props: Properties;
    /** What the program asked for; known where a provider that is not there yet leaves every output open. Secrets in plain. */
    readonly inputs: Properties;
    /** The same, with secrets hidden: what the state holds in the clear. */
    readonly clear: Properties;
    /** Every text in its secrets. */
    readonly secrets: readonly string[];
    /** Whether Pulumi refuses to delete it. */
    readonly protect: boolean;
}

/** What the engine sent of a resource. */
export interface SentResource {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    readonly properties: object;
    readonly protect: boolean;
}

/**
 * A resource of what the engine sent.
 *
 * @param inputs - where `sent` has outputs
 */
export function resourceOf(sent: SentResource, inputs?: Properties): Resource {
    const { urn, type, name, properties, protect } = sent;
    const props = decodeProperties(properties, "reveal");
    return {
        urn,
        type,
        name,
        props,
        inputs: inputs ?? props,
        clear: decodeProperties(properties, "hide"),
        secrets: secretTexts(properties),
        protect,
    };
}

/** Type of the resource that stands for the stack; its properties are the stack's outputs. */
export const STACK = "pulumi:pulumi:Stack";

/** Resources of some types. */
export function ofType(resources: readonly Resource[], ...types: readonly string[]): Resource[] {
    return resources.filter(({ type }) => types.includes(type));
}

/** Types that lie above a resource, from the stack down, without its own. */
export function ancestry(urn: string): readonly string[] {
    return (urn.split("::")[2] ?? "").split("$").slice(0, -1);
}
