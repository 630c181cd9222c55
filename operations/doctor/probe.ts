import { once } from "node:events";
import { connect } from "node:net";
import { z } from "zod";

/** ConfigMap of the mail namespace in which nodes and pods publish what only they can see, one key for each. */
export const PROBE_CONFIG_MAP = "mail-probes";

/** How long a result speaks for the present, in milliseconds: a day. */
export const PROBE_LIFETIME = 24 * 60 * 60 * 1000;

const attempt = z.object({
    /** Server, by name or address, with its port. */
    target: z.string(),
    /** Its greeting, or why there was none. */
    answer: z.string(),
    open: z.boolean(),
});

const result = z.object({
    node: z.string(),
    /** ISO 8601. */
    observedAt: z.string(),
    /** The address that others see; null where nobody could be asked. */
    egressAddress: z.string().nullable(),
    outbound: z.array(attempt),
});

/** What one node sees of the way out. */
export type ProbeResult = z.infer<typeof result>;

/** Reads a published result; undefined for what is none. */
export function parseProbe(text: string): ProbeResult | undefined {
    try {
        return result.safeParse(JSON.parse(text)).data;
    } catch {
        return undefined;
    }
}

export interface ProbeOptions {
    /** Name of the node that the probe runs on. */
    readonly node: string;
    /** Mail servers to greet. */
    readonly targets: readonly {
        readonly name: string;
        readonly address: string;
        readonly port: number;
    }[];
    /** Tells the address that a request came from. */
    readonly echo: { readonly host: string; readonly port: number };
    /** Address to go out by. @default the system's choice */
    readonly localAddress?: string;
    /** Milliseconds for each step. @default 10000 */
    readonly timeout?: number;
}

/** Sends a line, if any, and reads until `until` is in what came; throws when it does not come. */
async function converse(
    {
        host,
        port,
        localAddress,
        timeout,
    }: { host: string; port: number; localAddress: string | undefined; timeout: number },
    line: string | undefined,
    until: RegExp,
): Promise<RegExpExecArray> {
    const socket = connect({ host, port, ...(localAddress !== undefined && { localAddress }) });
    const signal = AbortSignal.timeout(timeout);
    try {
        await once(socket, "connect", { signal });
        if (line !== undefined) socket.write(line);
        let text = "";
        for (;;) {
            const [chunk] = (await once(socket, "data", { signal })) as [Buffer];
            text += chunk.toString("latin1");
            const match = until.exec(text);
            if (match) return match;
        }
    } finally {
        socket.destroy();
    }
}

/** Looks at the way out from where it runs. Never throws: what fails is part of the result. */
export async function probe(options: ProbeOptions): Promise<ProbeResult> {
    const { node, targets, echo, localAddress, timeout = 10_000 } = options;
    const outbound = await Promise.all(
        targets.map(async ({ name, address, port }) => {
            const target = `${name}:${port}`;
            const way = { host: address, port, localAddress, timeout };
            return converse(way, undefined, /^(220[ -][^\r\n]*)\r?\n/).then(
                ([, greeting = ""]) => ({ target, answer: greeting, open: true }),
                (error: unknown) => ({
                    target,
                    answer: error instanceof Error ? error.message : String(error),
                    open: false,
                }),
            );
        }),
    );
    const request = `GET /address HTTP/1.1\r\nHost: ${echo.host}\r\nConnection: close\r\n\r\n`;
    const egressAddress = await converse(
        { ...echo, localAddress, timeout },
        request,
        /\r\n\r\n\s*([0-9a-f.:]+)\s*$/i,
    ).then(
        ([, address = null]) => address,
        () => null,
    );
    return { node, observedAt: new Date().toISOString(), egressAddress, outbound };
}
