/**
 * Where the pod of `charts/stalwart-sovereign` mounts what the plan names. A test holds the chart to it.
 */
export const STALWART_PATHS = {
    /** Request files of the plan. */
    plan: "/plan",
    /** `tls.crt` and `tls.key`, as in a Secret of type `kubernetes.io/tls`. */
    tls: "/tls",
    /** One `<selector>.pem` for each active DKIM selector. */
    dkim: "/dkim",
    /** `password` of the smart host. */
    relay: "/relay",
} as const;

/** Path of a DKIM private key in the pod. */
export function dkimKeyFile(selector: string): string {
    return `${STALWART_PATHS.dkim}/${selector}.pem`;
}
