/** An ISO that a server may be given, in the API's shape. */
export interface Iso {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly type: "public";
    readonly architecture: "x86" | "arm" | null;
    readonly deprecation: null;
}

/** One entry: the one that the API's documentation shows (https://docs.hetzner.cloud/reference/cloud#isos). */
export const ISOS: readonly Iso[] = [
    {
        id: 4711,
        name: "FreeBSD-11.0-RELEASE-amd64-dvd1",
        description: "FreeBSD 11.0 x64",
        type: "public",
        architecture: "x86",
        deprecation: null,
    },
];

/** An ISO by id or name. */
export function findIso(idOrName: string | number): Iso | undefined {
    return ISOS.find((iso) => iso.name === idOrName || String(iso.id) === String(idOrName));
}
