import type { LabCredentials } from "./parts.ts";

/**
 * Fixed credentials of every lab, so that `Pulumi.dev.yaml` can carry them, encrypted under the lab's passphrase. They
 * guard nothing: everything that accepts them listens on loopback.
 */
export const LAB_CREDENTIALS: LabCredentials = {
    hcloudToken: "lab".padEnd(64, "0"),
    powerdnsApiKey: "lab-powerdns-key",
    dynadotApiKey: "lab-dynadot-key",
    dynadotApiSecret: "lab-dynadot-secret",
};

/** Passphrase of the `dev` stack's secrets. */
export const LAB_PASSPHRASE = "lab";
