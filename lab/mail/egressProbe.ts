import { once } from "node:events";
import { connect } from "node:net";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { labPort } from "../addresses.ts";
import type { EgressProbe, JobStandIn } from "../parts.ts";
import type { LabDns } from "./labDns.ts";

/** Name of the script that is played, in the mail server's chart and on the nodes. */
const SCRIPT = "egress-probe.sh";

export interface EgressProbeOptions {
    readonly dns: LabDns;
    /** As in `LabAddresses`. */
    readonly portOffset: number;
    /** Milliseconds for each server. @default 15000, as the script's */
    readonly timeout?: number;
}

interface Attempt {
    readonly target: string;
    readonly open: boolean;
    readonly answer: string;
    readonly sees: string | null;
}

/** As the script leaves of what a stranger said. */
function harmless(text: string): string {
    return text.replaceAll(/[^A-Za-z0-9 .:,@=+_()<>[\]-]/g, "").slice(0, 160);
}

/** Greets a server; resolves to its greeting, and to the first line of its reply to EHLO. */
async function greet(
    way: { host: string; port: number; localAddress?: string },
    ehlo: string,
    timeout: number,
): Promise<readonly [string, string]> {
    const signal = AbortSignal.timeout(timeout);
    const socket = connect(way);
    let text = "";
    const until = async (pattern: RegExp): Promise<string> => {
        for (;;) {
            const match = pattern.exec(text);
            if (match) return match[1] ?? "";
            const [chunk] = (await once(socket, "data", { signal })) as [Buffer];
            text += chunk.toString("latin1");
        }
    };
    try {
        await once(socket, "connect", { signal });
        const greeting = await until(/^(?:\d{3}-[^\n]*\n)*(\d{3}(?: [^\r\n]*)?)\r?\n/);
        if (!greeting.startsWith("220")) return [greeting, ""];
        text = "";
        socket.write(`EHLO ${ehlo}\r\n`);
        return [greeting, await until(/^([^\r\n]*)\r?\n/)];
    } finally {
        socket.destroy();
    }
}

/** Plays the script: greets the servers from `localAddress`, and gives what the script would print. */
export function egressProbe({
    dns,
    portOffset,
    timeout = 15_000,
}: EgressProbeOptions): EgressProbe {
    const attempt = async (
        target: string,
        ehlo: string,
        localAddress: string | undefined,
    ): Promise<Attempt> => {
        const colon = target.lastIndexOf(":");
        const name = target.slice(0, colon);
        const closed = (answer: string): Attempt => ({
            target: harmless(target),
            open: false,
            answer: harmless(answer),
            sees: null,
        });
        const [host] = await dns.addresses(name);
        if (host === undefined) return closed(`${name} has no IPv4 address here`);
        try {
            const port = labPort(Number(target.slice(colon + 1)), portOffset);
            const way = { host, port, ...(localAddress !== undefined && { localAddress }) };
            const [greeting, reply] = await greet(way, ehlo, timeout);
            return {
                ...closed(greeting),
                open: greeting.startsWith("220"),
                sees: /\d{1,3}(?:\.\d{1,3}){3}/.exec(reply)?.[0] ?? null,
            };
        } catch (error) {
            const refused =
                error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
            return closed(refused ? "Connection refused" : `no answer in ${timeout / 1000} s`);
        }
    };
    return async ({ ehlo, targets, localAddress }) => {
        const attempts: Attempt[] = [];
        for (const target of targets) attempts.push(await attempt(target, ehlo, localAddress));
        const observedAt = `${new Date().toISOString().slice(0, -5)}Z`;
        return JSON.stringify({ observedAt, attempts });
    };
}

function probeContainer(pod: V1Pod): V1Container | undefined {
    return pod.spec?.containers.find(({ command = [] }) =>
        command.some((word) => word.endsWith(`/${SCRIPT}`)),
    );
}

/** Plays the pods of the chart that look at the way out: by the arguments of the installed pod, from its node's address. */
export function egressProbeStandIn(probe: EgressProbe): JobStandIn {
    return {
        name: "egress-probe",
        matches: (pod) => probeContainer(pod) !== undefined,
        async run(view) {
            const { pod, egressAddress } = view;
            const container = probeContainer(pod);
            const [, script = "", output] = container?.command ?? [];
            if (container === undefined || output !== "/dev/termination-log")
                throw new Error("the probe does not write to its termination message");
            if ((await view.readFile(container.name, script)) === undefined)
                throw new Error(`bash: ${script}: No such file or directory`);
            const [ehlo = "", ...targets] = container.args ?? [];
            return await probe({
                ehlo,
                targets,
                ...(egressAddress !== undefined && { localAddress: egressAddress }),
            });
        },
    };
}
