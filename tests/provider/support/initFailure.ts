import type { ServiceError } from "@grpc/grpc-js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import { fromStruct, type Props } from "./wireValues.ts";

/** The state that a partial failure hands to the engine. */
export interface InitFailure {
    readonly id: string;
    readonly state: Props;
    readonly reasons: readonly string[];
}

/** Reads `ErrorResourceInitFailed` out of a failed call's rich status, if it is there. */
export function initFailure(error: ServiceError): InitFailure | undefined {
    const [packed] = error.metadata.get("grpc-status-details-bin");
    if (!(packed instanceof Buffer)) return undefined;
    const [detail] = statusProto.Status.deserializeBinary(packed).getDetailsList();
    if (detail?.getTypeName() !== "pulumirpc.ErrorResourceInitFailed") return undefined;
    const failure = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
    return {
        id: failure.getId(),
        state: fromStruct(failure.getProperties()),
        reasons: failure.getReasonsList(),
    };
}
