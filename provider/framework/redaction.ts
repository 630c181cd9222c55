/** What a secret looks like in a message afterwards. */
const MARK = "[secret]";

/** Shorter strings are not worth hiding and would turn ordinary words into marks. */
const SHORTEST = 4;

/**
 * Knows every secret that this process has seen and takes them out of texts, also in the forms they take in URLs and
 * headers. Of a text of several lines (a kubeconfig, a PEM block) every long opaque token is a secret of its own.
 */
export class Redaction {
    readonly #secrets = new Set<string>();

    /** Remembers secrets. */
    add(...secrets: readonly string[]): void {
        for (const secret of secrets) {
            for (const part of secret.includes("\n") ? opaqueTokens(secret) : [secret]) {
                if (part.length < SHORTEST) continue;
                this.#secrets.add(part);
                this.#secrets.add(encodeURIComponent(part));
                this.#secrets.add(Buffer.from(part).toString("base64"));
            }
        }
    }

    /** `text` without any secret. */
    redact(text: string): string {
        return [...this.#secrets]
            .filter((secret) => text.includes(secret))
            .sort((a, b) => b.length - a.length)
            .reduce((clean, secret) => clean.replaceAll(secret, MARK), text);
    }
}

function opaqueTokens(text: string): string[] {
    return text
        .split(/[\s"':,{}]+/)
        .filter((token) => token.length >= 20 && /^[\w+/=.-]+$/.test(token) && /\d/.test(token));
}
