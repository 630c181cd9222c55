import type { DkimSelectorConfig } from "../../../config/model.ts";

/** One step of a rotation: what the list of selectors becomes. */
export interface RotationStep {
    readonly title: string;
    readonly selectors: readonly DkimSelectorConfig[];
    /** Why the provider refuses the step before its time; undefined where it may be taken at once. */
    readonly afterwards?: "published for its TTL" | "the lifetime of the last signature";
}

/** The next name after those that were used, in the manner of the first: `r1` gives `r2`, `r2026` gives `r2027`. */
export function nextSelector(used: readonly string[]): string {
    const parts = used.map((name) => /^(.*?)(\d*)$/.exec(name));
    const prefix = parts[0]?.[1] ?? "r";
    const numbers = parts.flatMap((part) =>
        part?.[1] === prefix && part[2] !== "" ? [Number(part[2])] : [],
    );
    return `${prefix}${Math.max(0, ...numbers) + 1}`;
}

/**
 * The steps from the selectors that are there to a new RSA key and none of the old, each an update of its own.
 *
 * @param used - every name that the domain ever had
 * @throws RangeError where a rotation is under way already, or none signs
 */
export function rotation(
    current: readonly DkimSelectorConfig[],
    used: readonly string[],
): RotationStep[] {
    const open = current.filter(({ state }) => state === "pending" || state === "retiring");
    const old = current.find((s) => s.algorithm === "rsa2048" && s.state === "active");
    if (old === undefined || open.length > 0)
        throw new RangeError(
            `a rotation begins with one active rsa2048 selector and none that is pending or retiring; there are ${current.map((s) => `${s.selector} ${s.state}`).join(", ")}`,
        );
    const name = nextSelector([old.selector, ...used]);
    const others = current.filter((selector) => selector !== old && selector.state === "active");
    const list = (
        before: DkimSelectorConfig["state"],
        now?: DkimSelectorConfig["state"],
    ): DkimSelectorConfig[] => [
        { ...old, state: before },
        ...(now === undefined
            ? []
            : [{ selector: name, algorithm: "rsa2048" as const, state: now }]),
        ...others,
    ];
    return [
        { title: `${old.selector} signs, as before`, selectors: list("active") },
        { title: `publish ${name}, which does not sign yet`, selectors: list("active", "pending") },
        {
            title: `sign with ${name}; ${old.selector} stays published for mail on its way`,
            selectors: list("retiring", "active"),
            afterwards: "published for its TTL",
        },
        {
            title: `revoke ${old.selector}: its record now holds an empty key`,
            selectors: list("revoked", "active"),
            afterwards: "the lifetime of the last signature",
        },
        { title: `take ${old.selector} out`, selectors: list("revoked", "active").slice(1) },
    ];
}
