import { Metadata, type CallOptions, type ClientUnaryCall, type ServiceError } from "@grpc/grpc-js";
import { initFailure, type InitFailure } from "./initFailure.ts";

/** What a failed call says, with the state that a partial failure leaves. */
export class ProviderCallError extends Error {
    readonly code: number;
    readonly partial: InitFailure | undefined;

    constructor(error: ServiceError) {
        super(error.details);
        this.name = "ProviderCallError";
        this.code = error.code;
        this.partial = initFailure(error);
    }
}

/** A generated client's method, in its longest form. */
export type UnaryMethod<Request, Response> = (
    request: Request,
    metadata: Metadata,
    options: Partial<CallOptions>,
    done: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** Calls `method`. Rejects with {@link ProviderCallError}. */
export function unary<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
): Promise<Response> {
    return new Promise((resolve, reject) => {
        method(request, new Metadata(), {}, (error, response) => {
            if (error === null) resolve(response);
            else reject(new ProviderCallError(error));
        });
    });
}
