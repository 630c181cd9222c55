import type { Finding } from "../recover/findings.ts";
import type { Phase } from "./phases.ts";

/** What can be done with a stack. */
export type OperationName = "provision" | "preview" | "refresh" | "destroy" | "recover";

/** How many resources are done, of how many. */
export interface Count {
    readonly done: number;
    /** Undefined while nobody knows. */
    readonly total: number | undefined;
}

/** What the engine does to a resource. */
export type ResourceAction = "create" | "update" | "replace" | "delete" | "read" | "import";

/** Every event carries these. */
interface Common {
    /** ISO 8601. */
    readonly time: string;
    readonly stack: string;
    readonly operation: OperationName;
}

/** What happens, as it happens. New types and fields may come; readers pass over what they do not know. */
export type ProgressEvent = Common &
    (
        | { readonly type: "started"; readonly pid: number; readonly total: number | undefined }
        | {
              readonly type: "phase";
              readonly phase: Phase;
              readonly state: "running" | "done";
              readonly count: Count;
          }
        | {
              readonly type: "resource";
              readonly phase: Phase;
              readonly urn: string;
              readonly resourceType: string;
              readonly name: string;
              readonly action: ResourceAction;
              readonly state: "running" | "done" | "failed";
              readonly count: Count;
              /** Estimated from the pace so far; undefined while there is none. */
              readonly secondsLeft: number | undefined;
          }
        | {
              readonly type: "message";
              readonly severity: "info" | "warning" | "error";
              readonly urn?: string;
              readonly text: string;
          }
        | {
              /** What `recover` found; see `operations/recover/findings.ts`. */
              readonly type: "finding";
              readonly finding: Finding;
              readonly text: string;
              /** Whether it is carried out, or only told. */
              readonly applied: boolean;
          }
        | {
              readonly type: "retry";
              readonly attempt: number;
              readonly attempts: number;
              readonly reason: string;
              readonly waitSeconds: number;
          }
        | {
              readonly type: "finished";
              readonly outcome: "succeeded" | "failed" | "cancelled";
              readonly changes: Readonly<Partial<Record<string, number>>>;
              readonly seconds: number;
              readonly problem?: string;
          }
    );

type WithoutCommon<E> = E extends Common ? Omit<E, keyof Common> : never;

/** An event without what its operation adds. */
export type ProgressDetail = WithoutCommon<ProgressEvent>;
