import { once } from "node:events";
import { access, chmod, constants, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { V1Container } from "@kubernetes/client-node";
import { execa } from "execa";
import { labPort } from "../../addresses.ts";
import { LabChildProcess } from "../../childProcess.ts";
import type { PodView, ServerStandIn } from "../../parts.ts";
import { bindings, fromLoadBalancer, type Binding } from "../stalwartBindings.ts";
import { isStalwartPod, readStalwartPod, type StalwartPod } from "../stalwartPod.ts";
import { POD_CLIENT, SERVER_ADDRESS, WORLD_ADDRESS } from "./addresses.ts";
import { answerCalls, call, join } from "./bridge.ts";
import { createNamespaces, namespacesOf, removeNamespaces, type Namespaces } from "./namespaces.ts";
import { refreshFiles, userOf, writeMounts, type Mount } from "./podFiles.ts";

/** Where the image has the server. */
const PROGRAM = "/usr/local/bin/stalwart";

/** Ports at which the server finds others: mail, and MTA-STS policies. */
const WORLD_PORTS = [25, 443] as const;

/** Milliseconds between two looks at what the pod mounts, and before the server is started again. */
const REFRESH = 2_000;
const RESTART = 1_000;

/** Milliseconds until the server has to greet. */
const START_TIMEOUT = 60_000;

export interface StalwartServerOptions {
    /** Absolute path of the server's binary (`STALWART_BIN`). */
    readonly binary: string;
    /** Further directories of this machine that it reads, for example libraries. @default none */
    readonly readable?: readonly string[];
    /** Lab number. */
    readonly instance: number;
    /** The lab's state directory; everything is kept in `mail-server` there. */
    readonly directory: string;
    /** As in `LabAddresses`. */
    readonly portOffset: number;
    /** A name server of the lab that answers over TCP too. */
    readonly nameServer: { readonly host: string; readonly port: number };
    /** One line for the lab's log. @default nothing is logged */
    readonly log?: (message: string) => void;
}

/** A pod's server in its namespaces. */
interface Place {
    readonly view: PodView;
    readonly directory: string;
    readonly namespaces: Namespaces;
    readonly further: readonly Mount[];
}

function container(view: PodView, which: "initContainers" | "containers"): V1Container {
    const found = view.pod.spec?.[which]?.find(({ command = [], args = [] }) =>
        [...command, ...args].includes(PROGRAM),
    );
    if (found === undefined) throw new Error(`the pod has no container that runs ${PROGRAM}`);
    return found;
}

/** The command of a container, unchanged, as it is run here. */
export async function entered(
    { view, directory, namespaces, further }: Place,
    of: V1Container,
): Promise<{ readonly command: string; readonly args: readonly string[] }> {
    const root = joinPath(directory, `${of.name}.root`);
    await mkdir(root, { recursive: true });
    return {
        command: "ip",
        args: [
            ...["netns", "exec", namespaces.server],
            ...["unshare", "--mount", "--propagation", "private"],
            ...["bash", joinPath(import.meta.dirname, "enter.sh"), root],
            await writeMounts(view, of, directory, further),
            String(userOf(view)),
            ...["env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin"],
            ...(of.env ?? []).map(({ name, value = "" }) => `${name}=${value}`),
            ...(of.command ?? []),
            ...(of.args ?? []),
        ],
    };
}

/** Carries what comes in at an address of the lab to the server, from where it comes from in a cluster. */
async function carryIn(
    { listener, host, port, behindProxy }: Binding,
    gateway: string,
    proxy: string | undefined,
): Promise<Server> {
    const server = createServer({ pauseOnConnect: true }, (socket) => {
        socket.on("error", () => socket.destroy());
        const balanced = behindProxy && fromLoadBalancer(socket.remoteAddress ?? "");
        const from = balanced ? proxy : POD_CLIENT;
        const target = { host: SERVER_ADDRESS, port: listener.port };
        call(gateway, { ...target, ...(from !== undefined && { from }) }).then(
            (inside) => {
                join(socket, inside);
                socket.resume();
            },
            () => socket.destroy(),
        );
    });
    server.listen(port, host);
    await once(server, "listening");
    return server;
}

async function greeting(gateway: string, port: number): Promise<void> {
    const socket: Socket = await call(gateway, { host: SERVER_ADDRESS, port, from: WORLD_ADDRESS });
    try {
        const [text] = (await once(socket, "data", { signal: AbortSignal.timeout(2_000) })) as [
            Buffer,
        ];
        if (!text.toString().startsWith("220 ")) throw new Error(text.toString().trim());
    } finally {
        socket.destroy();
    }
}

function closed(server: Server): Promise<void> {
    return new Promise((resolve) => {
        server.close(() => {
            resolve();
        });
    });
}

/** Runs the real server for a pod of the chart: its plan by its own script, its files, commands, user and ports. */
class RunningServer {
    readonly #options: StalwartServerOptions;
    readonly #place: Place;
    readonly #pod: StalwartPod;
    readonly #stops: (() => Promise<void>)[] = [];
    #stopped = false;

    constructor(options: StalwartServerOptions, view: PodView, pod: StalwartPod) {
        this.#options = options;
        this.#pod = pod;
        this.#place = {
            view,
            directory: joinPath(options.directory, "mail-server"),
            namespaces: namespacesOf(options.instance),
            further: [
                { mode: "ro", source: options.binary, place: PROGRAM },
                ...(options.readable ?? []).map((source): Mount => ({
                    mode: "ro",
                    source,
                    place: source,
                })),
            ],
        };
    }

    async start(): Promise<void> {
        const { directory, namespaces, view } = this.#place;
        await access(this.#options.binary, constants.X_OK).catch((cause: unknown) => {
            throw new Error(`STALWART_BIN: ${this.#options.binary} is no program`, { cause });
        });
        await rm(directory, { recursive: true, force: true });
        await mkdir(directory, { recursive: true });
        await chmod(directory, 0o755);
        await createNamespaces(namespaces);
        this.#stops.push(() => removeNamespaces(namespaces));
        const gateway = await this.#openWorld();
        await this.#applyPlan();
        const server = await this.#run("server", container(view, "containers"));
        await server.ready(() => greeting(gateway, 587), START_TIMEOUT);
        this.#keep(server, container(view, "containers"));
        this.#refresh(container(view, "containers"));
        const [proxy] = this.#pod.settings.listeners.flatMap((l) => l.proxyTrustedNetworks);
        for (const binding of bindings(view, this.#pod, this.#options.portOffset)) {
            const carried = await carryIn(binding, gateway, proxy?.split("/")[0]);
            this.#stops.push(() => closed(carried));
        }
    }

    async stop(): Promise<void> {
        this.#stopped = true;
        for (const stop of this.#stops.splice(0).reverse()) await stop();
    }

    /** The lab's side of the bridge, and the world's. Resolves to the Unix socket by which the server is reached. */
    async #openWorld(): Promise<string> {
        const { nameServer, portOffset } = this.#options;
        const { directory, namespaces, view } = this.#place;
        // Paths of Unix sockets have to be short.
        const sockets = await mkdtemp(joinPath(tmpdir(), "mail-server-"));
        this.#stops.push(() => rm(sockets, { recursive: true, force: true }));
        const lab = joinPath(sockets, "lab");
        const gateway = joinPath(sockets, "world");
        const side = await answerCalls(lab, ({ host, port }) =>
            host === nameServer.host
                ? nameServer
                : {
                      host,
                      port: labPort(port, portOffset),
                      ...(view.egressAddress !== undefined && { from: view.egressAddress }),
                  },
        );
        this.#stops.push(() => closed(side));
        const { route } = this.#pod.settings.outbound;
        const ports = [...WORLD_PORTS, ...(route.kind === "relay" ? [route.port] : [])];
        const world = await LabChildProcess.start({
            name: "the world of the mail server",
            command: "ip",
            args: [
                ...["netns", "exec", namespaces.world, process.execPath],
                joinPath(import.meta.dirname, "gateway.ts"),
                JSON.stringify({ lab, gateway, ports: [...new Set(ports)], nameServer }),
            ],
            log: joinPath(directory, "world.log"),
        });
        this.#stops.push(() => world.stop());
        await world.ready(async () => {
            (await call(gateway, { host: WORLD_ADDRESS, port: WORLD_PORTS[0] })).destroy();
        });
        return gateway;
    }

    /** What the pod's init container does, to its end. */
    async #applyPlan(): Promise<void> {
        const { command, args } = await entered(
            this.#place,
            container(this.#place.view, "initContainers"),
        );
        const { exitCode, all } = await execa(command, args, { reject: false, all: true });
        this.#options.log?.(all.trim());
        if (exitCode !== 0) throw new Error(`the plan was not applied: ${all.trim().slice(-500)}`);
    }

    async #run(name: string, of: V1Container): Promise<LabChildProcess> {
        const started = await LabChildProcess.start({
            name: `the mail server (${this.#options.binary})`,
            ...(await entered(this.#place, of)),
            log: joinPath(this.#place.directory, `${name}.log`),
        });
        this.#stops.push(() => started.stop());
        return started;
    }

    /** Brings its files up to date as kubelet does. */
    #refresh(of: V1Container): void {
        const { view, directory } = this.#place;
        const timer = setInterval(() => {
            refreshFiles(view, of, directory).catch((error: unknown) => {
                this.#options.log?.(`the mail server's files: ${String(error)}`);
            });
        }, REFRESH);
        this.#stops.push(() => {
            clearInterval(timer);
            return Promise.resolve();
        });
    }

    /** Starts it again when it ends by itself, as kubelet does: its own script ends it when its certificate was replaced. */
    #keep(server: LabChildProcess, of: V1Container): void {
        void server.ended.then(async () => {
            if (this.#stopped) return;
            this.#options.log?.(`the mail server ended: ${await server.lastOutput(3)}`);
            await delay(RESTART);
            if (!this.#isStopped()) this.#keep(await this.#run("server", of), of);
        });
    }

    /** Asked anew after a wait. */
    #isStopped(): boolean {
        return this.#stopped;
    }
}

/**
 * Runs the real mail server in place of its stand-in, where its binary is on this machine: in two network namespaces that see each
 * other alone, since it refuses next hops on loopback. Needs root.
 */
export function stalwartServer(options: StalwartServerOptions): ServerStandIn {
    return {
        name: "stalwart",
        matches: isStalwartPod,
        async start(view) {
            const server = new RunningServer(options, view, await readStalwartPod(view));
            try {
                await server.start();
            } catch (error) {
                await server.stop();
                throw error;
            }
            return () => server.stop();
        },
    };
}
