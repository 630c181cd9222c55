import { domainToASCII } from "node:url";

/** A name, address or record content that DNS cannot hold. The message says what was found and what is expected. */
export class InvalidDnsData extends Error {
    constructor(message: string) {
        super(message);
        this.name = "InvalidDnsData";
    }
}

/** Octets of a label and of a whole name in presentation format without its trailing dot (RFC 1035, 2.3.4). */
const MAX_LABEL = 63;
const MAX_NAME = 253;

const LABEL = /^(?:\*|[a-z0-9_](?:[a-z0-9_/-]*[a-z0-9_])?)$/;

/**
 * The one way we write a domain name: lower case, internationalised labels in their `xn--` form, with a trailing dot.
 * Throws {@link InvalidDnsData}.
 */
export function canonicalName(name: string): string {
    const bare = asciiForm(name.trim()).toLowerCase().replace(/\.$/, "");
    if (bare === "") {
        if (name.trim() === ".") return ".";
        throw new InvalidDnsData("the name is empty; expected a domain name such as mail.example.");
    }
    if (bare.length > MAX_NAME)
        throw new InvalidDnsData(
            `"${name}" has ${bare.length} characters; a name has at most ${MAX_NAME}`,
        );
    for (const [i, label] of bare.split(".").entries()) checkLabel(name, label, i);
    return `${bare}.`;
}

function checkLabel(name: string, label: string, index: number): void {
    if (label === "") throw new InvalidDnsData(`"${name}" has an empty label (two dots in a row)`);
    if (label.length > MAX_LABEL)
        throw new InvalidDnsData(
            `"${name}" has a label of ${label.length} characters; a label has at most ${MAX_LABEL}`,
        );
    if (!LABEL.test(label))
        throw new InvalidDnsData(
            `"${name}" has the label "${label}"; expected letters, digits, "-" and "_"`,
        );
    if (label === "*" && index > 0)
        throw new InvalidDnsData(`"${name}" has "*" in its middle; it stands only at the front`);
}

function asciiForm(name: string): string {
    if (/^\p{ASCII}*$/u.test(name)) return name;
    // The URL parser refuses "_" and "*" in some positions, so that every label is converted alone.
    return name
        .split(/[.\u3002\uff0e\uff61]/)
        .map((label) => {
            const converted = domainToASCII(label);
            if (label !== "" && converted === "")
                throw new InvalidDnsData(`"${name}" cannot be written in ASCII (RFC 5891)`);
            return converted;
        })
        .join(".");
}

/** Whether `name` is `zone` or lies below it. Both canonical. */
export function isWithin(name: string, zone: string): boolean {
    return name === zone || zone === "." || name.endsWith(`.${zone}`);
}

/** The names between `name` and `zone`, nearest first, without either. Both canonical. */
export function namesBetween(name: string, zone: string): string[] {
    const names: string[] = [];
    for (let parent = parentName(name); parent !== zone && isWithin(parent, zone);) {
        names.push(parent);
        parent = parentName(parent);
    }
    return names;
}

/** The name one label up; the root is its own parent. */
export function parentName(name: string): string {
    const parent = name.slice(name.indexOf(".") + 1);
    return parent === "" ? "." : parent;
}

/** Mailbox of a SOA record as a domain name: `first.last@example` becomes `first\.last.example.` (RFC 1035, 8). */
export function mailboxName(address: string): string {
    const at = address.lastIndexOf("@");
    const local = address.slice(0, at);
    if (at < 1 || !/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+$/.test(local))
        throw new InvalidDnsData(`"${address}" is no mail address`);
    return `${local.replaceAll(".", "\\.")}.${canonicalName(address.slice(at + 1))}`;
}

/** The mail address that a SOA's mailbox name stands for. */
export function mailboxAddress(name: string): string {
    const match = /^((?:[^.\\]|\\.)+)\.(.*?)\.?$/.exec(name);
    if (match === null) return name;
    const [, local = "", domain = ""] = match;
    return `${local.replaceAll("\\.", ".")}@${domain}`;
}
