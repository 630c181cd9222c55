import { structProto, type JavaScriptValue, type Struct } from "./protocol.ts";

/** Type of {@link UNKNOWN}, told apart from every other object by its private field. */
export class Unknown {
    readonly #brand = "unknown";

    toString(): string {
        return `<${this.#brand}>`;
    }
}

/** Stands for every value that a preview cannot know yet. Nothing but a preview ever carries it. */
export const UNKNOWN = new Unknown();

/** `T` as a preview sees it: any part of it, at any depth, may be {@link UNKNOWN}. */
export type MaybeUnknown<T> =
    | Unknown
    | (T extends readonly (infer E)[]
          ? readonly MaybeUnknown<E>[]
          : T extends object
            ? { [K in keyof T]: MaybeUnknown<T[K]> }
            : T);

/** Properties of a resource by name, the top level always known. */
export type PreviewProps<T> = { [K in keyof T]: MaybeUnknown<T[K]> };

/** Whether `value` itself is unknown. */
export function isUnknown(value: unknown): value is Unknown {
    return value === UNKNOWN;
}

/** Whether `value` or anything inside it is unknown. */
export function containsUnknown(value: unknown): boolean {
    if (isUnknown(value)) return true;
    if (Array.isArray(value)) return value.some(containsUnknown);
    return typeof value === "object" && value !== null
        ? Object.values(value).some(containsUnknown)
        : false;
}

/** `value` as its known type, or undefined when any part of it is unknown. */
export function known<T>(value: MaybeUnknown<T>): T | undefined {
    return containsUnknown(value) ? undefined : (value as T);
}

/** Key and signatures by which the engine marks special objects (Pulumi's wire format, `sdk/nodejs/runtime/rpc.ts`). */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** What stands for an unknown on the wire, by expected type; the first is what we send (`sdk/go/common/resource/plugin/rpc.go`). */
const UNKNOWN_ON_WIRE: readonly string[] = [
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/** Properties as they came from the engine, without its envelopes. */
export interface DecodedProps {
    readonly props: Record<string, unknown>;
    /** Top-level properties that are secret or contain a secret. */
    readonly secretKeys: ReadonlySet<string>;
    /** Every string inside a secret, for redaction. */
    readonly secretStrings: readonly string[];
}

/** Reads a message of the engine. Nulls are dropped: the protocol has no other way to say "absent". */
export function decodeProps(message: Struct | undefined): DecodedProps {
    const secretKeys = new Set<string>();
    const secretStrings: string[] = [];
    const props: Record<string, unknown> = {};
    const fields: Readonly<Record<string, JavaScriptValue>> = message?.toJavaScript() ?? {};
    for (const [key, raw] of Object.entries(fields)) {
        const value = decodeValue(raw, false, {
            secret: () => secretKeys.add(key),
            secretString: (text) => secretStrings.push(text),
        });
        if (value !== undefined) props[key] = value;
    }
    return { props, secretKeys, secretStrings };
}

interface SecretSink {
    secret(): void;
    secretString(text: string): void;
}

function decodeValue(raw: JavaScriptValue, secret: boolean, sink: SecretSink): unknown {
    if (raw === null) return undefined;
    if (typeof raw === "string") {
        if (UNKNOWN_ON_WIRE.includes(raw)) return UNKNOWN;
        if (secret) sink.secretString(raw);
        return raw;
    }
    if (Array.isArray(raw))
        return raw.map((element: JavaScriptValue) => decodeValue(element, secret, sink));
    if (typeof raw !== "object") return raw;
    const fields = raw as Readonly<Record<string, JavaScriptValue>>;
    const signature = fields[SIGNATURE_KEY];
    if (signature === SECRET_SIGNATURE) {
        sink.secret();
        return decodeValue(fields.value ?? null, true, sink);
    }
    if (signature === OUTPUT_SIGNATURE) {
        const isSecret = fields.secret === true;
        if (isSecret) sink.secret();
        return "value" in fields
            ? decodeValue(fields.value ?? null, secret || isSecret, sink)
            : UNKNOWN;
    }
    return Object.fromEntries(
        Object.entries(fields).flatMap(([key, element]) => {
            const value = decodeValue(element, secret, sink);
            return value === undefined ? [] : [[key, value]];
        }),
    );
}

/** Makes a message for the engine; the properties in `secretKeys` are wrapped as secrets. */
export function encodeProps(
    props: Readonly<Record<string, unknown>>,
    secretKeys: ReadonlySet<string>,
): Struct {
    const encoded: Record<string, JavaScriptValue> = {};
    for (const [key, value] of Object.entries(props)) {
        if (value === undefined) continue;
        const plain = encodeValue(value);
        encoded[key] = secretKeys.has(key)
            ? { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: plain }
            : plain;
    }
    return structProto.Struct.fromJavaScript(encoded);
}

function encodeValue(value: unknown): JavaScriptValue {
    if (isUnknown(value)) return UNKNOWN_ON_WIRE[0] ?? "";
    if (value === null || value === undefined) return null;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
        return value;
    if (Array.isArray(value)) return value.map(encodeValue);
    if (typeof value === "object")
        return Object.fromEntries(
            Object.entries(value).flatMap(([key, element]) =>
                element === undefined ? [] : [[key, encodeValue(element)]],
            ),
        );
    throw new TypeError(`a property of type ${typeof value} cannot be sent to the engine`);
}
