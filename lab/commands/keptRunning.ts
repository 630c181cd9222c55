import { createHook } from "node:async_hooks";

/** Node's names of what can keep a process running, and what to call it. */
const KINDS: Readonly<Record<string, string>> = {
    Timeout: "timer",
    TCPSERVERWRAP: "listener",
    TCPWRAP: "connection",
    PIPESERVERWRAP: "listener on a Unix socket",
    PIPEWRAP: "pipe",
    UDPWRAP: "UDP socket",
    PROCESSWRAP: "process",
    FSEVENTWRAP: "watched file",
    STATWATCHER: "watched file",
    SIGNALWRAP: "signal handler",
    TTYWRAP: "terminal",
    WORKER: "worker thread",
    MESSAGEPORT: "message port",
};

/** How many of the places that led to a resource are named. */
const PLACES = 4;

interface Made {
    readonly kind: string;
    readonly resource: WeakRef<object>;
    /** Formatted only when it is read. */
    readonly origin: { readonly stack?: string };
}

/** Remembers where timers, sockets, listeners, processes and watches were made, to name those that keep the process from ending. */
export class KeptRunning {
    readonly #made = new Map<number, Made>();

    /** Begins to watch. What was made before is not seen. */
    start(): void {
        createHook({
            init: (id, kind, _trigger, resource) => {
                if (!Object.hasOwn(KINDS, kind)) return;
                const origin = {};
                Error.captureStackTrace(origin);
                this.#made.set(id, { kind, resource: new WeakRef(resource), origin });
            },
            destroy: (id) => this.#made.delete(id),
        }).enable();
    }

    /**
     * What keeps the process running now, one line each: what it is, its address, process id or period where it has one, and the places in the
     * sources that made it, the nearest first. Then a line with all kinds that Node itself counts, among them requests under way.
     */
    describe(): string[] {
        const lines = [...this.#made.values()].flatMap(({ kind, resource, origin }) => {
            const held = resource.deref();
            if (held === undefined || !holds(held)) return [];
            const facts = [KINDS[kind] ?? kind, ...detailsOf(held)].join(" ");
            return [[facts, ...placesOf(origin.stack ?? "")].join("\n    ")];
        });
        return [...lines, `in all: ${countsOf(process.getActiveResourcesInfo())}`];
    }
}

function holds(resource: object): boolean {
    return !("hasRef" in resource) || call(resource, "hasRef") === true;
}

/** Node's handles tell these facts to its own sockets and processes; no documented interface does. */
function detailsOf(resource: object): string[] {
    const details: string[] = [];
    if ("pid" in resource && typeof resource.pid === "number") details.push(`${resource.pid}`);
    if ("_idleTimeout" in resource && typeof resource._idleTimeout === "number")
        details.push(`of ${resource._idleTimeout} ms`);
    const local = addressOf(resource, "getsockname");
    if (local !== undefined) details.push(`at ${local}`);
    const peer = addressOf(resource, "getpeername");
    if (peer !== undefined) details.push(`to ${peer}`);
    return details;
}

function addressOf(resource: object, name: string): string | undefined {
    if (!(name in resource)) return undefined;
    const found: { address?: string; port?: number } = {};
    call(resource, name, found);
    return found.address === undefined ? undefined : `${found.address}:${found.port ?? ""}`;
}

function call(resource: object, name: string, ...parameters: unknown[]): unknown {
    const method: unknown = Reflect.get(resource, name);
    return typeof method === "function" ? Reflect.apply(method, resource, parameters) : undefined;
}

/** The frames in files, ours before those of packages. */
function placesOf(stack: string): string[] {
    const frames = [...stack.matchAll(/[ (]((?:file:\/\/)?\/[^()\s]+:\d+:\d+)\)?$/gm)].map(
        ([, place]) => (place ?? "").replace("file://", ""),
    );
    const outside = frames.filter((place) => !place.startsWith(import.meta.filename));
    const own = outside.filter((place) => !place.includes("/node_modules/"));
    return (own.length > 0 ? own : outside).slice(0, PLACES);
}

function countsOf(kinds: readonly string[]): string {
    const counts = new Map<string, number>();
    for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
}
