/** Content of an API3 response in JSON's shape. */
export type Api3Content = Readonly<Record<string, unknown>>;

const ENTITIES: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
};

function element(name: string, content: unknown): string {
    if (Array.isArray(content)) {
        const item = name.endsWith("List") ? name.slice(0, -4) : name.replace(/s$/, "");
        return `<${name}>${content.map((c) => element(item, c)).join("")}</${name}>`;
    }
    if (typeof content === "object" && content !== null)
        return `<${name}>${elements(content)}</${name}>`;
    const text = String(content).replace(/[&<>"]/g, (c) => ENTITIES[c] ?? c);
    return `<${name}>${text}</${name}>`;
}

function elements(content: object): string {
    return Object.entries(content)
        .map(([name, value]) => element(/^Host\d+$/.test(name) ? "Host" : name, value))
        .join("");
}

/**
 * A response of `api3.xml`: status and error stand in a header of their own, the code is called `SuccessCode`, and the hosts of
 * `get_ns` are repeated elements without numbers.
 */
export function api3Xml(root: string, content: Api3Content): string {
    const { ResponseCode, Status, Error: error, ...rest } = content;
    const header = {
        SuccessCode: ResponseCode,
        ...(Status === undefined ? {} : { Status }),
        ...(error === undefined ? {} : { Error: error }),
    };
    const headerName = root === "" ? "ResponseHeader" : `${root}Header`;
    const body = element(headerName, header) + elements(rest);
    return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}Response>${body}</${root}Response>\n`;
}
