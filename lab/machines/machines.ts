import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type {
    EgressProbe,
    LabContext,
    LabPart,
    Machine,
    MachineHost,
    PartStatus,
    PrivateNetworkView,
    WorkloadStandIn,
} from "../parts.ts";
import { writeFileAtomically } from "./boot/atomic.ts";
import { Guest } from "./guest.ts";

export interface MachinesOptions {
    /** Finds machines by their private addresses; the machines' own networks unless given here or by {@link Machines.connect}. */
    readonly network?: PrivateNetworkView;
    readonly standIns: readonly WorkloadStandIn[];
    /** Plays the machines' own look at the way out for mail. @default their timer for it is left alone */
    readonly egressProbe?: EgressProbe;
    /** Image prefixes that need a pull Secret. @default ["ghcr.io/openova-io/"] */
    readonly privateImages?: readonly string[];
}

/** Kept per machine, so that a lab that starts again knows what was on. */
interface MachineRecord {
    readonly machine: Machine;
    readonly poweredOn: boolean;
}

const DEFAULT_PRIVATE_IMAGES = ["ghcr.io/openova-io/"] as const;

/** Runs the machines of the emulated cloud: a real Kubernetes control plane or node each, from its user data alone. */
export class Machines implements MachineHost, LabPart {
    readonly name = "machines";
    readonly #context: LabContext;
    readonly #options: MachinesOptions;
    readonly #directory: string;
    readonly #guests = new Map<number, Guest>();
    /** Calls about one machine run one after the other. */
    readonly #queues = new Map<number, Promise<void>>();
    #network: PrivateNetworkView | undefined;
    #state: PartStatus["state"] = "stopped";

    constructor(context: LabContext, options: MachinesOptions) {
        this.#context = context;
        this.#options = options;
        this.#network = options.network;
        this.#directory = join(context.directory, "machines");
    }

    /** Sets who finds machines by private address, once that part exists. */
    connect(network: PrivateNetworkView): void {
        this.#network = network;
    }

    async start(): Promise<void> {
        this.#state = "starting";
        await mkdir(this.#directory, { recursive: true });
        for (const entry of await readdir(this.#directory)) {
            if (!/^\d+$/.test(entry) || this.#guests.has(Number(entry))) continue;
            const record = await this.#load(entry);
            if (!record) continue;
            const guest = this.#create(record.machine);
            if (record.poweredOn) guest.powerOn();
        }
        this.#state = "ready";
    }

    /** Ends all machines' processes; their disks stay, and those that were on are powered on by the next {@link start}. */
    async stop(): Promise<void> {
        await Promise.allSettled(this.#queues.values());
        await Promise.all([...this.#guests.values()].map((guest) => guest.powerOff()));
        this.#guests.clear();
        this.#state = "stopped";
    }

    status(): PartStatus {
        const guests = [...this.#guests.values()];
        return {
            state: this.#state,
            processes: guests.flatMap((guest) => guest.processes),
            details: {
                machines: guests.map((guest) => ({
                    id: guest.machine.id,
                    name: guest.machine.name,
                    hostAddress: guest.machine.hostAddress,
                    state: guest.state,
                    ...(guest.reason === undefined ? {} : { reason: guest.reason }),
                    nodeReady: guest.nodeReady,
                    console: guest.console.file,
                })),
            },
        };
    }

    /** The machine with this id, for tests and status pages. */
    guest(id: number): Guest | undefined {
        return this.#guests.get(id);
    }

    async powerOn(machine: Machine): Promise<void> {
        await this.#exclusively(machine.id, async () => {
            const guest = this.#guests.get(machine.id) ?? this.#create(machine);
            guest.update(machine);
            await this.#save(machine, true);
            guest.powerOn();
        });
    }

    async powerOff(id: number): Promise<void> {
        await this.#exclusively(id, async () => {
            const guest = this.#guests.get(id);
            if (!guest) return;
            await this.#save(guest.machine, false);
            await guest.powerOff();
        });
    }

    async remove(id: number): Promise<void> {
        await this.#exclusively(id, async () => {
            await this.#guests.get(id)?.remove();
            this.#guests.delete(id);
            await rm(this.#folder(id), { recursive: true, force: true });
        });
    }

    async networksChanged(machine: Machine): Promise<void> {
        await this.#exclusively(machine.id, async () => {
            const guest = this.#guests.get(machine.id);
            if (!guest) return;
            guest.update(machine);
            await this.#save(machine, guest.poweredOn);
        });
    }

    async #exclusively(id: number, action: () => Promise<void>): Promise<void> {
        const next = (this.#queues.get(id) ?? Promise.resolve())
            .catch(() => undefined)
            .then(action);
        this.#queues.set(id, next);
        try {
            await next;
        } finally {
            if (this.#queues.get(id) === next) this.#queues.delete(id);
        }
    }

    #folder(id: number): string {
        return join(this.#directory, String(id));
    }

    #create(machine: Machine): Guest {
        const guest = new Guest(machine, {
            context: this.#context,
            directory: this.#folder(machine.id),
            standIns: this.#options.standIns,
            ...(this.#options.egressProbe && { egressProbe: this.#options.egressProbe }),
            privateImages: this.#options.privateImages ?? DEFAULT_PRIVATE_IMAGES,
            resolve: (from, ip) => this.#resolve(from, ip),
        });
        this.#guests.set(machine.id, guest);
        return guest;
    }

    #resolve(from: Machine, ip: string): string | undefined {
        for (const { networkId } of from.privateNetworks) {
            const host = this.#network
                ? this.#network.resolve(networkId, ip)
                : [...this.#guests.values()].find(
                      (g) =>
                          g.poweredOn &&
                          g.machine.privateNetworks.some(
                              (n) => n.networkId === networkId && n.ip === ip,
                          ),
                  )?.machine.hostAddress;
            if (host !== undefined) return host;
        }
        return undefined;
    }

    async #save(machine: Machine, poweredOn: boolean): Promise<void> {
        const record: MachineRecord = { machine, poweredOn };
        await mkdir(this.#folder(machine.id), { recursive: true });
        await writeFileAtomically(
            join(this.#folder(machine.id), "machine.json"),
            JSON.stringify(record),
        );
    }

    async #load(entry: string): Promise<MachineRecord | undefined> {
        try {
            const text = await readFile(join(this.#directory, entry, "machine.json"), "utf8");
            return JSON.parse(text) as MachineRecord;
        } catch (error) {
            this.#context.log("machines", `machine ${entry} is left out: ${String(error)}`);
            return undefined;
        }
    }
}
