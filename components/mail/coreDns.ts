import { hostNames, NAMESPACES } from "../names.ts";

/** Service of the mail server that takes submissions (`charts/stalwart-sovereign`). */
const SUBMISSION_SERVICE = `stalwart.${NAMESPACES.mail}.svc.cluster.local`;

/**
 * Data of the ConfigMap `kube-system/coredns-custom`, whose `*.override` files k3s' CoreDNS reads into its server block
 * (https://docs.k3s.io/networking/networking-services#coredns): in the cluster `mail.<fqdn>` is the submission Service, so that
 * clients meet the server under the name in its certificate. Answers carry the name that was asked for
 * (https://coredns.io/plugins/rewrite).
 */
export function coreDnsOverride(fqdn: string): Record<string, string> {
    return {
        "sovereign-mail.override": `rewrite stop name exact ${hostNames(fqdn).mail} ${SUBMISSION_SERVICE} answer auto\n`,
    };
}
