import { InvalidDnsData } from "./names.ts";

/** Longest character-string in octets (RFC 1035, 3.3). */
const MAX_STRING = 255;

/** Most octets of a record's data. */
const MAX_DATA = 65535;

/**
 * Plain text as character-strings in presentation format: at most 255 octets each, quoted, one space between them;
 * everything but printable ASCII as `\DDD` (RFC 1035, 5.1).
 */
export function encodeText(text: string): string {
    return encodeOctets(Buffer.from(text, "utf8"));
}

/** Octets as character-strings. See {@link encodeText}. */
export function encodeOctets(octets: Buffer): string {
    if (octets.length + Math.ceil(octets.length / MAX_STRING) > MAX_DATA)
        throw new InvalidDnsData(
            `the text has ${octets.length} octets; a record holds at most ${MAX_DATA}`,
        );
    const chunks: string[] = [];
    for (let start = 0; start === 0 || start < octets.length; start += MAX_STRING) {
        const chunk = octets.subarray(start, start + MAX_STRING);
        chunks.push(`"${[...chunk].map(escaped).join("")}"`);
    }
    return chunks.join(" ");
}

function escaped(octet: number): string {
    const character = String.fromCharCode(octet);
    if (character === '"' || character === "\\") return `\\${character}`;
    if (octet >= 0x20 && octet < 0x7f) return character;
    return `\\${String(octet).padStart(3, "0")}`;
}

/** The octets of character-strings in presentation format, joined. Throws {@link InvalidDnsData}. */
export function decodeOctets(content: string): Buffer {
    const octets: number[] = [];
    const source = Buffer.from(content, "utf8");
    let i = 0;
    let quoted = false;
    while (i < source.length) {
        const octet = source[i] ?? 0;
        i++;
        if (octet === 0x22) quoted = !quoted;
        else if (octet === 0x5c) {
            const digits = source.subarray(i, i + 3).toString("latin1");
            if (/^\d{3}$/.test(digits)) {
                if (Number(digits) > 255)
                    throw new InvalidDnsData(`\\${digits} in a character-string is above 255`);
                octets.push(Number(digits));
                i += 3;
            } else if (i < source.length) {
                octets.push(source[i] ?? 0);
                i++;
            } else throw new InvalidDnsData("a character-string ends in the middle of an escape");
        } else if (quoted || !isSpace(octet)) octets.push(octet);
    }
    if (quoted) throw new InvalidDnsData("a character-string lacks its closing quotation mark");
    return Buffer.from(octets);
}

/** Character-strings as plain text; octets that are no UTF-8 become U+FFFD. */
export function decodeText(content: string): string {
    return decodeOctets(content).toString("utf8");
}

function isSpace(octet: number): boolean {
    return octet === 0x20 || octet === 0x09;
}
