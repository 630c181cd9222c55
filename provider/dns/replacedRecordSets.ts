import type { CallContext } from "../framework/resource.ts";
import type { ProviderConfiguration } from "../framework/configuration.ts";
import { isTextType } from "./contents.ts";
import type { CreateOptions, KnownRecordSet } from "./recordSetDecisions.ts";
import { presentationOf } from "./recordSets.ts";

/** A record set as the state has it: TXT as plain text. */
export interface RecordedRecordSet {
    readonly name: string;
    readonly type: string;
    readonly ttl: number;
    readonly records: readonly string[];
}

/** TTL and contents in presentation format, as the resource left them. */
export function leftBehind({
    type,
    ttl,
    records,
}: Omit<RecordedRecordSet, "name">): KnownRecordSet {
    return {
        ttl,
        contents: records.map((record) =>
            isTextType(type) ? presentationOf(type, record) : record,
        ),
    };
}

const COMPARED = new WeakMap<ProviderConfiguration, Map<string, RecordedRecordSet>>();

/**
 * Remembers, while the engine compares a resource with its program, what the resource has made. Its replacement is created by
 * the same process without being told of it.
 */
export function rememberReplaced(
    { config, urn }: Pick<CallContext, "config" | "urn">,
    state: RecordedRecordSet,
): void {
    const compared = COMPARED.get(config) ?? new Map<string, RecordedRecordSet>();
    COMPARED.set(config, compared.set(urn, state));
}

/** What the resource had made before it is created anew, for {@link CreateOptions}. */
export function replacedBy({
    config,
    urn,
}: Pick<CallContext, "config" | "urn">): Pick<CreateOptions, "replaces"> {
    const state = COMPARED.get(config)?.get(urn);
    if (state === undefined) return {};
    const { name, type } = state;
    return { replaces: { name, type, ...leftBehind(state) } };
}
