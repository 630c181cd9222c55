import { createPublicKey } from "node:crypto";
import { z } from "zod";
import type { Resource } from "../engine/resource.ts";
import { rule } from "../engine/rule.ts";
import { text, texts } from "../engine/values.ts";
import { isDkimKey } from "./protection.ts";
import { TYPES } from "./types.ts";

/** Value of a tag of a DKIM record (RFC 6376 3.6.1). */
function tag(record: string, name: string): string | undefined {
    const found = record
        .split(";")
        .map((part) => part.split("="))
        .find(([key]) => key?.trim() === name);
    return found?.slice(1).join("=").replaceAll(/\s/g, "");
}

function judgeRecord(record: string, minimum: number): string[] {
    const key = tag(record, "p");
    if (key === undefined)
        return ["has no key (p=): publish the public key, or p= alone to revoke it"];
    // Revoked, or of Ed25519, which has one size (RFC 8463).
    if (key === "" || tag(record, "k") === "ed25519") return [];
    try {
        const { modulusLength = 0 } =
            createPublicKey({ key: Buffer.from(key, "base64"), format: "der", type: "spki" })
                .asymmetricKeyDetails ?? {};
        return modulusLength >= minimum
            ? []
            : [`has an RSA key of ${modulusLength} bits: rotate to one of ${minimum} or more`];
    } catch {
        return [
            "has a key (p=) that no receiver can read: publish the public key as base64 of its DER",
        ];
    }
}

function judgeRecordSet({ props }: Resource, minimum: number): string[] {
    const name = text(props.name) ?? "";
    if (text(props.type) !== "TXT" || !name.includes("._domainkey.")) return [];
    return texts(props.records)
        .flatMap((record) => judgeRecord(record, minimum))
        .map((problem) => `${name} ${problem}`);
}

/** DKIM keys that receivers still take (RFC 8301 3.2: at least 1024 bits, 2048 are advised). */
export const strongDkim = rule({
    name: "strong-dkim",
    description: "DKIM keys are Ed25519, or RSA of 2048 bits or more.",
    severity: "high",
    config: z.object({
        minimumBits: z.int().default(2048).describe("Fewest bits of an RSA key."),
    }),
    resources: {
        types: [TYPES.recordSet, TYPES.privateKey],
        judge(resource, { minimumBits }) {
            if (resource.type === TYPES.recordSet) return judgeRecordSet(resource, minimumBits);
            const { algorithm, rsaBits } = resource.props;
            return isDkimKey(resource) &&
                algorithm === "RSA" &&
                typeof rsaBits !== "symbol" &&
                Number(rsaBits ?? 2048) < minimumBits
                ? [
                      `the RSA key has ${Number(rsaBits)} bits: make it ${minimumBits} or more (rsaBits)`,
                  ]
                : [];
        },
    },
});
