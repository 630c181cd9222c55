import { distance } from "fastest-levenshtein";
import { addressType, canonicalAddress } from "./addresses.ts";
import { luaTokens, type LuaToken } from "./luaTokens.ts";
import { InvalidDnsData } from "./names.ts";

/**
 * Functions that PowerDNS gives to LUA records, 4.7 to 5.x, and the position of the argument with addresses
 * (https://doc.powerdns.com/authoritative/lua-records/functions.html); undefined where there is none.
 */
const FUNCTIONS: Readonly<Record<string, number | undefined>> = {
    all: 0,
    asnum: undefined,
    closestMagic: undefined,
    continent: undefined,
    continentCode: undefined,
    country: undefined,
    countryCode: undefined,
    createForward: undefined,
    createForward6: undefined,
    createReverse: undefined,
    createReverse6: undefined,
    dblookup: undefined,
    filterForward: undefined,
    ifportup: 1,
    ifurlextup: undefined,
    ifurlup: 1,
    include: undefined,
    latlon: undefined,
    latlonloc: undefined,
    netmask: undefined,
    newCAFromRaw: undefined,
    newDN: undefined,
    newNMG: undefined,
    pickchashed: undefined,
    pickclosest: 0,
    pickhashed: 0,
    picknamehashed: undefined,
    pickrandom: 0,
    pickrandomsample: 1,
    pickselfweighted: 1,
    pickwhashed: undefined,
    pickwrandom: undefined,
    region: undefined,
    regionCode: undefined,
    view: undefined,
};

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "{": "}", "[": "]" };

/** How many edits a misspelled function is away from the one that was meant. */
const TYPO = 2;

/**
 * Checks what can be known of a LUA record's script without running it: strings and brackets close, a lone call is of a function
 * that is not misspelled, and the addresses that it picks from are of the record's type. PowerDNS itself takes everything and
 * answers SERVFAIL. Throws {@link InvalidDnsData}.
 *
 * @param type - type that the script answers
 * @param script - as PowerDNS runs it: an expression, or statements after `;`
 */
export function checkLuaScript(type: string, script: string): void {
    if (script.trim() === "") throw new InvalidDnsData("the LUA script is empty");
    const tokens = luaTokens(script);
    checkBrackets(script, tokens);
    const [first, second] = tokens;
    if (first?.kind !== "name" || second?.text !== "(") return;
    if (!Object.hasOwn(FUNCTIONS, first.text)) {
        const meant = Object.keys(FUNCTIONS).find((name) => distance(name, first.text) <= TYPO);
        // Others may be defined by the server's own include() or by a newer PowerDNS.
        if (meant === undefined) return;
        throw new InvalidDnsData(
            `"${first.text}" is no function of LUA records; did you mean ${meant}?`,
        );
    }
    const position = FUNCTIONS[first.text];
    if (position === undefined || (type !== "A" && type !== "AAAA")) return;
    for (const { text } of stringsOfArgument(tokens, position)) checkAddress(type, text);
}

function checkBrackets(script: string, tokens: readonly LuaToken[]): void {
    const open: string[] = [];
    for (const { kind, text } of tokens) {
        if (kind !== "symbol") continue;
        const closing = CLOSING[text];
        if (closing !== undefined) open.push(closing);
        else if (Object.values(CLOSING).includes(text) && open.pop() !== text)
            throw new InvalidDnsData(`the LUA script "${script}" has a "${text}" too many`);
    }
    const missing = open.pop();
    if (missing !== undefined)
        throw new InvalidDnsData(`the LUA script "${script}" lacks a "${missing}"`);
}

/** String literals of one argument of the call that the tokens are; none where it is computed. */
function stringsOfArgument(tokens: readonly LuaToken[], position: number): LuaToken[] {
    let depth = 0;
    let argument = 0;
    const found: LuaToken[] = [];
    for (const token of tokens) {
        if (token.kind === "symbol" && CLOSING[token.text] !== undefined) depth++;
        else if (token.kind === "symbol" && Object.values(CLOSING).includes(token.text)) depth--;
        else if (token.text === "," && depth === 1) argument++;
        else if (argument === position && depth > 1) {
            if (token.kind === "string") found.push(token);
            else if (token.text !== ",") return [];
        }
        if (depth === 0 && token.text === ")") break;
    }
    return found;
}

function checkAddress(type: "A" | "AAAA", text: string): void {
    const address = canonicalAddress(text);
    if (addressType(address) !== type)
        throw new InvalidDnsData(`"${text}" is no address for ${type}, which the script answers`);
}
