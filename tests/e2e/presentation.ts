import ipaddr from "ipaddr.js";

/** The character strings of a TXT record in presentation format (RFC 1035 5.1), joined. */
function joined(text: string): string {
    return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
        .map(([, string = ""]) => string.replaceAll(/\\(.)/g, "$1"))
        .join("");
}

/**
 * A record's content as it can be compared: what RFCs let a server write in several ways is written in one.
 *
 * @param content - as dig prints it in short
 */
export function canonical(type: string, content: string): string {
    switch (type) {
        case "TXT":
            return joined(content);
        case "AAAA":
            return ipaddr.parse(content).toString();
        case "TLSA":
            return tlsa(content);
        default:
            return content;
    }
}

/** dig breaks the digest into groups, and writes it in upper case. */
function tlsa(content: string): string {
    const [usage, selector, matching, ...digest] = content.split(" ");
    return `${usage} ${selector} ${matching} ${digest.join("").toLowerCase()}`;
}
