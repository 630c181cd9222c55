/**
 * Runs in the namespace of the world: answers for every address of it, by carrying connections to the lab, and opens those that come
 * from the lab. `node gateway.ts <configuration as JSON>`; says "ready" when it serves.
 */
import { once } from "node:events";
import { createServer } from "node:net";
import { z } from "zod";
import { inLab, WORLD_ADDRESS } from "./addresses.ts";
import { answerCalls, call, join } from "./bridge.ts";
import { startResolver } from "./dnsView.ts";

const configuration = z
    .object({
        /** Unix socket of the lab, which connections of the server are carried to. */
        lab: z.string(),
        /** Unix socket of this process, which the lab's connections to the server come in by. */
        gateway: z.string(),
        /** TCP ports at which the world is reached. */
        ports: z.array(z.int().positive()),
        nameServer: z.object({ host: z.string(), port: z.int().positive() }),
    })
    .parse(JSON.parse(process.argv[2] ?? "{}"));
const { lab, gateway, ports, nameServer } = configuration;

for (const port of ports) {
    const server = createServer({ pauseOnConnect: true }, (socket) => {
        socket.on("error", () => socket.destroy());
        const host = inLab(socket.localAddress ?? "");
        if (host === undefined) {
            socket.destroy();
            return;
        }
        call(lab, { host, port }).then(
            (target) => {
                join(socket, target);
                socket.resume();
            },
            () => socket.destroy(),
        );
    });
    server.listen(port, "0.0.0.0");
    await once(server, "listening");
}
await startResolver(WORLD_ADDRESS, () => call(lab, nameServer));
await answerCalls(gateway, (wanted) => wanted);
process.stdout.write("ready\n");
