import type { Socket } from "node:net";
import { readAhead, readProxyHeader } from "../../proxyHeader.ts";

/** Milliseconds until the first bytes have to be there. */
const FIRST_BYTES = 10_000;

/**
 * Takes a connection's PROXY header off, if one is demanded, and looks at the first byte of what follows, which stays
 * unread. `undefined` for a connection that is refused: without a header, or closed before anything came.
 */
export async function acceptConnection(
    socket: Socket,
    demandHeader: boolean,
): Promise<{ readonly first: number } | undefined> {
    const timer = setTimeout(() => socket.destroy(), FIRST_BYTES);
    try {
        if (demandHeader) await readProxyHeader(socket);
        return await readAhead(socket, ([first]) =>
            first === undefined ? undefined : { length: 0, first },
        );
    } catch {
        socket.destroy();
        return undefined;
    } finally {
        clearTimeout(timer);
    }
}
