import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { anyProto, providerProto, statusProto } from "./protocol.ts";
import type { Redaction } from "./redaction.ts";
import { PartialFailure } from "./resource.ts";
import { encodeProps } from "./values.ts";

/** What the engine is told of a thrown value: its message and its causes' messages, without secrets. */
export function serviceError(
    thrown: unknown,
    redaction: Redaction,
    secretKeys: ReadonlySet<string>,
): Partial<ServiceError> {
    const message = redaction.redact(describe(thrown));
    if (!(thrown instanceof PartialFailure)) return { code: codeOf(thrown), details: message };
    const detail = new providerProto.ErrorResourceInitFailed();
    detail.setId(thrown.id);
    detail.setProperties(encodeProps(thrown.outputs, secretKeys));
    detail.setReasonsList([message]);
    const packed = new anyProto.Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const rich = new statusProto.Status();
    rich.setCode(status.UNKNOWN);
    rich.setMessage(message);
    rich.addDetails(packed);
    const metadata = new Metadata();
    metadata.add("grpc-status-details-bin", Buffer.from(rich.serializeBinary()));
    return { code: status.UNKNOWN, details: message, metadata };
}

function codeOf(thrown: unknown): status {
    if (!(thrown instanceof Error)) return status.UNKNOWN;
    if (thrown.name === "AbortError") return status.CANCELLED;
    if (thrown.name === "TimeoutError") return status.DEADLINE_EXCEEDED;
    return status.UNKNOWN;
}

/** A thrown value in words, with its chain of causes. */
export function describe(thrown: unknown): string {
    if (!(thrown instanceof Error)) return String(thrown);
    const own =
        thrown.message === "" && thrown instanceof AggregateError
            ? thrown.errors.map(describe).join("; ")
            : thrown.message || thrown.name;
    return thrown.cause === undefined ? own : `${own}: ${describe(thrown.cause)}`;
}
