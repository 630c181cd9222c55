import ipaddr from "ipaddr.js";
import { canonicalName, InvalidDnsData } from "./names.ts";

/** Service parameters with a number of their own, in the order of the numbers (RFC 9460, 14.3.2). */
const KEYS = ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint"];

/**
 * Content of SVCB and HTTPS records (RFC 9460): `<priority> <target> [key[=value] …]`, parameters in ascending order of
 * their numbers and without needless quotation marks.
 */
export function canonicalServiceBinding(content: string): string {
    const words = content.match(/(?:[^\s"]+|"(?:[^"\\]|\\.)*")+/g) ?? [];
    const [priority = "", target = "", ...parameters] = words;
    if (!/^\d+$/.test(priority) || Number(priority) > 0xffff || target === "")
        throw new InvalidDnsData(
            `"${content}" is no service binding such as 1 . alpn=h2,h3 ipv4hint=192.0.2.1`,
        );
    const parsed = parameters.map(parameter).sort((a, b) => a.order - b.order);
    const repeated = parsed.find((p, i) => i > 0 && parsed[i - 1]?.key === p.key);
    if (repeated !== undefined)
        throw new InvalidDnsData(`"${content}" has the parameter ${repeated.key} twice`);
    if (Number(priority) === 0 && parsed.length > 0)
        throw new InvalidDnsData(`"${content}" is an alias (priority 0) and has parameters`);
    return [
        String(Number(priority)),
        canonicalName(target),
        ...parsed.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`)),
    ].join(" ");
}

interface Parameter {
    readonly order: number;
    readonly key: string;
    readonly value: string | undefined;
}

function parameter(word: string): Parameter {
    const at = word.indexOf("=");
    const key = (at < 0 ? word : word.slice(0, at)).toLowerCase();
    const raw = at < 0 ? undefined : word.slice(at + 1).replace(/^"(.*)"$/s, "$1");
    const numbered = /^key(\d{1,5})$/.exec(key);
    const order = numbered === null ? KEYS.indexOf(key) : Number(numbered[1]);
    if (order < 0)
        throw new InvalidDnsData(
            `"${key}" is no service parameter; expected one of ${KEYS.join(", ")} or key<number>`,
        );
    return { order, key, value: raw === undefined ? undefined : parameterValue(key, raw) };
}

function parameterValue(key: string, raw: string): string {
    const list = raw.split(",");
    if (key === "port") {
        if (!/^\d+$/.test(raw) || Number(raw) > 0xffff)
            throw new InvalidDnsData(`"${raw}" is no port`);
        return String(Number(raw));
    }
    if (key === "ipv4hint" || key === "ipv6hint")
        return list.map((address) => hint(key, address)).join(",");
    return raw;
}

function hint(key: "ipv4hint" | "ipv6hint", address: string): string {
    const valid =
        key === "ipv4hint"
            ? ipaddr.IPv4.isValidFourPartDecimal(address)
            : ipaddr.IPv6.isValid(address);
    if (!valid) throw new InvalidDnsData(`"${address}" is no address for ${key}`);
    return key === "ipv4hint" ? address : ipaddr.IPv6.parse(address).toRFC5952String();
}
