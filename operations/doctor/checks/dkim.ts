import { createPublicKey, type KeyObject } from "node:crypto";
import type { Check } from "../check.ts";
import type { Examination } from "../examination.ts";
import type { Subject } from "../subject.ts";
import { compareSet } from "./publication.ts";

/** Longest string of a TXT record (RFC 1035, section 3.3.14), and the length of an Ed25519 key (RFC 8463, section 4). */
const MAX_STRING = 255;
const ED25519_BYTES = 32;

/** Bits of an RSA key that receivers take without a remark (RFC 8301, section 3.2). */
const MIN_RSA_BITS = 2048;

type Selector = Subject["mail"]["dkim"][number];

function rsaKey(der: Buffer): KeyObject | undefined {
    try {
        return createPublicKey({ key: der, format: "der", type: "spki" });
    } catch {
        return undefined;
    }
}

/** What is wrong with the key in a record, for receivers. */
export function keyProblems(algorithm: string, record: string): string[] {
    const key = /(?:^|;)\s*p=([A-Za-z0-9+/=]*)/.exec(record)?.[1];
    if (key === undefined || key === "") return ["it holds no key"];
    const der = Buffer.from(key, "base64");
    if (algorithm === "ed25519")
        return der.length === ED25519_BYTES
            ? []
            : [`its key has ${der.length} bytes, not ${ED25519_BYTES} (RFC 8463)`];
    const bits = rsaKey(der)?.asymmetricKeyDetails?.modulusLength;
    if (bits === undefined)
        return ["its key is not an RSA key in the form of SubjectPublicKeyInfo"];
    return bits < MIN_RSA_BITS ? [`its key has ${bits} bits, fewer than ${MIN_RSA_BITS}`] : [];
}

async function selectorProblems(
    examination: Examination,
    { name, algorithm, state, txt }: Selector,
): Promise<string[]> {
    const { contents, problems } = await compareSet(examination, name, "TXT");
    if (problems.length > 0) return [...problems];
    const [record, ...more] = await examination.dns.authoritative(name, "TXT");
    const wrong: string[] = [];
    if (record === undefined || more.length > 0) wrong.push(`${contents.length} TXT records`);
    if (record?.strings.some((length) => length > MAX_STRING))
        wrong.push(`a string is longer than ${MAX_STRING} bytes`);
    if (record && record.text !== txt) wrong.push("it is not the key that the stack holds");
    if (record && state !== "revoked") wrong.push(...keyProblems(algorithm, record.text));
    return wrong.map((problem) => `${name}: ${problem}`);
}

export const signingKeys: Check = {
    number: 5,
    id: "signing-keys",
    title: "every DKIM selector is published with the key that the stack holds",
    severity: "required",
    vantage: "outside",
    remedy: "Run pulumi up; remove TXT records of the selector that the stack did not write. A key that was made known is replaced by a rotation: docs/runbooks/dkim-rotation.md.",
    async run(examination) {
        const { dkim } = examination.subject.mail;
        const problems: string[] = [];
        for (const selector of dkim)
            problems.push(...(await selectorProblems(examination, selector)));
        if (!dkim.some(({ algorithm, state }) => state === "active" && algorithm === "rsa2048"))
            problems.push("no active RSA selector: large receivers do not verify Ed25519 alone");
        return {
            evidence: dkim
                .map(({ selector, algorithm, state }) => `${selector} (${algorithm}, ${state})`)
                .join(", "),
            problems,
        };
    },
};
