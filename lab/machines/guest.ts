import { rm } from "node:fs/promises";
import { join } from "node:path";
import type {
    Binary,
    EgressProbe,
    LabContext,
    LabProcess,
    Machine,
    WorkloadStandIn,
} from "../parts.ts";
import { MAIL_PROBE_TIMER } from "../../components/cluster/userData.ts";
import { BOOT_FILES } from "../../components/cluster/bootFiles.ts";
import { pause, readEnvironment, runCloudInit, startsBootstrap } from "./boot/bootstrap.ts";
import { Console } from "./boot/console.ts";
import { Disk } from "./boot/disk.ts";
import { startNode, type RunningNode } from "./boot/node.ts";
import { enablesMailProbe, playMailProbe, runMailProbe } from "./boot/mailProbe.ts";
import { K3S_BINARY, installK3s } from "./boot/release.ts";
import { K3sConfigError, K3sSettings, readK3sConfig } from "./control/k3sConfig.ts";
import { checkNodeLabels } from "./kubelet/nodeLabels.ts";
import { SupervisedProcess } from "./control/process.ts";

/** Where a machine is in its life. */
export type GuestState =
    | "off"
    | "booting"
    | "waiting for its private interface"
    | "downloading k3s"
    | "joining"
    | "ready"
    | "failed";

export interface GuestOptions {
    readonly context: LabContext;
    /** Folder of the machine: its disk, console and logs. */
    readonly directory: string;
    /** Finds the host address behind a private address in one of the machine's networks. */
    resolve(machine: Machine, privateIp: string): string | undefined;
    readonly standIns: readonly WorkloadStandIn[];
    readonly egressProbe?: EgressProbe;
    readonly privateImages: readonly string[];
}

/** First wait until a failed boot is tried again, as systemd restarts the bootstrap unit, in milliseconds; doubles. */
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;
/** Milliseconds that a process gets to end by itself when the power goes. */
const GRACE = 5_000;
/** Ended in this order, each group together. */
const STOP_ORDER = [
    ["kwok", "kube-scheduler", "kube-controller-manager"],
    ["kube-apiserver"],
    ["etcd"],
] as const;

/** One machine: its disk, its boot, its processes. */
export class Guest {
    readonly disk: Disk;
    readonly console: Console;
    readonly #options: GuestOptions;
    readonly #processes = new Map<string, SupervisedProcess>();
    #machine: Machine;
    #state: GuestState = "off";
    #reason: string | undefined;
    #power: AbortController | undefined;
    #boot: Promise<void> = Promise.resolve();
    #node: RunningNode | undefined;
    #mailProbe: Promise<void> = Promise.resolve();

    constructor(machine: Machine, options: GuestOptions) {
        this.#machine = machine;
        this.#options = options;
        this.disk = new Disk(join(options.directory, "disk"));
        this.console = new Console(join(options.directory, "console.log"));
    }

    get machine(): Machine {
        return this.#machine;
    }

    get poweredOn(): boolean {
        return this.#power !== undefined;
    }

    /** `ready` once k3s runs and its node is registered, or when there was nothing to start. */
    get state(): GuestState {
        return this.#state;
    }

    /** What went wrong last, for a machine that is `failed` or keeps trying to join. */
    get reason(): string | undefined {
        return this.#reason;
    }

    /** Whether the machine's Kubernetes node is Ready. */
    get nodeReady(): boolean {
        return this.#node?.ready() ?? false;
    }

    get processes(): LabProcess[] {
        const { binaries } = this.#options.context;
        return [...this.#processes.values()].flatMap((process) =>
            process.pid === undefined
                ? []
                : [
                      {
                          name: `${this.#machine.name}/${process.options.name}`,
                          pid: process.pid,
                          version: binaries.kubeApiserver.version,
                          origin: binaries.kubeApiserver.origin,
                          log: process.options.log,
                      },
                  ],
        );
    }

    /** Networks and labels may have changed. */
    update(machine: Machine): void {
        this.#machine = machine;
    }

