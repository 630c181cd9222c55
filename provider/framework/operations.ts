import { diffProps } from "./diff.ts";
import {
    emptyProto,
    providerProto,
    type CheckRequest,
    type CheckResponse,
    type CreateRequest,
    type CreateResponse,
    type DeleteRequest,
    type DiffRequest,
    type DiffResponse,
    type Empty,
    type ReadRequest,
    type ReadResponse,
    type Struct,
    type UpdateRequest,
    type UpdateResponse,
} from "./protocol.ts";
import { diffResponse, failuresResponse } from "./responses.ts";
import { PartialFailure, type Diff } from "./resource.ts";
import type { ProviderRuntime } from "./runtime.ts";
import { previewedCreate, previewedUpdate } from "./preview.ts";
import { secretProperties } from "./secrecy.ts";
import { validateInputs } from "./validation.ts";
import { decodeProps, encodeProps, type DecodedProps } from "./values.ts";

/** The calls on one resource, from request message to response message. */
export class ResourceOperations {
    readonly #runtime: ProviderRuntime;

    constructor(runtime: ProviderRuntime) {
        this.#runtime = runtime;
    }

    async check(request: CheckRequest): Promise<CheckResponse> {
        const urn = request.getUrn();
        const implementation = this.#runtime.implementation(urn);
        const news = this.#decode(request.getNews());
        const validated = validateInputs(implementation.inputs, news.props);
        const more =
            validated.failures.length > 0
                ? undefined
                : await implementation.check?.(validated.inputs, this.#runtime.context(urn));
        const response = failuresResponse(
            [...validated.failures, ...(more?.failures ?? [])],
            this.#runtime.redaction,
        );
        const secret = new Set([...news.secretKeys, ...(implementation.secretInputs ?? [])]);
        response.setInputs(encodeProps(more?.inputs ?? validated.inputs, secret));
        return response;
    }

    async diff(request: DiffRequest): Promise<DiffResponse> {
        const urn = request.getUrn();
        const implementation = this.#runtime.implementation(urn);
        const state = this.#decode(request.getOlds());
        const olds = this.#decode(request.getOldInputs());
        const news = this.#decode(request.getNews());
        const diff: Diff =
            implementation.diff === undefined
                ? { changes: diffProps(olds.props, news.props, implementation) }
                : await implementation.diff(
                      request.getId(),
                      { inputs: olds.props, state: state.props },
                      news.props,
                      this.#runtime.context(urn),
                  );
        const ignored = new Set(request.getIgnorechangesList());
        return diffResponse(
            diff.changes.filter((change) => !ignored.has(change.path)),
            diff.deleteBeforeReplace ?? implementation.deleteBeforeReplace ?? false,
        );
    }

    async create(request: CreateRequest): Promise<CreateResponse> {
        const urn = request.getUrn();
        const implementation = this.#runtime.implementation(urn);
        const inputs = this.#decode(request.getProperties());
        const secret = secretProperties(implementation, inputs.secretKeys);
        const context = this.#runtime.context(urn, request.getTimeout());
        const response = new providerProto.CreateResponse();
        if (request.getPreview()) {
            const foretold = await previewedCreate(implementation, inputs.props, context);
            response.setProperties(encodeProps(foretold, secret));
            return response;
        }
        const created = await withState(inputs.props, () =>
            implementation.create(inputs.props, context),
        );
        response.setId(created.id);
        response.setProperties(encodeProps({ ...inputs.props, ...created.outputs }, secret));
        return response;
    }

    async read(request: ReadRequest): Promise<ReadResponse> {
        const urn = request.getUrn();
        const implementation = this.#runtime.implementation(urn);
        const state = this.#decode(request.getProperties());
        const inputs = this.#decode(request.getInputs());
        const imported =
            Object.keys(state.props).length === 0 && Object.keys(inputs.props).length === 0;
        const live = await implementation.read(
            request.getId(),
            imported ? undefined : { inputs: inputs.props, state: state.props },
            this.#runtime.context(urn, request.getTimeout()),
        );
        const response = new providerProto.ReadResponse();
        if (live === undefined) return response;
        const secretInputs = new Set([
            ...inputs.secretKeys,
            ...(implementation.secretInputs ?? []),
        ]);
        const secret = secretProperties(
            implementation,
            new Set([...inputs.secretKeys, ...state.secretKeys]),
        );
        response.setId(live.id ?? request.getId());
        response.setInputs(encodeProps(live.inputs, secretInputs));
        response.setProperties(encodeProps({ ...live.inputs, ...live.outputs }, secret));
        return response;
    }

    async update(request: UpdateRequest): Promise<UpdateResponse> {
        const urn = request.getUrn();
        const implementation = this.#runtime.implementation(urn);
        const before = {
            inputs: this.#decode(request.getOldInputs()).props,
            state: this.#decode(request.getOlds()).props,
        };
        const news = this.#decode(request.getNews());
        const secret = secretProperties(implementation, news.secretKeys);
        const context = this.#runtime.context(urn, request.getTimeout());
        const response = new providerProto.UpdateResponse();
        const id = request.getId();
        if (request.getPreview()) {
            const foretold = await previewedUpdate(implementation, id, before, news.props, context);
            response.setProperties(encodeProps(foretold, secret));
            return response;
        }
        const outputs = await withState(news.props, () => {
            if (implementation.update === undefined)
                throw new Error(
                    `${implementation.token} cannot be updated: every input replaces it`,
                );
            return implementation.update(id, before, news.props, context);
        });
        response.setProperties(encodeProps({ ...news.props, ...outputs }, secret));
        return response;
    }

    async delete(request: DeleteRequest): Promise<Empty> {
        const urn = request.getUrn();
        const state = this.#decode(request.getProperties());
        this.#decode(request.getOldInputs());
        const context = this.#runtime.context(urn, request.getTimeout());
        await this.#runtime.implementation(urn).delete(request.getId(), state.props, context);
        return new emptyProto.Empty();
    }

    /** Secret properties of the resource, of the inputs or state given. For errors that carry a state. */
    secretProperties(urn: string, ...messages: (Struct | undefined)[]): ReadonlySet<string> {
        const given = messages.flatMap((message) => [...decodeProps(message).secretKeys]);
        return secretProperties(this.#runtime.implementation(urn), new Set(given));
    }

    #decode(message: Struct | undefined): DecodedProps {
        const decoded = decodeProps(message);
        this.#runtime.redaction.add(...decoded.secretStrings);
        return decoded;
    }
}

/** A partial failure's state is the inputs and what was made of them, like any state. */
async function withState<T>(inputs: Record<string, unknown>, act: () => Promise<T>): Promise<T> {
    try {
        return await act();
    } catch (error) {
        if (!(error instanceof PartialFailure)) throw error;
        throw new PartialFailure(
            error.id,
            { ...inputs, ...error.outputs },
            error.message,
            error.cause === undefined ? undefined : { cause: error.cause },
        );
    }
}
