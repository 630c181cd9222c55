import { createHash } from "node:crypto";
import { DynadotRefusal } from "./accountState.ts";
import type { DelegationSigner, DomainState } from "./accountState.ts";
import type { DynadotSwitches } from "./switches.ts";

/** Algorithm numbers (RFC 8624) by the names of the RESTful API. */
const ALGORITHMS: Readonly<Record<string, number>> = {
    rsa_sha1: 5,
    rsa_sha256: 8,
    rsa_sha512: 10,
    ecdsa_p256_sha256: 13,
    ecdsa_p384_sha384: 14,
    ed25519: 15,
    ed448: 16,
};

/** Digest types of DS records, with the length of the digest in hexadecimal digits. */
const DIGEST_TYPES: Readonly<Record<string, { readonly number: number; readonly length: number }>> =
    {
        sha1: { number: 1, length: 40 },
        sha256: { number: 2, length: 64 },
        gost: { number: 3, length: 64 },
        sha384: { number: 4, length: 96 },
    };

const FLAGS: Readonly<Record<string, number>> = { ksk: 257, zsk: 256 };

/** A DS record, or a DNSKEY from which the registrar derives one, as the APIs take them: names or numbers, as text. */
export interface DnssecWrite {
    readonly keyTag?: string | undefined;
    readonly digestType?: string | undefined;
    readonly digest?: string | undefined;
    readonly algorithm?: string | undefined;
    readonly flags?: string | undefined;
    readonly publicKey?: string | undefined;
}

function numbered(text: string | undefined, known: Readonly<Record<string, number>>, what: string) {
    const value = text?.toLowerCase() ?? "";
    const number = known[value] ?? Object.values(known).find((n) => String(n) === value);
    if (number === undefined) throw new DynadotRefusal(`invalid ${what}: ${text ?? ""}`);
    return number;
}

/** Key tag of a DNSKEY's RDATA (RFC 4034, appendix B). */
export function keyTag(rdata: Buffer): number {
    let sum = 0;
    for (const [i, octet] of rdata.entries()) sum += i % 2 === 0 ? octet << 8 : octet;
    return (sum + (sum >> 16)) & 0xffff;
}

/** DS record with SHA-256 of a DNSKEY (RFC 4034 5.1.4, RFC 4509). */
export function signerOfKey(
    domain: string,
    flags: number,
    algorithm: number,
    publicKey: string,
): DelegationSigner {
    const rdata = Buffer.concat([
        Buffer.from([flags >> 8, flags & 0xff, 3, algorithm]),
        Buffer.from(publicKey, "base64"),
    ]);
    const labels = domain.toLowerCase().split(".").filter(Boolean);
    const owner = Buffer.concat([
        ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]),
        Buffer.from([0]),
    ]);
    const digest = createHash("sha256").update(owner).update(rdata).digest("hex");
    return { keyTag: keyTag(rdata), algorithm, digestType: 2, digest };
}

function signer(domain: string, write: DnssecWrite): DelegationSigner {
    const algorithm = numbered(write.algorithm, ALGORITHMS, "algorithm");
    if (write.keyTag === undefined && write.publicKey !== undefined) {
        const flags = numbered(write.flags, FLAGS, "flags");
        return signerOfKey(domain, flags, algorithm, write.publicKey.replaceAll(/\s/g, ""));
    }
    const types = Object.fromEntries(
        Object.entries(DIGEST_TYPES).map(([name, type]) => [name, type.number]),
    );
    const digestType = numbered(write.digestType, types, "digest_type");
    const length = Object.values(DIGEST_TYPES).find((t) => t.number === digestType)?.length;
    const digest = (write.digest ?? "").replaceAll(/\s/g, "").toLowerCase();
    if (!/^[0-9a-f]*$/.test(digest) || digest.length !== length)
        throw new DynadotRefusal("invalid digest");
    const tag = Number(write.keyTag);
    if (!/^\d{1,5}$/.test(write.keyTag ?? "") || tag > 0xffff)
        throw new DynadotRefusal("invalid key_tag");
    return { keyTag: tag, algorithm, digestType, digest };
}

/** Adds a DS record to the domain at its registry (`set_dnssec`); one with the same key tag and digest type is replaced. */
export function setDnssec(
    domain: DomainState,
    write: DnssecWrite,
    switches: DynadotSwitches,
): void {
    if (!switches.dnssecSupported)
        throw new DynadotRefusal("This domain doesn't support DNSSEC.", 409);
    const ds = signer(domain.name, write);
    const kept =
        switches.dnssecWrite === "replace"
            ? []
            : domain.ds.filter((d) => d.keyTag !== ds.keyTag || d.digestType !== ds.digestType);
    domain.ds = [...kept, ds];
}
