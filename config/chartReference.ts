/** An OCI reference without a tag: `oci://host[:port]/path`. */
export function isOciReference(value: string): boolean {
    return /^oci:\/\/[a-z0-9.-]+(?::[0-9]+)?(?:\/[a-z0-9._-]+)+$/.test(value);
}

/** An OCI reference, or a path that begins with `./`, `../` or `/`. */
export function isChartReference(value: string): boolean {
    return isOciReference(value) || /^\.{0,2}\/\S+$/.test(value);
}

/** What {@link isChartReference} accepts, for people. */
export const CHART_REFERENCE = "an OCI reference without a tag, or a path beginning with ./ or /";
