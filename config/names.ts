/** A DNS label of host names: letters, digits and inner hyphens, 1 to 63 characters (RFC 1035 2.3.1, RFC 1123 2.1). */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A label that a pool hands out: also begins with a letter. */
const POOL_LABEL = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Longest name in text form without its trailing dot (RFC 1035 2.3.4: 255 octets on the wire). */
export const MAX_NAME = 253;

/** Labels that no Sovereign of a pool may have: the pool's own services, and names that its mail or name servers need. */
export const RESERVED_LABELS: ReadonlySet<string> = new Set([
    ..."api admin console gitea harbor keycloak www mail smtp imap vpn openova catalyst docs".split(
        " ",
    ),
    ..."status app system openbao vault flux k8s".split(" "),
    ..."ns1 ns2 ns3 pdns mx mta-sts autoconfig autodiscover".split(" "),
]);

/** Whether `text` is one label of a host name. */
export function isLabel(text: string): boolean {
    return LABEL.test(text);
}

/** Whether a pool may hand `text` out, apart from {@link RESERVED_LABELS}. */
export function isPoolLabel(text: string): boolean {
    return POOL_LABEL.test(text);
}

/** Whether `text` is a fully qualified host name in lower case, without a trailing dot, of two labels or more. */
export function isHostName(text: string): boolean {
    const labels = text.split(".");
    return (
        text.length <= MAX_NAME &&
        labels.length >= 2 &&
        labels.every(isLabel) &&
        !/^[0-9]+$/.test(labels.at(-1) ?? "")
    );
}

/** Whether `name` is `domain` or lies under it. */
export function isWithin(name: string, domain: string): boolean {
    return name === domain || name.endsWith(`.${domain}`);
}

/** Whether `text` is a mail address that needs no quoting (RFC 5321 4.1.2, Dot-string) at a host name. */
export function isMailAddress(text: string): boolean {
    const at = text.lastIndexOf("@");
    const local = text.slice(0, Math.max(at, 0));
    return (
        local.length <= 64 &&
        /^[A-Za-z0-9_+=-]+(?:\.[A-Za-z0-9_+=-]+)*$/.test(local) &&
        isHostName(text.slice(at + 1))
    );
}
