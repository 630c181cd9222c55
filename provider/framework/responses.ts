import type { PropertyChange } from "./diff.ts";
import { providerProto, type CheckResponse, type DiffResponse } from "./protocol.ts";
import type { Redaction } from "./redaction.ts";
import type { CheckFailure } from "./resource.ts";

/** A check's answer without its inputs. */
export function failuresResponse(
    failures: readonly CheckFailure[],
    redaction: Redaction,
): CheckResponse {
    const response = new providerProto.CheckResponse();
    for (const { property, reason } of failures) {
        const failure = new providerProto.CheckFailure();
        failure.setProperty(property);
        failure.setReason(redaction.redact(reason));
        response.addFailures(failure);
    }
    return response;
}

/** A diff's answer, in the detailed form and in the plain one that older engines read. */
export function diffResponse(
    changes: readonly PropertyChange[],
    deleteBeforeReplace: boolean,
): DiffResponse {
    const { DiffResponse, PropertyDiff } = providerProto;
    const response = new DiffResponse();
    response.setHasdetaileddiff(true);
    response.setChanges(
        changes.length === 0
            ? DiffResponse.DiffChanges.DIFF_NONE
            : DiffResponse.DiffChanges.DIFF_SOME,
    );
    const detailed = response.getDetaileddiffMap();
    for (const { path, kind, replace } of changes) {
        const property = new PropertyDiff();
        const name = kind.toUpperCase() as Uppercase<PropertyChange["kind"]>;
        property.setKind(replace ? PropertyDiff.Kind[`${name}_REPLACE`] : PropertyDiff.Kind[name]);
        property.setInputdiff(true);
        detailed.set(path, property);
    }
    const replaced = changes.filter((change) => change.replace).map(topLevel);
    response.setDiffsList([...new Set(changes.map(topLevel))]);
    response.setReplacesList([...new Set(replaced)]);
    response.setDeletebeforereplace(deleteBeforeReplace && replaced.length > 0);
    return response;
}

function topLevel({ path }: PropertyChange): string {
    return /^[^.[]+/.exec(path)?.[0] ?? path;
}
