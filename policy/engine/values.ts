/** What a preview does not know yet. */
export const UNKNOWN = Symbol("unknown");

/** What is encrypted in the state, where it was asked to be hidden. */
export const HIDDEN = Symbol("hidden secret");

/** A property of a resource. */
export type Value =
    | null
    | boolean
    | number
    | string
    | typeof UNKNOWN
    | typeof HIDDEN
    | readonly Value[]
    | Properties;

/** Properties of a resource by name. */
export interface Properties {
    readonly [name: string]: Value;
}

/** Key and values of the envelopes in which the engine sends what plain JSON has no word for (Pulumi's `resource.SigKey`). */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** What the engine sends for a value that is not known yet, by its type (Pulumi's `plugin.Unknown…Value`). */
const UNKNOWN_TEXTS: ReadonlySet<string> = new Set([
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** How secrets are decoded: as what they are, or as {@link HIDDEN}. */
export type Secrecy = "reveal" | "hide";

/** Decodes what the engine sent. */
export function decode(sent: unknown, secrets: Secrecy): Value {
    if (typeof sent === "string") return UNKNOWN_TEXTS.has(sent) ? UNKNOWN : sent;
    if (sent === undefined || sent === null) return null;
    if (typeof sent === "number" || typeof sent === "boolean") return sent;
    if (Array.isArray(sent)) return sent.map((item) => decode(item, secrets));
    if (typeof sent !== "object") return null;
    const { [SIGNATURE_KEY]: signature, value } = sent as Record<string, unknown>;
    if (signature === SECRET_SIGNATURE) return secrets === "hide" ? HIDDEN : decode(value, secrets);
    return decodeProperties(sent, secrets);
}

/** Decodes the properties of a resource. */
export function decodeProperties(sent: object, secrets: Secrecy): Properties {
    return Object.fromEntries(
        Object.entries(sent).map(([name, value]) => [name, decode(value, secrets)]),
    );
}

/** Every text inside a secret, at any depth. */
export function secretTexts(sent: unknown, inSecret = false): string[] {
    if (typeof sent === "string") return inSecret && !UNKNOWN_TEXTS.has(sent) ? [sent] : [];
    if (typeof sent !== "object" || sent === null) return [];
    const secret =
        inSecret || (sent as Record<string, unknown>)[SIGNATURE_KEY] === SECRET_SIGNATURE;
    return Object.entries(sent).flatMap(([name, value]) =>
        name === SIGNATURE_KEY ? [] : secretTexts(value, secret),
    );
}

export function isProperties(value: Value | undefined): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The properties in it; none where it is something else or not known. */
export function properties(value: Value | undefined): Properties {
    return isProperties(value) ? value : {};
}

/** The items of a list; none where it is something else or not known. */
export function items(value: Value | undefined): readonly Value[] {
    return Array.isArray(value) ? (value as readonly Value[]) : [];
}

/** The texts of a list that are known. */
export function texts(value: Value | undefined): string[] {
    return items(value).filter((item) => typeof item === "string");
}

export function text(value: Value | undefined): string | undefined {
    return typeof value === "string" ? value : undefined;
}

/** Whether something is given that is not known yet, or hidden: it cannot be judged. */
export function isOpen(value: Value | undefined): boolean {
    return value === UNKNOWN || value === HIDDEN;
}

/** Calls for every text with the path to it (`values.images.api.tag`, `ports[0]`), at any depth. */
export function visitTexts(
    value: Value | undefined,
    visit: (text: string, path: string, name: string) => void,
    path = "",
    name = "",
): void {
    if (typeof value === "string") visit(value, path, name);
    else if (Array.isArray(value))
        (value as readonly Value[]).forEach((item, at) => {
            visitTexts(item, visit, `${path}[${at}]`, name);
        });
    else if (isProperties(value))
        for (const [key, inner] of Object.entries(value))
            visitTexts(inner, visit, path === "" ? key : `${path}.${key}`, key);
}
