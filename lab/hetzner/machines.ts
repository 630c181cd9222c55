import type { Machine, MachineHost } from "../parts.ts";
import { serverTypeOf } from "./catalogue/serverTypes.ts";
import type { CloudState, ProjectState, ServerRecord } from "./state/model.ts";
import type { StateStore } from "./state/store.ts";

/** The server as its hypervisor sees it. */
export function machineOf(project: ProjectState, server: ServerRecord): Machine {
    const address = (id: number | null) =>
        project.primary_ips.find((ip) => ip.id === id)?.ip ?? null;
    const ipv6 = address(server.ipv6);
    return {
        id: server.id,
        name: server.name,
        userData: server.userData,
        publicIpv4: address(server.ipv4),
        // The guest configures the first address of its /64.
        publicIpv6: ipv6 === null ? null : ipv6.replace(/::\/64$/, "::1"),
        hostAddress: server.hostAddress,
        privateNetworks: server.privateNet.map(({ network, ip }) => ({ networkId: network, ip })),
        serverType: server.serverType,
        architecture: serverTypeOf(server.serverType).architecture,
        labels: { ...server.labels },
    };
}

/** Switches machines and keeps the servers' status in step. */
export class MachinePower {
    readonly #store: StateStore;
    readonly #host: MachineHost;

    constructor(store: StateStore, host: MachineHost) {
        this.#store = store;
        this.#host = host;
    }

    async on(project: ProjectState, server: ServerRecord): Promise<void> {
        try {
            await this.#host.powerOn(machineOf(project, server));
        } catch (error) {
            this.#status(server, "off");
            throw error;
        }
        this.#status(server, "running");
    }

    async off(server: ServerRecord): Promise<void> {
        await this.#host.powerOff(server.id);
        this.#status(server, "off");
    }

    async remove(server: ServerRecord): Promise<void> {
        await this.#host.remove(server.id);
    }

    /** Tells a running machine of its networks. */
    async networksChanged(project: ProjectState, server: ServerRecord): Promise<void> {
        if (server.status === "running")
            await this.#host.networksChanged(machineOf(project, server));
    }

    /** Powers on what was running, or about to, when the lab stopped. */
    async resume(
        state: CloudState,
        failed: (server: ServerRecord, error: unknown) => void,
    ): Promise<void> {
        for (const project of Object.values(state.projects))
            for (const server of project.servers)
                if (server.status !== "off")
                    await this.on(project, server).catch((error: unknown) => {
                        failed(server, error);
                    });
    }

    #status(server: ServerRecord, status: ServerRecord["status"]): void {
        server.status = status;
        this.#store.changed();
    }
}
