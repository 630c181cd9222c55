import { existsSync, readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { CHECKS } from "./checks/all.ts";
import type { ConnectOptions } from "./connect.ts";
import type { Endpoint } from "./examination.ts";

/** What a person asked of the doctor. */
export interface DoctorFlags {
    /** Stack to examine; undefined where none is named. */
    readonly stack?: string;
    /** File with the stack's outputs as JSON, `-` for standard input; undefined to ask Pulumi. */
    readonly outputs?: string;
    readonly json: boolean;
    /** Ids of the checks to make; empty for all. */
    readonly only: readonly string[];
    /** What was given of the way to the Sovereign. */
    readonly connect: ConnectOptions;
}

/** A flag that cannot be read; the message is for the person who wrote it. */
export class FlagError extends Error {
    constructor(message: string) {
        super(message);
        this.name = "FlagError";
    }
}

function endpoint(text: string): Endpoint {
    const [, host, port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
    if (host === undefined) throw new InvalidArgumentError("it is <host>:<port>.");
    return { host, port: Number(port) };
}

function portMove(text: string, moves: ReadonlyMap<number, number> = new Map()) {
    const [, from, to] = /^(\d{1,5})=(\d{1,5})$/.exec(text) ?? [];
    if (from === undefined) throw new InvalidArgumentError("it is <port>=<port>.");
    return new Map([...moves, [Number(from), Number(to)]]);
}

function seconds(text: string): number {
    if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("it is whole seconds.");
    return Number(text) * 1000;
}

function port(text: string): number {
    if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError("it is a port.");
    return Number(text);
}

function checkId(text: string, ids: readonly string[] = []): string[] {
    const known = CHECKS.map(({ id }) => id);
    if (!known.includes(text)) throw new InvalidArgumentError(`there are ${known.join(", ")}.`);
    return [...ids, text];
}

const collect = (text: string, all: readonly string[] = []): string[] => [...all, text];

interface Values {
    readonly stack?: string;
    readonly outputs?: string;
    readonly json?: true;
    readonly only?: string[];
    readonly nameServer?: string[];
    readonly dnsPort?: number;
    readonly resolver?: string[];
    readonly port?: Map<number, number>;
    readonly submission?: Endpoint;
    readonly http?: Endpoint;
    readonly authority?: string[];
    readonly addressList?: string[];
    readonly nameList?: string[];
    readonly blocklists: boolean;
    readonly witness?: string;
    readonly witnessUrl?: string;
    readonly seedMailbox?: string;
    readonly seedHost?: string;
    readonly seedPort?: number;
    readonly timeout?: number;
    readonly arrival?: number;
    readonly probe?: true;
}

function commandLine(): Command {
    return new Command("doctor")
        .description(
            "examines the mail of a Sovereign; exit code 0: ready, 1: not, 2: not examined",
        )
        .option("--stack <name>", "stack to examine (default: the lab's)")
        .option("--outputs <file>", "its outputs as JSON instead, - for standard input")
        .option("--json", "the diagnosis as JSON")
        .option("--only <id>", "this check alone; repeatable", checkId)
        .option("--name-server <address[:port]>", "authoritative server; repeatable", collect)
        .option("--dns-port <port>", "port of authoritative servers", port)
        .option("--resolver <address[:port]>", "resolver; repeatable", collect)
        .option("--port <public=actual>", "where a public port is reached; repeatable", portMove)
        .option("--submission <host:port>", "where 587 is reached", endpoint)
        .option("--http <host:port>", "where the server's 8080 is reached", endpoint)
        .option("--authority <file>", "trust it besides public ones; repeatable", collect)
        .option("--address-list <zone>", "blocklist of addresses; repeatable", collect)
        .option("--name-list <zone>", "blocklist of names; repeatable", collect)
        .option("--no-blocklists", "ask no blocklist")
        .option("--witness <address>", "mailbox elsewhere to write to")
        .option("--witness-url <url>", "tells how that mailbox's server judged what came")
        .option("--seed-mailbox <address>", "mailbox of your own; password in DOCTOR_SEED_PASSWORD")
        .option("--seed-host <name>", "its IMAP server, by TLS")
        .option("--seed-port <port>", "its port", port)
        .option("--timeout <seconds>", "for a connection and each reply", seconds)
        .option("--arrival <seconds>", "for a message to arrive", seconds)
        .option("--probe", "have the probe in the cluster look again first");
}

/** Blocklists where none are named: Spamhaus' (https://www.spamhaus.org/zen/, https://www.spamhaus.org/dbl/). */
const SPAMHAUS = { addressLists: ["zen.spamhaus.org"], nameLists: ["dbl.spamhaus.org"] } as const;

function blocklists({ blocklists: wanted, addressList, nameList }: Values): ConnectOptions {
    if (!wanted) return { addressLists: [], nameLists: [] };
    if (addressList === undefined && nameList === undefined) return {};
    return { addressLists: addressList ?? [], nameLists: nameList ?? [] };
}

function witness({ witness: address, witnessUrl: url }: Values): ConnectOptions {
    if (address === undefined && url === undefined) return {};
    if (address === undefined || url === undefined)
        throw new FlagError("--witness and --witness-url belong together");
    return { witness: { address, url } };
}

function authorities({ authority: files }: Values): ConnectOptions {
    if (files === undefined) return {};
    return {
        authorities: files.map((file) => {
            const pem = existsSync(file) ? readFileSync(file, "utf8") : "";
            if (!pem.includes("-----BEGIN CERTIFICATE-----"))
                throw new FlagError(`--authority: ${file} holds no certificate (PEM)`);
            return pem;
        }),
    };
}

/** Environment variable with the seed mailbox's password: command lines can be seen by others. */
const SEED_PASSWORD = "DOCTOR_SEED_PASSWORD";

function seed(
    { seedMailbox: address, seedHost: host, seedPort }: Values,
    environment: Readonly<Record<string, string | undefined>>,
): ConnectOptions {
    if (address === undefined && host === undefined) return {};
    if (address === undefined || host === undefined)
        throw new FlagError("--seed-mailbox and --seed-host belong together");
    const password = environment[SEED_PASSWORD];
    if (password === undefined || password === "")
        throw new FlagError(
            `${SEED_PASSWORD} is not set: export it with the password of ${address}`,
        );
    return { seed: { address, host, password, ...(seedPort !== undefined && { port: seedPort }) } };
}

/**
 * Reads the doctor's flags.
 *
 * @param defaults - the way to the Sovereign where no flag says otherwise
 * @throws FlagError
 */
export function doctorFlags(
    args: readonly string[],
    defaults: ConnectOptions = SPAMHAUS,
    environment: Readonly<Record<string, string | undefined>> = process.env,
): DoctorFlags {
    const command = commandLine()
        .exitOverride()
        .configureOutput({ writeErr: () => undefined });
    try {
        command.parse([...args], { from: "user" });
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw new FlagError(message.replace(/^error: /, ""));
    }
    const values = command.opts<Values>();
    const { stack, outputs, json, only, nameServer, resolver, port: ports } = values;
    const { dnsPort, submission, http, timeout, arrival, probe } = values;
    return {
        ...(stack !== undefined && { stack }),
        ...(outputs !== undefined && { outputs }),
        json: json ?? false,
        only: only ?? [],
        connect: {
            ...defaults,
            ...blocklists(values),
            ...authorities(values),
            ...witness(values),
            ...seed(values, environment),
            ...(nameServer && { nameServers: nameServer }),
            ...(dnsPort !== undefined && { dnsPort }),
            ...(resolver && { resolvers: resolver }),
            ...(ports && { ports }),
            ...(submission && { submission }),
            ...(http && { http }),
            ...(timeout !== undefined && { timeout }),
            ...(arrival !== undefined && { arrival }),
            ...(probe && { probe }),
        },
    };
}

/** The doctor's flags, for people. */
export function doctorHelp(): string {
    return commandLine().helpInformation();
}
