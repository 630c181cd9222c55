import { InvalidDnsData } from "./names.ts";

/** A word of a Lua script. A string's text is what stands between its quotation marks. */
export interface LuaToken {
    readonly kind: "name" | "string" | "symbol";
    readonly text: string;
}

const BLANK = /\s+/y;
const COMMENT = /--(?:\[(=*)\[[\s\S]*?\]\1\]|[^\n]*)/y;
const LONG_STRING = /\[(=*)\[([\s\S]*?)\]\1\]/y;
const SHORT_STRING = /(["'])((?:[^"'\\\n]|\\[\s\S]|(?!\1)["'])*)\1/y;
const NAME = /[A-Za-z_]\w*/y;
const SYMBOL = /[\d.]+|[\s\S]/y;

/** A script's words, comments left out (Lua 5.1 manual, 2.1). Throws {@link InvalidDnsData} for a string that does not end. */
export function luaTokens(script: string): LuaToken[] {
    const tokens: LuaToken[] = [];
    let at = 0;
    const match = (pattern: RegExp): RegExpExecArray | null => {
        pattern.lastIndex = at;
        const found = pattern.exec(script);
        if (found !== null) at = pattern.lastIndex;
        return found;
    };
    while (at < script.length) {
        if (match(BLANK) !== null || match(COMMENT) !== null) continue;
        const string = match(LONG_STRING) ?? match(SHORT_STRING);
        const name = string === null ? match(NAME) : null;
        if (string !== null) tokens.push({ kind: "string", text: string[2] ?? "" });
        else if (name !== null) tokens.push({ kind: "name", text: name[0] });
        else {
            const text = match(SYMBOL)?.[0] ?? "";
            if (text === '"' || text === "'")
                throw new InvalidDnsData(
                    `the LUA script "${script}" has a string that does not end`,
                );
            tokens.push({ kind: "symbol", text });
        }
    }
    return tokens;
}
