import type { ProviderConfiguration } from "../framework/configuration.ts";
import { exclude } from "./coexistence.ts";
import { formatRecordSetId, type RecordSetAddress } from "./recordSetId.ts";

/**
 * Record sets that the program of this run declares, by the resources that do. A plugin process serves one run of the engine,
 * in which every declared resource is checked, in whatever order: what two resources cannot both have shows in the preview.
 */
export class Declarations {
    readonly #byUrn = new Map<string, RecordSetAddress>();
    readonly #byPlace = new Map<string, Set<string>>();

    /** Remembers what the resource declares; resolves to what is wrong with it beside another one's, if anything. */
    declare(urn: string, address: RecordSetAddress): string | undefined {
        this.withdraw(urn);
        const place = placeOf(address);
        const others = this.#byPlace.get(place) ?? new Set();
        for (const other of others) {
            const declared = this.#byUrn.get(other);
            if (declared === undefined) continue;
            const id = formatRecordSetId(address);
            if (declared.type === address.type)
                return `${id} is declared twice: by ${other} and by ${urn}`;
            if (exclude(declared.type, address.type))
                return (
                    `${id} is declared by ${urn}, and ${formatRecordSetId(declared)} by ${other}: ` +
                    "a CNAME stands alone at its name (RFC 2181, 10.1). Keep one of the two"
                );
        }
        this.#byPlace.set(place, others.add(urn));
        this.#byUrn.set(urn, address);
        return undefined;
    }

    /** Forgets what the resource declared, or `only` that. */
    withdraw(urn: string, only?: RecordSetAddress): void {
        const declared = this.#byUrn.get(urn);
        if (declared === undefined) return;
        if (only !== undefined && formatRecordSetId(only) !== formatRecordSetId(declared)) return;
        this.#byUrn.delete(urn);
        this.#byPlace.get(placeOf(declared))?.delete(urn);
    }
}

const DECLARATIONS = new WeakMap<ProviderConfiguration, Declarations>();

/** What the program of this run declares. */
export function declarations(config: ProviderConfiguration): Declarations {
    const existing = DECLARATIONS.get(config);
    if (existing !== undefined) return existing;
    const made = new Declarations();
    DECLARATIONS.set(config, made);
    return made;
}

function placeOf({ zone, name }: RecordSetAddress): string {
    return `${zone}/${name}`;
}
