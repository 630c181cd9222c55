import type { AccountStore } from "./accountStore.ts";
import { API3_COMMANDS } from "./api3Commands.ts";
import type { Api3Command } from "./api3Commands.ts";
import { api3Xml } from "./api3Xml.ts";
import type { Api3Content } from "./api3Xml.ts";
import { RATE_LIMIT_TEXT } from "./exchange.ts";
import type { Exchange, ServiceFailure, WireReply } from "./exchange.ts";
import type { DynadotSwitches } from "./switches.ts";
import type { VirtualClock } from "./virtualClock.ts";

/** A GET on `/api3.json` or `/api3.xml`. */
export interface Api3Request {
    readonly format: "json" | "xml";
    /** Path and query as received. */
    readonly url: string;
    readonly client: string;
}

/** What API3 answers from. */
export interface Api3Parts {
    readonly store: AccountStore;
    readonly clock: VirtualClock;
    readonly switches: () => DynadotSwitches;
    /** Whether the key is one of the account's and already valid. */
    readonly acceptsKey: (key: string) => boolean;
}

/** A request of API3 (https://www.dynadot.com/domain/api-commands): everything is in the query, and HTTP's status is 200. */
export function api3Exchange(request: Api3Request, parts: Api3Parts): Exchange {
    const query = new URL(request.url, "http://registrar").searchParams;
    const name = query.get("command")?.toLowerCase() ?? "";
    const command = Object.hasOwn(API3_COMMANDS, name) ? API3_COMMANDS[name] : undefined;
    const key = query.get("key") ?? "";
    const answer = (content: Api3Content, extra: Partial<WireReply> = {}, root = command?.root) =>
        render(request.format, root ?? "", content, extra);
    const error = (message: string, extra: Partial<WireReply> = {}, status = "error") =>
        answer(
            { ResponseCode: "-1", ...(command ? { Status: status } : {}), Error: message },
            { refused: message, ...extra },
        );
    return {
        api: request.format === "json" ? "api3.json" : "api3.xml",
        operation: name,
        method: "GET",
        url: request.url,
        client: request.client,
        key,
        authenticate: () =>
            parts.acceptsKey(key)
                ? undefined
                : answer(
                      { ResponseCode: "-1", Error: "invalid key" },
                      { refused: "invalid key" },
                      "",
                  ),
        perform: async ({ staleSeconds, lateSeconds } = {}) => {
            if (command === undefined) return error("unknown command");
            const switches = parts.switches();
            const call = { parameters: query, switches, now: parts.clock.now() };
            const content = command.writes
                ? await parts.store.change((account) => command.run(account, call), lateSeconds)
                : command.run(parts.store.read(staleSeconds ?? switches.staleReadSeconds), call);
            const code = successCode(command, switches);
            return answer(
                { ResponseCode: code, Status: "success", ...content },
                { replacedAll: name === "set_dns2" && replacesAll(query, switches) },
            );
        },
        fail: (failure) => failed(failure, error),
        refuse: (refusal) => error(refusal.message),
    };
}

function replacesAll(query: URLSearchParams, switches: DynadotSwitches): boolean {
    const mode = query.get("add_dns_to_current_setting");
    return mode !== "1" && !(switches.appendByYes && mode === "yes");
}

function successCode(command: Api3Command, switches: DynadotSwitches): number | string {
    switch (switches.successCode) {
        case "number":
            return 0;
        case "string":
            return "0";
        case "documented":
            return command.textCode === true ? "0" : 0;
    }
}

function failed(
    failure: ServiceFailure,
    error: (message: string, extra?: Partial<WireReply>, status?: string) => WireReply,
): WireReply {
    switch (failure) {
        case "rate":
            return error(RATE_LIMIT_TEXT, { status: 429 });
        case "concurrency":
            return error("Currently processing another request");
        case "system-busy":
            return error("system busy", {}, "system_busy");
        case "main-server":
            return error("problem with connection to main server");
        case "address":
            return error("The request is not allowed from the current IP address", { status: 403 });
    }
}

function render(
    format: Api3Request["format"],
    root: string,
    content: Api3Content,
    extra: Partial<WireReply>,
): WireReply {
    const body =
        format === "json"
            ? JSON.stringify({ [`${root}Response`]: content })
            : api3Xml(root, content);
    return { status: 200, contentType: `application/${format}`, body, ...extra };
}
