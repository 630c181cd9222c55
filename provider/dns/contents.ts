import { ipv4, ipv6 } from "./addresses.ts";
import { decodeOctets, decodeText, encodeOctets } from "./characterStrings.ts";
import { checkLuaScript } from "./luaScript.ts";
import { canonicalName, InvalidDnsData } from "./names.ts";
import { canonicalServiceBinding } from "./serviceBinding.ts";

/**
 * The one way we write a record's content, so that equal records compare equal: parsed, checked offline, written anew.
 * TXT-like contents are in presentation format here. Throws {@link InvalidDnsData}.
 */
export function canonicalContent(type: string, content: string): string {
    const parse = FORMATS[type];
    if (parse === undefined)
        throw new InvalidDnsData(
            `record type ${type} is not supported; expected one of ${RECORD_TYPES.join(", ")}`,
        );
    return parse(content.trim());
}

/** Whether the type's content is free text, which the program gives as plain text. */
export function isTextType(type: string): boolean {
    return type === "TXT" || type === "SPF";
}

type Format = (content: string) => string;
type Field = (text: string) => string;

const name: Field = (text) => canonicalName(text);

/** A host's name: what servers are addressed by has no underscores (RFC 1123, 2.1); `.` says that there is none. */
const host: Field = (text) => {
    const canonical = canonicalName(text);
    if (!/^[a-z0-9.-]+$/.test(canonical))
        throw new InvalidDnsData(
            `"${text}" is no host name; expected letters, digits and "-" (RFC 1123, 2.1)`,
        );
    return canonical;
};

function integer(max: number): Field {
    return (text) => {
        if (!/^\d+$/.test(text) || Number(text) > max)
            throw new InvalidDnsData(`"${text}" is no whole number from 0 to ${max}`);
        return String(Number(text));
    };
}

const octet = integer(0xff);
const short = integer(0xffff);
const long = integer(0xffffffff);

/** Hexadecimal digits, which may be spread over several words. */
const hexadecimal: Field = (text) => {
    const digits = text.replaceAll(/\s/g, "").toLowerCase();
    if (!/^(?:[0-9a-f]{2})+$/.test(digits))
        throw new InvalidDnsData(`"${text}" is no hexadecimal data`);
    return digits;
};

const base64: Field = (text) => {
    const joined = text.replaceAll(/\s/g, "");
    const octets = Buffer.from(joined, "base64");
    if (joined === "" || octets.toString("base64").replace(/=+$/, "") !== joined.replace(/=+$/, ""))
        throw new InvalidDnsData(`"${text}" is no base64 data`);
    return octets.toString("base64");
};

const strings: Field = (text) => encodeOctets(decodeOctets(text));

/** Fields separated by spaces; the last one takes all that is left. */
function fields(described: string, ...parsers: readonly Field[]): Format {
    return (content) => {
        const words = content.split(/\s+/);
        if (words.length < parsers.length || words.includes(""))
            throw new InvalidDnsData(`"${content}" is incomplete; expected ${described}`);
        return parsers
            .map((parse, i) =>
                parse(
                    i === parsers.length - 1
                        ? words.slice(i).join(" ")
                        : /* bounded by the check above */ (words[i] ?? ""),
                ),
            )
            .join(" ");
    };
}

function single(described: string, parse: Field): Format {
    return (content) => {
        if (/\s/.test(content))
            throw new InvalidDnsData(`"${content}" has several words; expected ${described}`);
        return parse(content);
    };
}

const DIGEST_LENGTHS: Readonly<Record<string, number>> = { 1: 40, 2: 64, 3: 64, 4: 96 };

function delegationSigner(content: string): string {
    const ds = fields(
        "<key tag> <algorithm> <digest type> <digest>",
        short,
        octet,
        octet,
        hexadecimal,
    )(content);
    const [, , type = "", digest = ""] = ds.split(" ");
    const length = DIGEST_LENGTHS[type];
    if (length !== undefined && digest.length !== length)
        throw new InvalidDnsData(
            `the digest of "${content}" has ${digest.length} hexadecimal digits; digest type ${type} has ${length}`,
        );
    return ds;
}

function certificationAuthority(content: string): string {
    const match = /^(\d+)\s+([A-Za-z0-9]+)\s+(.*)$/.exec(content);
    if (match === null)
        throw new InvalidDnsData(`"${content}" is no CAA content such as 0 issue "ca.example"`);
    const [, flags = "", tag = "", value = ""] = match;
    return `${octet(flags)} ${tag.toLowerCase()} ${strings(value)}`;
}

function lua(content: string): string {
    const match = /^([A-Za-z0-9]+)\s+(".*)$/s.exec(content);
    if (match === null)
        throw new InvalidDnsData(
            `"${content}" is no LUA content such as A "ifportup(443, {'192.0.2.1'})"`,
        );
    const [, word = "", script = ""] = match;
    const type = word.toUpperCase();
    if (type === "LUA" || !RECORD_TYPES.includes(type))
        throw new InvalidDnsData(`a LUA record cannot answer ${type}; expected a type such as A`);
    checkLuaScript(type, decodeText(script));
    return `${type} ${strings(script)}`;
}

function namingAuthority(content: string): string {
    const match = /^(\d+)\s+(\d+)\s+("[^"]*")\s+("[^"]*")\s+("(?:[^"\\]|\\.)*")\s+(\S+)$/.exec(
        content,
    );
    if (match === null)
        throw new InvalidDnsData(
            `"${content}" is no NAPTR content such as 100 10 "s" "SIP+D2U" "" _sip._udp.example.`,
        );
    const [, order = "", preference = "", flags = "", services = "", expression = "", to = ""] =
        match;
    return [
        short(order),
        short(preference),
        strings(flags),
        strings(services),
        strings(expression),
        name(to),
    ].join(" ");
}

const target = single("a domain name", name);
const dnskey = fields("<flags> 3 <algorithm> <key>", short, octet, octet, base64);
const tlsa = fields("<usage> <selector> <matching type> <data>", octet, octet, octet, hexadecimal);
const serviceBinding: Format = (content) => canonicalServiceBinding(content);

const FORMATS: Readonly<Record<string, Format>> = {
    A: single("one IPv4 address", ipv4),
    AAAA: single("one IPv6 address", ipv6),
    ALIAS: target,
    CAA: certificationAuthority,
    CDNSKEY: dnskey,
    CDS: delegationSigner,
    CNAME: target,
    DNAME: target,
    DNSKEY: dnskey,
    DS: delegationSigner,
    HTTPS: serviceBinding,
    LUA: lua,
    MX: fields("<preference> <host>", short, host),
    NAPTR: namingAuthority,
    NS: single("a host name", host),
    OPENPGPKEY: base64,
    PTR: target,
    SMIMEA: tlsa,
    SOA: fields(
        "<primary> <mailbox> <serial> <refresh> <retry> <expire> <minimum>",
        name,
        (text) => text.toLowerCase().replace(/\.?$/, "."),
        long,
        long,
        long,
        long,
        long,
    ),
    SPF: strings,
    SRV: fields("<priority> <weight> <port> <target>", short, short, short, host),
    SSHFP: fields("<algorithm> <type> <fingerprint>", octet, octet, hexadecimal),
    SVCB: serviceBinding,
    TLSA: tlsa,
    TXT: strings,
};

/** Record types that can be written. */
export const RECORD_TYPES: readonly string[] = Object.keys(FORMATS).sort();
