import type { CheckFailure, CheckResult } from "../framework/resource.ts";
import { isUnknown, type PreviewProps } from "../framework/values.ts";
import { misplaced } from "./coexistence.ts";
import { isTextType } from "./contents.ts";
import { canonicalName, InvalidDnsData, isWithin } from "./names.ts";
import { canonicalRecords, canonicalType, presentationOf, programForm } from "./recordSets.ts";

/** Inputs of a record set, as far as the checks read them. */
export interface RecordSetInputs {
    zone: string;
    name: string;
    type: string;
    ttl: number;
    records: string[];
    owner: string;
    adopt: boolean;
}

/** Checks what is known of a record set offline, and writes it the one canonical way. */
export function checkRecordSet(
    inputs: PreviewProps<RecordSetInputs>,
): CheckResult<RecordSetInputs> {
    const failures: CheckFailure[] = [];
    const attempt = <T>(property: string, given: T, parse: (value: T) => T): T => {
        try {
            return parse(given);
        } catch (error) {
            if (!(error instanceof InvalidDnsData)) throw error;
            failures.push({ property, reason: error.message });
            return given;
        }
    };
    const zone = isUnknown(inputs.zone) ? inputs.zone : attempt("zone", inputs.zone, canonicalName);
    const name = isUnknown(inputs.name) ? inputs.name : attempt("name", inputs.name, canonicalName);
    const type = isUnknown(inputs.type) ? inputs.type : attempt("type", inputs.type, canonicalType);
    const checked = { ...inputs, zone, name, type };
    if (failures.length > 0) return { failures };
    if (!isUnknown(zone) && !isUnknown(name)) {
        if (!isWithin(name, zone))
            failures.push({
                property: "name",
                reason: `${name} does not lie in the zone ${zone}; expected ${zone} or a name below it`,
            });
        const reason = isUnknown(type) ? undefined : misplaced(zone, { name, type });
        if (reason !== undefined) failures.push({ property: "type", reason });
    }
    const { records } = inputs;
    if (isUnknown(type) || isUnknown(records)) return { inputs: checked, failures };
    const canonical = records.map((record, i) =>
        isUnknown(record)
            ? record
            : attempt(`records[${i}]`, record, (given) =>
                  isTextType(type)
                      ? checkText(given)
                      : programForm(type, presentationOf(type, given)),
              ),
    );
    const known = canonical.flatMap((record) => (isUnknown(record) ? [] : [record]));
    if (failures.length === 0) attempt("records", known, (given) => dropNothing(type, given));
    return { inputs: { ...checked, records: canonical }, failures };
}

function checkText(text: string): string {
    presentationOf("TXT", text);
    if (text.length > 1 && text.startsWith('"') && text.endsWith('"'))
        throw new InvalidDnsData(
            `${text} has quotation marks around it, which would be part of the text; give the plain text, it is split and quoted for you`,
        );
    return text;
}

function dropNothing(type: string, records: string[]): string[] {
    canonicalRecords(type, records);
    return records;
}
