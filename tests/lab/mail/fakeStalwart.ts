// Stands for the real mail server, in its own root and namespaces: greets on 25 and 587 as it does, and tells of itself on 587 when it
// is asked: `WHOAMI`, `READ <path>`, `GREET <host>` (over DNS, as a delivery would) and `CONNECT <address> <port>`.
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** What a server says first, or to this line after it. */
async function firstLine(host: string, port: number, line?: string): Promise<string> {
    const socket = connect({ host, port });
    const said = async () => {
        const signal = AbortSignal.timeout(3_000);
        const [chunk] = (await once(socket, "data", { signal })) as [Buffer];
        return chunk.toString().split("\r\n")[0] ?? "";
    };
    try {
        const greeting = await said();
        if (line === undefined) return greeting;
        socket.write(`${line}\r\n`);
        return await said();
    } finally {
        socket.destroy();
    }
}

async function answer([verb, first = "", second = ""]: string[]): Promise<string> {
    if (verb === "WHOAMI") return `${process.getuid?.() ?? ""} ${process.cwd()}`;
    if (verb === "READ") return readFileSync(first, "utf8").split("\n")[0] ?? "";
    if (verb === "CONNECT") return await firstLine(first, Number(second));
    const [address = ""] = await new Resolver().resolve4(first);
    return `${address} ${await firstLine(address, 25, "EHLO mail.sov.test")}`;
}

function serve(socket: Socket): void {
    socket.on("error", () => undefined);
    socket.write(`220 from ${socket.remoteAddress ?? ""}\r\n`);
    createInterface(socket).on("line", (line) => {
        answer(line.split(" ")).then(
            (text) => socket.write(`250 ${text}\r\n`),
            (error: unknown) => socket.write(`550 ${String(error)}\r\n`),
        );
    });
}

for (const port of [25, 465, 587, 8080]) createServer(serve).listen(port, "0.0.0.0");
process.on("SIGTERM", () => process.exit(0));
