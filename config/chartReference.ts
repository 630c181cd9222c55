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

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** A chart's version, and the digest that its manifest has to have where one is pinned. */
export interface PinnedVersion {
    readonly version: string;
    /** `sha256:<64 hex digits>`, as `helm push` prints it. */
    readonly digest?: string;
}

/** Splits `<version>[@<digest>]`. Pure. */
export function pinnedVersion(value: string): PinnedVersion {
    const [version = "", digest] = value.split("@");
    return { version, ...(digest !== undefined && { digest }) };
}

/** Whether `value` is `<version>[@sha256:<64 hex digits>]`, with a version that `pattern` matches whole. */
export function isPinnedVersion(value: string, pattern: RegExp): boolean {
    const [version = "", digest, ...more] = value.split("@");
    return (
        pattern.test(version) && (digest === undefined || DIGEST.test(digest)) && more.length === 0
    );
}

/** What {@link isPinnedVersion} accepts, for people, by an example. */
export const versionOrPin = (example: string): string =>
    `a version of the chart, for example ${example}, or ${example}@sha256:<64 hex digits>`;
