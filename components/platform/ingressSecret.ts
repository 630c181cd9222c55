/** Secret in the platform's namespace with the certificate of apex and wildcard. */
export const INGRESS_SECRET = "sovereign-ingress-tls";
