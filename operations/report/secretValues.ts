import { Redaction } from "../../provider/framework/redaction.ts";

/** The envelopes that the engine puts around values which are no plain data. Source: `sdk/v3/go/common/resource/sig`. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** What stands for a value that only the deployment will know. Source: `plugin.UnknownStringValue` and its kin. */
const UNKNOWN: ReadonlySet<string> = new Set([
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
    "030794c1-ac77-496b-92df-f27374a8bd58", // asset
    "e48ece36-62e2-4504-bad9-02848725956a", // archive
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** Keys whose text is a credential, wherever it stands. `secretName`, `tokenSecretRef` and the like only name one. */
const SECRET_KEY =
    /(?:password|passphrase|passwd|secret|token|api[-_]?key|private[-_]?key(?:pem(?:pkcs8)?|openssh)?|kubeconfig|user[-_]?data|credentials?|smtp-pass|client-key-data)$/i;

/** Texts that are a credential by their form. */
const SECRET_TEXT: readonly RegExp[] = [
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g,
    /\bK10[0-9a-f]{64}::[^\s"']+/g,
    /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+/g,
    /(?<=:\/\/)[^\s/@:"']*:[^\s/@"']+(?=@)/g,
];

/** What is shown in the place of a secret. */
export const SECRET_SHOWN = "[secret]";

/** A value in the envelope of a secret, where its provider did not put it into one. */
export function markSecret(value: unknown): unknown {
    return { [SIGNATURE]: SECRET, plaintext: JSON.stringify(value ?? null) };
}

export function isUnknown(value: unknown): boolean {
    return typeof value === "string" && UNKNOWN.has(value);
}

/** Whether a value is the envelope of a secret. */
export function isSecretEnvelope(value: unknown): boolean {
    return typeof value === "object" && value !== null && field(value, SIGNATURE) === SECRET;
}

function field(value: object, key: string): unknown {
    return (value as Record<string, unknown>)[key];
}

/** Whether a property is a secret: marked as one, or named like one and holding text. */
export function isSecret(key: string, value: unknown): boolean {
    if (isSecretEnvelope(value)) return true;
    return typeof value === "string" && value !== "" && !isUnknown(value) && SECRET_KEY.test(key);
}

/** Whether there is a secret anywhere inside. */
export function holdsSecret(key: string, value: unknown): boolean {
    if (isSecret(key, value)) return true;
    if (typeof value !== "object" || value === null) return false;
    return Object.entries(value).some(([k, v]) => holdsSecret(k, v));
}

/** Takes secrets out of texts: those of known value, and those that show by their form. */
export class Concealment {
    readonly #known = new Redaction();

    /** @param values - whatever may hold envelopes with a plain value, as an event log made with `--show-secrets` does */
    constructor(values: Iterable<unknown>) {
        for (const value of values) this.#collect(value);
    }

    /** The text without any secret. */
    conceal(text: string): string {
        return SECRET_TEXT.reduce(
            (rest, pattern) => rest.replace(pattern, SECRET_SHOWN),
            this.#known.redact(text),
        );
    }

    #collect(value: unknown): void {
        if (typeof value !== "object" || value === null) return;
        if (!isSecretEnvelope(value)) {
            for (const inner of Object.values(value)) this.#collect(inner);
            return;
        }
        const plain = field(value, "plaintext");
        if (typeof plain === "string") this.#known.add(...texts(parsed(plain)));
    }
}

function parsed(json: string): unknown {
    try {
        return JSON.parse(json);
    } catch {
        return json;
    }
}

/** A secret's texts, also as they stand inside JSON. */
function texts(value: unknown): string[] {
    if (typeof value === "string") return [value, JSON.stringify(value).slice(1, -1)];
    if (typeof value !== "object" || value === null) return [];
    return Object.values(value).flatMap(texts);
}
