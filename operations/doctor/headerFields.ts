/** The header of a message, folded lines joined (RFC 5322, section 2.2). */
function header(message: Buffer): string[] {
    const text = message.toString("latin1");
    const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
    return text
        .slice(0, end)
        .replaceAll(/\r?\n[ \t]+/g, " ")
        .split(/\r?\n/);
}

const FIELD = /^([!-9;-~]+)[ \t]*:[ \t]*(.*)$/;

/** Names of a message's header fields, in lower case, in their order. */
export function headerNames(message: Buffer): string[] {
    return header(message).flatMap((line) => FIELD.exec(line)?.[1]?.toLowerCase() ?? []);
}

/** Values of a header field, topmost first: the last server that took the message wrote that one. */
export function fieldValues(message: Buffer, name: string): string[] {
    return header(message).flatMap((line) => {
        const [, field = "", value = ""] = FIELD.exec(line) ?? [];
        return field.toLowerCase() === name.toLowerCase() ? [value] : [];
    });
}
