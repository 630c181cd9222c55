import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type {
    CheckRequest,
    CheckResponse,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    ReadRequest,
    UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import { fromStruct, toStruct, type Props } from "./wireValues.ts";

/** A resource as the engine's state has it. */
export interface Resource {
    readonly id: string;
    readonly inputs: Props;
    readonly state: Props;
}

/** What a test may want to differ in a call. */
export interface CallOptions {
    /** `customTimeouts` of the resource. @default none */
    readonly timeoutSeconds?: number;
    /** Name of the resource in its URN. @default "subject" */
    readonly name?: string;
}

/** One changed property as the engine sees it. */
export type DiffKind =
    "ADD" | "ADD_REPLACE" | "DELETE" | "DELETE_REPLACE" | "UPDATE" | "UPDATE_REPLACE";

export interface DiffAnswer {
    readonly changes: boolean;
    /** By property path. */
    readonly detailed: Readonly<Record<string, DiffKind>>;
    readonly replaces: readonly string[];
    readonly deleteBeforeReplace: boolean;
}

export interface CheckAnswer {
    readonly inputs: Props;
    readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

const DIFF_KINDS: readonly DiffKind[] = [
    "ADD",
    "ADD_REPLACE",
    "DELETE",
    "DELETE_REPLACE",
    "UPDATE",
    "UPDATE_REPLACE",
];

/** A URN of the type, as the engine would make it. */
export function urnOf(token: string, name = "subject"): string {
    return `urn:pulumi:test::sovereign::${token}::${name}`;
}

export function checkRequest(token: string, olds: Props, news: Props, name?: string): CheckRequest {
    const request = new messages.CheckRequest();
    request.setUrn(urnOf(token, name));
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    return request;
}

export function checkAnswer(response: CheckResponse): CheckAnswer {
    return {
        inputs: fromStruct(response.getInputs()),
        failures: response.getFailuresList().map((failure) => failure.toObject()),
    };
}

export function diffRequest(token: string, existing: Resource, news: Props): DiffRequest {
    const request = new messages.DiffRequest();
    request.setId(existing.id);
    request.setUrn(urnOf(token));
    request.setOlds(toStruct(existing.state));
    request.setOldInputs(toStruct(existing.inputs));
    request.setNews(toStruct(news));
    return request;
}

export function diffAnswer(response: DiffResponse): DiffAnswer {
    return {
        changes: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
        detailed: Object.fromEntries(
            [...response.getDetaileddiffMap().entries()].map(([path, change]) => [
                path,
                kindOf(change.getKind()),
            ]),
        ),
        replaces: response.getReplacesList(),
        deleteBeforeReplace: response.getDeletebeforereplace(),
    };
}

export function createRequest(
    token: string,
    inputs: Props,
    preview: boolean,
    { timeoutSeconds = 0, name }: CallOptions = {},
): CreateRequest {
    const request = new messages.CreateRequest();
    request.setUrn(urnOf(token, name));
    request.setProperties(toStruct(inputs));
    request.setPreview(preview);
    request.setTimeout(timeoutSeconds);
    return request;
}

export function updateRequest(
    token: string,
    existing: Resource,
    inputs: Props,
    preview: boolean,
    timeoutSeconds: number,
): UpdateRequest {
    const request = new messages.UpdateRequest();
    request.setId(existing.id);
    request.setUrn(urnOf(token));
    request.setOlds(toStruct(existing.state));
    request.setOldInputs(toStruct(existing.inputs));
    request.setNews(toStruct(inputs));
    request.setPreview(preview);
    request.setTimeout(timeoutSeconds);
    return request;
}

export function readRequest(token: string, existing: Resource): ReadRequest {
    const request = new messages.ReadRequest();
    request.setId(existing.id);
    request.setUrn(urnOf(token));
    request.setProperties(toStruct(existing.state));
    request.setInputs(toStruct(existing.inputs));
    return request;
}

export function deleteRequest(
    token: string,
    existing: Resource,
    timeoutSeconds: number,
): DeleteRequest {
    const request = new messages.DeleteRequest();
    request.setId(existing.id);
    request.setUrn(urnOf(token));
    request.setProperties(toStruct(existing.state));
    request.setOldInputs(toStruct(existing.inputs));
    request.setTimeout(timeoutSeconds);
    return request;
}

function kindOf(kind: number): DiffKind {
    const name = DIFF_KINDS[kind];
    if (name === undefined) throw new RangeError(`no diff kind ${kind}`);
    return name;
}