    /** Boots in the background. Does nothing on a machine that is on. */
    powerOn(): void {
        if (this.#power) return;
        const power = new AbortController();
        this.#power = power;
        this.#enter("booting");
        this.#boot = this.#boot
            .then(() => this.#run(power.signal))
            .catch((error: unknown) => {
                if (!power.signal.aborted) this.#fail(error);
            });
    }

    /** Ends everything that runs on the machine. The disk stays. */
    async powerOff(): Promise<void> {
        const power = this.#power;
        if (!power) {
            await this.#boot;
            return;
        }
        this.#power = undefined;
        power.abort();
        for (const group of STOP_ORDER)
            await Promise.all(
                [...this.#processes]
                    .filter(([name]) => (group as readonly string[]).includes(name))
                    .map(([, process]) => process.stop(GRACE)),
            );
        this.#processes.clear();
        await this.#boot;
        await this.#mailProbe;
        await this.#node?.stop();
        this.#node = undefined;
        this.console.print("power off");
        this.#state = "off";
        this.#reason = undefined;
    }

    /** `systemctl start sovereign-mail-probe.service`. Throws what the unit would fail of. */
    async startMailProbe(): Promise<void> {
        const { egressProbe } = this.#options;
        if (egressProbe === undefined) throw new Error("this lab plays no look at the way out");
        await runMailProbe(this.disk, egressProbe, this.#machine.publicIpv4);
    }

    /** Powers off and removes disk, console and logs. */
    async remove(): Promise<void> {
        await this.powerOff();
        await rm(this.#options.directory, { recursive: true, force: true });
    }

    #print = (line: string): void => {
        this.console.print(line);
    };

    #enter(state: GuestState): void {
        this.#state = state;
        this.#reason = undefined;
        this.#print(`-- ${state}`);
    }

    #fail(error: unknown): void {
        this.#state = "failed";
        this.#reason = error instanceof Error ? error.message : String(error);
        this.#print(`-- failed: ${this.#reason}`);
        this.#options.context.log("machines", `${this.#machine.name}: ${this.#reason}`);
    }

    async #run(signal: AbortSignal): Promise<void> {
        const commands = await runCloudInit(this.#machine.userData, this.disk, this.#print);
        if (!(await startsBootstrap(commands, this.disk))) {
            this.#print("nothing starts k3s on this machine");
            this.#enter("ready");
            return;
        }
        if (await enablesMailProbe(commands, this.disk)) this.#playMailProbe(signal);
        for (let wait = FIRST_RETRY; ; wait = Math.min(wait * 2, LONGEST_RETRY)) {
            try {
                await this.#bootstrap(signal);
                this.#enter("ready");
                return;
            } catch (error) {
                if (signal.aborted) return;
                this.#fail(error);
            }
            await this.#endProcesses();
            await pause(signal, wait);
        }
    }

    #playMailProbe(signal: AbortSignal): void {
        const { egressProbe } = this.#options;
        if (egressProbe === undefined) return;
        this.#mailProbe = playMailProbe({
            disk: this.disk,
            probe: egressProbe,
            localAddress: this.#machine.publicIpv4,
            signal,
            print: this.#print,
        }).catch((error: unknown) => {
            if (!signal.aborted) this.#print(`${MAIL_PROBE_TIMER}: ${String(error)}`);
        });
    }

    async #endProcesses(): Promise<void> {
        await Promise.all([...this.#processes.values()].map((p) => p.stop(GRACE)));
        this.#processes.clear();
    }

    /** What the bootstrap script does, and then k3s. */
    async #bootstrap(signal: AbortSignal): Promise<void> {
        const { context, standIns, privateImages } = this.#options;
        const environment = await readEnvironment(this.disk);
        const holdsIp = () =>
            this.#machine.privateNetworks.some((n) => n.ip === environment.nodeIp);
        if (!holdsIp()) {
            this.#enter("waiting for its private interface");
            while (!holdsIp()) await pause(signal, 100);
        }
        if (!(await this.disk.exists(K3S_BINARY))) {
            this.#enter("downloading k3s");
            await installK3s(environment, this.#machine.architecture, this.disk, signal);
        }
        this.#enter("joining");
        const config = await readK3sConfig(environment.role, this.disk);
        for (const warning of config.warnings) this.#print(`k3s: ${warning}`);
        const settings = new K3sSettings(config.flags);
        if (!(await this.disk.exists(BOOT_FILES.k3sConfig)))
            throw new K3sConfigError(`${BOOT_FILES.k3sConfig}: no such file`);
        checkNodeLabels(settings.list("node-label"));
        const nodeIp = settings.text("node-ip") ?? environment.nodeIp;
        this.#node = await startNode({
            machine: this.#machine,
            disk: this.disk,
            environment,
            settings,
            binaries: context.binaries,
            addresses: context.addresses,
            nodeName: (settings.text("node-name") ?? this.#machine.name).toLowerCase(),
            nodeIp,
            advertiseAddress: settings.text("advertise-address") ?? nodeIp,
            hostAddress: this.#machine.hostAddress,
            controlPlanes: environment.peers.length + 1,
            resolver: { resolve: (ip) => this.#options.resolve(this.#machine, ip) },
            standIns,
            privateImages,
            signal,
            print: this.#print,
            problem: (message) => {
                this.#reason = message;
            },
            run: (name, binary, args, onExit) => {
                signal.throwIfAborted();
                this.#start(name, binary, args, onExit);
            },
        });
    }

    #start(name: string, binary: Binary, args: readonly string[], ended?: () => void): void {
        const { directory, context } = this.#options;
        const process = new SupervisedProcess({
            name,
            path: binary.path,
            args,
            log: join(directory, "logs", `${name}.log`),
            cwd: directory,
            environment: context.binaries.libraryPath
                ? { LD_LIBRARY_PATH: context.binaries.libraryPath }
                : {},
            onExit: (description, restartIn) => {
                this.#print(`${name} ${description}; starting it again in ${restartIn} ms`);
                context.log("machines", `${this.#machine.name}: ${name} ${description}`);
                ended?.();
            },
        });
        this.#processes.set(name, process);
        process.start();
    }
}
