import { ipv4, ipv6Hint } from "./addresses.ts";
import { decodeOctets, encodeOctets } from "./characterStrings.ts";
import { canonicalName, InvalidDnsData } from "./names.ts";

/** Service parameters with a name of their own, in the order of their numbers (RFC 9460, 14.3.2). */
const KEYS = ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint"];

/** Parameters named since, which PowerDNS 4.7 takes by number only (RFC 9461, 5). */
const LATER_KEYS: Readonly<Record<string, number>> = { dohpath: 7 };

/** Longest octets of one protocol identifier (RFC 7301, 3.1). */
const MAX_PROTOCOL = 255;

/**
 * Content of SVCB and HTTPS records (RFC 9460): `<priority> <target> [key[=value] …]`, parameters in ascending order of
 * their numbers, in the notation that PowerDNS insists on: quotation marks around ECH and numbered parameters only.
 */
export function canonicalServiceBinding(content: string): string {
    const words = content.match(/(?:[^\s"]+|"(?:[^"\\]|\\.)*")+/g) ?? [];
    const [priority = "", target = "", ...parameters] = words;
    if (!/^\d+$/.test(priority) || Number(priority) > 0xffff || target === "")
        throw new InvalidDnsData(
            `"${content}" is no service binding such as 1 . alpn=h2,h3 ipv4hint=192.0.2.1`,
        );
    const parsed = parameters.map(parameter).sort((a, b) => a.order - b.order);
    const repeated = parsed.find((p, i) => i > 0 && parsed[i - 1]?.order === p.order);
    if (repeated !== undefined)
        throw new InvalidDnsData(`"${content}" has the parameter ${repeated.key} twice`);
    if (Number(priority) === 0 && parsed.length > 0)
        throw new InvalidDnsData(`"${content}" is an alias (priority 0) and has parameters`);
    checkDependencies(content, parsed);
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

function checkDependencies(content: string, parameters: readonly Parameter[]): void {
    const has = (order: number) => parameters.some((parameter) => parameter.order === order);
    if (has(KEYS.indexOf("no-default-alpn")) && !has(KEYS.indexOf("alpn")))
        throw new InvalidDnsData(`"${content}" has no-default-alpn without alpn (RFC 9460, 7.1.1)`);
    const mandatory = parameters.find(({ order }) => order === 0)?.value?.split(",") ?? [];
    const missing = mandatory.find((key) => !has(orderOf(key)));
    if (missing !== undefined)
        throw new InvalidDnsData(
            `"${content}" calls ${missing} mandatory and does not have it (RFC 9460, 8)`,
        );
}

function parameter(word: string): Parameter {
    const at = word.indexOf("=");
    const key = (at < 0 ? word : word.slice(0, at)).toLowerCase();
    const raw = at < 0 ? undefined : word.slice(at + 1).replace(/^"(.*)"$/s, "$1");
    const order = orderOf(key);
    const name = nameOf(order);
    if (order >= KEYS.length) return { order, key: name, value: encodeValue(raw ?? "") };
    if (name === "no-default-alpn") {
        if (raw !== undefined) throw new InvalidDnsData("no-default-alpn has no value");
        return { order, key: name, value: undefined };
    }
    if (raw === undefined || raw === "") throw new InvalidDnsData(`${name} has no value`);
    return { order, key: name, value: parameterValue(name, raw) };
}

/** Number of a parameter. Throws for what is none. */
function orderOf(key: string): number {
    const numbered = /^key(\d{1,5})$/.exec(key);
    const order = numbered === null ? (LATER_KEYS[key] ?? KEYS.indexOf(key)) : Number(numbered[1]);
    if (order < 0 || order >= 0xffff)
        throw new InvalidDnsData(
            `"${key}" is no service parameter; expected one of ${[...KEYS, ...Object.keys(LATER_KEYS)].join(", ")} or key<number>`,
        );
    if (numbered !== null && order < KEYS.length)
        throw new InvalidDnsData(`"${key}" has a name; write ${KEYS[order] ?? key}`);
    return order;
}

function nameOf(order: number): string {
    return KEYS[order] ?? `key${order}`;
}

/** A value of any octets, between quotation marks, as one character-string however long. */
function encodeValue(raw: string): string {
    return `"${encodeOctets(decodeOctets(`"${raw}"`))
        .replaceAll('" "', "")
        .slice(1, -1)}"`;
}

function parameterValue(key: string, raw: string): string {
    const list = raw.split(",");
    switch (key) {
        case "port":
            if (!/^\d+$/.test(raw) || Number(raw) > 0xffff)
                throw new InvalidDnsData(`"${raw}" is no port`);
            return String(Number(raw));
        case "ipv4hint":
        case "ipv6hint":
            return list.map((address) => hint(key, address)).join(",");
        case "mandatory":
            return mandatoryKeys(list);
        case "ech":
            return `"${base64(raw)}"`;
        default:
            // A comma within an identifier is escaped twice (RFC 9460, appendix A.1).
            for (const protocol of raw.split(/(?<!\\),/))
                if (protocol === "" || protocol.length > MAX_PROTOCOL)
                    throw new InvalidDnsData(`"${raw}" is no list of protocols such as h2,h3`);
            return raw;
    }
}

function mandatoryKeys(keys: readonly string[]): string {
    const orders = keys.map((key) => orderOf(key.toLowerCase())).sort((a, b) => a - b);
    if (orders.includes(0) || orders.some((order, i) => order === orders[i - 1]))
        throw new InvalidDnsData(
            `mandatory=${keys.join(",")} names itself or one parameter twice (RFC 9460, 8)`,
        );
    return orders.map(nameOf).join(",");
}

function base64(text: string): string {
    const octets = Buffer.from(text, "base64");
    if (octets.length === 0 || octets.toString("base64") !== text)
        throw new InvalidDnsData(`"${text}" is no base64 data for ech`);
    return text;
}

function hint(key: "ipv4hint" | "ipv6hint", address: string): string {
    return key === "ipv4hint" ? ipv4(address) : ipv6Hint(address);
}
