// Stands for the mail server in recovery mode: JMAP over HTTP with its keys, refusals and credentials. Started by
// apply.sh in place of the server; writes what it was sent to the file named by its argument. Listens on the port of
// STALWART_RECOVERY_MODE_PORT. Plays refusals that the environment asks for.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";

interface MethodResponse {
    readonly created?: Record<string, { id: string }>;
    readonly notCreated?: Record<string, unknown>;
    readonly updated?: Record<string, null>;
    readonly notUpdated?: Record<string, unknown>;
    readonly destroyed?: string[];
    readonly ids?: string[];
}
type Call = [string, Record<string, Record<string, Record<string, unknown>>>, string];

const [log = "", state = ""] = process.argv.slice(2);
const { STALWART_RECOVERY_MODE, STALWART_RECOVERY_ADMIN, STALWART_RECOVERY_MODE_PORT } =
    process.env;
const refuse = process.env.REFUSE;
if (process.env.DIE === "at start") process.exit(3);
if (STALWART_RECOVERY_MODE !== "1") throw new Error("not in recovery mode");

/** Ids by key of the objects that are kept from one start to the next. */
const known = new Map<string, string>(
    existsSync(state) ? (JSON.parse(readFileSync(state, "utf8")) as [string, string][]) : [],
);

function create(type: string, ref: string, value: Record<string, unknown>): MethodResponse {
    if (refuse === `create ${type}`)
        return { notCreated: { [ref]: { type: "invalidPatch", properties: [value] } } };
    const key = `${type} ${String(value.name)}`;
    const existing = known.get(key);
    if ((type === "x:Domain/set" || type === "x:Account/set") && existing !== undefined)
        return {
            notCreated: {
                [ref]: {
                    type: "primaryKeyViolation",
                    objectId: { object: type, id: existing },
                },
            },
        };
    const id = `i${known.size}`;
    known.set(key, id);
    return { created: { [ref]: { id } } };
}

function answer([method, args, callId]: Call): [string, MethodResponse, string] {
    if (method.endsWith("/query")) return [method, { ids: [] }, callId];
    for (const [ref, value] of Object.entries(args.create ?? {}))
        return [method, create(method, ref, value), callId];
    for (const id of Object.keys(args.update ?? {}))
        return [
            method,
            id === "singleton" || [...known.values()].includes(id)
                ? { updated: { [id]: null } }
                : { notUpdated: { [id]: { type: "notFound" } } },
            callId,
        ];
    return [method, { destroyed: [] }, callId];
}

function authorized(request: IncomingMessage): boolean {
    const expected = Buffer.from(STALWART_RECOVERY_ADMIN ?? "").toString("base64");
    return request.headers.authorization === `Basic ${expected}`;
}

const server = createServer((request, response) => {
    void (async () => {
        if (request.url === "/healthz/live") return response.writeHead(200).end();
        if (request.url !== "/jmap/" || request.method !== "POST")
            return response.writeHead(404).end();
        if (!authorized(request)) return response.writeHead(401).end("unauthorized");
        const body = (await buffer(request)).toString();
        appendFileSync(log, `${body}\n`);
        const { methodCalls } = JSON.parse(body) as { methodCalls: Call[] };
        return response.end(JSON.stringify({ methodResponses: methodCalls.map(answer) }));
    })();
});
server.listen(Number(STALWART_RECOVERY_MODE_PORT), "127.0.0.1");
process.on("SIGTERM", () => {
    writeFileSync(state, JSON.stringify([...known]));
    process.exit(0);
});
