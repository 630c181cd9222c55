import Builder from "fast-xml-builder";
import type { WireReply } from "../dynadot/exchange.ts";
import { REGISTRAR_CREDENTIALS } from "./credentials.ts";
import type { ApiRequest, RegistrarApi } from "./emulatedRegistrar.ts";
import { withoutHost, type AccountView, type RegisteredDomain } from "./registeredDomains.ts";

/** Name servers of Namecheap's own DNS. */
export const NAMECHEAP_NAME_SERVERS = [
    "dns1.registrar-servers.com",
    "dns2.registrar-servers.com",
] as const;

type Parameters = Readonly<Record<string, string>>;
type Result = Readonly<Record<string, unknown>> | NamecheapError;

/** What a command says is wrong, by its number. */
class NamecheapError {
    readonly number: number;
    readonly message: string;

    constructor(number: number, message: string) {
        this.number = number;
        this.message = message;
    }
}

const builder = new Builder({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    suppressBooleanAttributes: false,
    suppressEmptyNode: true,
});

/**
 * Namecheap's XML API as far as `domains.dns.*` and `domains.ns.*` go (https://www.namecheap.com/support/api/methods/): parameters in the query or in a form, HTTP
 * status 200 whatever is wrong, and 405 for too many requests.
 */
export class NamecheapApi implements RegistrarApi {
    readonly name = "Namecheap";
    readonly basePath = "/xml.response";

    operation(request: ApiRequest): string {
        return parametersOf(request).command ?? "";
    }

    authenticate(request: ApiRequest) {
        const given = parametersOf(request);
        const { namecheapApiUser, namecheapApiKey, namecheapClientIp } = REGISTRAR_CREDENTIALS;
        if (given.apiuser !== namecheapApiUser || given.apikey !== namecheapApiKey)
            return failed(1011102, "API Key is invalid or API access has not been enabled");
        if (given.username !== namecheapApiUser)
            return failed(1019103, "Parameter UserName is not available");
        if (given.clientip !== namecheapClientIp)
            return failed(1011150, `Invalid request IP: ${given.clientip ?? ""}`);
        return undefined;
    }

    isReading(request: ApiRequest): boolean {
        return /\.get(?:List|Info)$/.test(this.operation(request));
    }

    async perform(request: ApiRequest, account: AccountView) {
        const parameters = parametersOf(request);
        const command = parameters.command ?? "";
        const domain = account.find(`${parameters.sld ?? ""}.${parameters.tld ?? ""}`);
        if (domain === undefined) return failed(2019166, "Domain name not found");
        const result = await this.#run(command, domain, parameters, account);
        return result instanceof NamecheapError
            ? failed(result.number, result.message)
            : respond("OK", {
                  Errors: "",
                  RequestedCommand: command,
                  CommandResponse: { "@Type": command, ...result },
              });
    }

    tooMany(): WireReply {
        return { status: 405, contentType: "text/html", body: "", refused: "too many requests" };
    }

    async #run(
        command: string,
        domain: RegisteredDomain,
        given: Parameters,
        account: AccountView,
    ): Promise<Result> {
        const { name } = domain;
        switch (command) {
            case "namecheap.domains.dns.getList":
                return {
                    DomainDNSGetListResult: {
                        "@Domain": name,
                        "@IsUsingOurDNS": String(domain.own),
                        Nameserver: domain.nameServers,
                    },
                };
            case "namecheap.domains.dns.setCustom": {
                const nameServers = (given.nameservers ?? "").split(",").filter(Boolean);
                if (nameServers.length === 0)
                    return new NamecheapError(2011166, "Parameter Nameservers is missing");
                await account.change(name, () => ({ nameServers, own: false }));
                return { DomainDNSSetCustomResult: { "@Domain": name, "@Updated": "true" } };
            }
            case "namecheap.domains.dns.setDefault":
                await account.change(name, () => ({
                    nameServers: NAMECHEAP_NAME_SERVERS,
                    own: true,
                }));
                return { DomainDNSSetDefaultResult: { "@Domain": name, "@Updated": "true" } };
            default:
                return this.#runOnHost(command, domain, given, account);
        }
    }

    async #runOnHost(
        command: string,
        { name, hosts }: RegisteredDomain,
        { nameserver = "", ip = "", oldip = "" }: Parameters,
        account: AccountView,
    ): Promise<Result> {
        const set = (address: string) =>
            account.change(name, ({ hosts: others }) => ({
                hosts: { ...others, [nameserver]: [address] },
            }));
        const [live] = hosts[nameserver] ?? [];
        const marks = { "@Domain": name, "@Nameserver": nameserver };
        const done = { ...marks, "@IsSuccess": "true" };
        if (command === "namecheap.domains.ns.create") {
            if (live !== undefined || !nameserver.endsWith(`.${name}`))
                return new NamecheapError(3031510, "Error From Enom when Errorcount <> 0");
            await set(ip);
            return { DomainNSCreateResult: { ...done, "@IP": ip } };
        }
        if (live === undefined)
            return new NamecheapError(3031510, "Error From Enom when Errorcount <> 0");
        switch (command) {
            case "namecheap.domains.ns.getInfo":
                return {
                    DomainNSInfoResult: {
                        ...marks,
                        "@IP": live,
                        NameserverStatuses: { Status: ["OK", "Linked"] },
                    },
                };
            case "namecheap.domains.ns.update":
                if (oldip !== live) return new NamecheapError(2015166, "OldIP is not the host's");
                await set(ip);
                return { DomainNSUpdateResult: done };
            case "namecheap.domains.ns.delete": {
                await account.change(name, ({ hosts: others }) => ({
                    hosts: withoutHost(others, nameserver),
                }));
                return { DomainNSDeleteResult: done };
            }
            default:
                return new NamecheapError(1010104, "Parameter Command is missing");
        }
    }
}

/** Parameters by their names in lower case, as the API takes them. */
function parametersOf({ url, body }: ApiRequest): Parameters {
    const pairs = [...url.searchParams, ...new URLSearchParams(body)];
    return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]));
}

function respond(status: "OK" | "ERROR", content: object, refused?: string): WireReply {
    const response = {
        "?xml": { "@version": "1.0", "@encoding": "utf-8" },
        ApiResponse: {
            "@Status": status,
            "@xmlns": "http://api.namecheap.com/xml.response",
            ...content,
            Server: "LAB",
            GMTTimeDifference: "+0:00",
            ExecutionTime: "0.01",
        },
    };
    return {
        status: 200,
        contentType: "text/xml",
        body: builder.build(response),
        ...(refused === undefined ? {} : { refused }),
    };
}

function failed(number: number, message: string): WireReply {
    const errors = { Error: { "@Number": String(number), "#text": message } };
    return respond("ERROR", { Errors: errors, RequestedCommand: "" }, message);
}
