import type { Binary, LabBinaries, LabContext, Machine, WorkloadStandIn } from "../../parts.ts";
import type { BootstrapEnvironment } from "../../../components/cluster/bootFiles.ts";
import type { K3sSettings } from "../control/k3sConfig.ts";
import type { PeerResolver } from "../control/peers.ts";
import type { Disk } from "./disk.ts";

/** Everything that k3s on one machine starts from. */
export interface NodeSetup {
    readonly machine: Machine;
    readonly disk: Disk;
    readonly environment: BootstrapEnvironment;
    readonly settings: K3sSettings;
    readonly binaries: LabBinaries;
    readonly addresses: LabContext["addresses"];
    readonly nodeName: string;
    readonly nodeIp: string;
    readonly advertiseAddress: string;
    readonly hostAddress: string;
    /** How many control planes the cluster is made for. */
    readonly controlPlanes: number;
    readonly resolver: PeerResolver;
    readonly standIns: readonly WorkloadStandIn[];
    /** Prefixes of image references that need a pull Secret. */
    readonly privateImages: readonly string[];
    /** Aborted when the machine loses power. */
    readonly signal: AbortSignal;
    readonly print: (line: string) => void;
    /** What is being retried and why; shown as the machine's reason until it goes on. */
    readonly problem: (message: string) => void;
    /** Starts a supervised process of the machine; `onExit` is told when it ends by itself. */
    run(name: string, binary: Binary, args: readonly string[], onExit?: () => void): void;
}

/** Ends something that was started for a node. */
export type Cleanup = () => Promise<void> | void;
