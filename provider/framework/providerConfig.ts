import { z } from "zod";
import {
    CONFIGURATION,
    configurationKeys,
    ProviderConfiguration,
    SECRET_KEYS,
} from "./configuration.ts";
import { diffProps } from "./diff.ts";
import {
    providerProto,
    type CheckRequest,
    type CheckResponse,
    type ConfigureRequest,
    type ConfigureResponse,
    type DiffRequest,
    type DiffResponse,
} from "./protocol.ts";
import { diffResponse, failuresResponse } from "./responses.ts";
import type { ProviderRuntime } from "./runtime.ts";
import { validateInputs } from "./validation.ts";
import { decodeProps, encodeProps } from "./values.ts";

/** The provider resource's inputs: every key optional, since each may come from the environment or not be needed. */
export const CONFIGURATION_SCHEMA: z.ZodObject = z.object(
    Object.fromEntries(
        configurationKeys().map((key) => [key, CONFIGURATION[key].schema.optional()]),
    ),
);

/** Keys that the engine adds to a provider's inputs and that are not ours to judge. */
const ENGINE_KEYS = ["version", "pluginDownloadURL", "pluginChecksums"];

/**
 * Checks the provider's own inputs. What else is there is dropped without a word: the project has the provider's name, so
 * that a default provider is given every key of the project's configuration.
 */
export function checkConfig(runtime: ProviderRuntime, request: CheckRequest): CheckResponse {
    const { props, secretKeys, secretStrings } = decodeProps(request.getNews());
    runtime.redaction.add(...secretStrings);
    const only = (keys: readonly string[]) =>
        Object.fromEntries(Object.entries(props).filter(([key]) => keys.includes(key)));
    const { inputs, failures } = validateInputs(CONFIGURATION_SCHEMA, only(configurationKeys()));
    const response = failuresResponse(failures, runtime.redaction);
    response.setInputs(
        encodeProps({ ...inputs, ...only(ENGINE_KEYS) }, new Set([...secretKeys, ...SECRET_KEYS])),
    );
    return response;
}

/** Changed configuration is an update of the provider and never replaces it, and so never what it manages. */
export function diffConfig(runtime: ProviderRuntime, request: DiffRequest): DiffResponse {
    const olds = decodeProps(request.getOldInputs());
    const news = decodeProps(request.getNews());
    runtime.redaction.add(...olds.secretStrings, ...news.secretStrings);
    return diffResponse(diffProps(olds.props, news.props), false);
}

/** Takes the configuration. Resources are refused later, when they need something that is missing. */
export function configure(runtime: ProviderRuntime, request: ConfigureRequest): ConfigureResponse {
    const args = decodeProps(request.getArgs());
    runtime.redaction.add(...args.secretStrings);
    runtime.configure(new ProviderConfiguration(args.props));
    const response = new providerProto.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    response.setAcceptresources(false);
    response.setAcceptoutputs(false);
    return response;
}
