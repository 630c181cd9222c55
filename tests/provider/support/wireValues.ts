import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";

/** Properties as the engine sends them; secrets and unknowns are made by {@link secret} and {@link unknown}. */
export type Props = Readonly<Record<string, unknown>>;

const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** What the engine sends for a string that is not known yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** `value` in the engine's secret envelope. */
export function secret(value: unknown): unknown {
    return { [SIGNATURE_KEY]: SECRET, value };
}

/** Whether `value` came in the secret envelope. */
export function isSecret(value: unknown): boolean {
    return (
        typeof value === "object" &&
        value !== null &&
        (value as Record<string, unknown>)[SIGNATURE_KEY] === SECRET
    );
}

export function toStruct(props: Props): Struct {
    const defined = Object.fromEntries(Object.entries(props).filter(([, v]) => v !== undefined));
    return structProto.Struct.fromJavaScript(defined as Record<string, JavaScriptValue>);
}

export function fromStruct(struct: Struct | undefined): Props {
    return struct?.toJavaScript() ?? {};
}
