import type { LabAddresses } from "../addresses.ts";
import type { LabBinaries, LabCredentials, PartStatus } from "../parts.ts";

/** How far the lab as a whole is. */
export type LabState = "starting" | "ready" | "failed" | "stopping";

/** Answer of the control server to `GET /status`. */
export interface LabStatus {
    readonly state: LabState;
    /** What went wrong, where something did. */
    readonly error?: string;
    readonly instance: number;
    /** Process id of the supervisor. */
    readonly pid: number;
    /** The clone that it belongs to. */
    readonly clone: string;
    /** State directory. */
    readonly directory: string;
    /** ISO 8601. */
    readonly startedAt: string;
    readonly addresses: LabAddresses;
    readonly credentials: LabCredentials;
    readonly binaries: LabBinaries;
    /** By name, in the order of their start. */
    readonly parts: Readonly<Record<string, PartStatus>>;
}
