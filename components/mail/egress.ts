import type { MailConfig, NodeConfig } from "../../config/model.ts";

/**
 * Keys of the nodes that mail may leave from: the pinned one, or all. Behind a smart host all of them too: `mail.<fqdn>` stays
 * what each of them is called.
 */
export function egressNodes(mail: MailConfig, nodes: readonly NodeConfig[]): string[] {
    const keys = nodes.map((node) => node.key);
    return mail.egress === "pinned" ? keys.filter((key) => key === mail.pinnedNode) : keys;
}
