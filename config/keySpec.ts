import type { z } from "zod";

/** How Pulumi keeps a value: the `type` of its declaration in `Pulumi.yaml`. */
export type KeyKind = "string" | "integer" | "boolean" | "array" | "object";

/** One configuration key: how it is kept, what it may be, and how to set it. */
export interface KeySpec<S extends z.ZodType = z.ZodType> {
    readonly kind: KeyKind;
    /** Checks the decoded value; carries the default. Its messages say what is expected. */
    readonly schema: S;
    /** What is expected of the key as a whole, as the end of a sentence. */
    readonly expected: string;
    /** A valid value, for the command that mends a wrong one. */
    readonly example: unknown;
    /** Whether errors keep the value to themselves, since people may put a secret into it. @default false */
    readonly confidential?: boolean;
}

/** The keys of one concern. */
export type KeySpecs = Readonly<Record<string, KeySpec>>;

/** What the keys of `T` hold once they are checked. */
export type Checked<T extends KeySpecs> = { readonly [K in keyof T]: z.output<T[K]["schema"]> };

/** Declares a key. `schema` gets `expected` as the message of its own type check. */
export function key<S extends z.ZodType>(
    kind: KeyKind,
    expected: string,
    example: unknown,
    schema: (expected: string) => S,
): KeySpec<S> {
    return { kind, expected, example, schema: schema(expected) };
}
