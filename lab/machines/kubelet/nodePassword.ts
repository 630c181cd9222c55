import { createHash, randomBytes } from "node:crypto";
import type { Disk } from "../boot/disk.ts";
import { statusOf, type ClusterClient } from "./client.ts";

/** Where k3s keeps a node's own password. */
const PASSWORD_FILE = "/etc/rancher/node/password";

/**
 * Registers a node's password, or compares it: a machine with the name of a node that is still registered is refused
 * (https://docs.k3s.io/architecture#how-agent-node-registration-works).
 *
 * @throws Error with k3s' own words
 */
export async function checkNodePassword(
    client: ClusterClient,
    disk: Disk,
    nodeName: string,
): Promise<void> {
    let password = await disk.read(PASSWORD_FILE);
    if (password === undefined) {
        password = randomBytes(16).toString("hex");
        await disk.write(PASSWORD_FILE, password, 0o600);
    }
    const hash = createHash("sha256").update(password).digest("hex");
    const name = `${nodeName}.node-password.k3s`;
    const secrets = { namespace: "kube-system" };
    try {
        const found = await client.core.readNamespacedSecret({ ...secrets, name });
        const known = Buffer.from(found.data?.hash ?? "", "base64").toString("utf8");
        if (known !== hash)
            throw new Error(
                `Node password rejected, duplicate hostname or contents of '${PASSWORD_FILE}' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag`,
            );
    } catch (error) {
        if (statusOf(error) !== 404) throw error;
        await client.core.createNamespacedSecret({
            ...secrets,
            body: { metadata: { name, ...secrets }, immutable: true, stringData: { hash } },
        });
    }
}
