import * as pulumi from "@pulumi/pulumi";
import { smtpSecretData } from "../../components/platform/smtpSecret.ts";
import type { ReferencedSovereign } from "./readSovereign.ts";

/** A Kubernetes Secret, but for the namespace that it goes to. */
export interface SmtpSecret {
    readonly name: string;
    readonly type: string;
    /** Secret. */
    readonly stringData: pulumi.Output<Record<string, string>>;
}

/**
 * A Sovereign's submission credentials as the Secret that its own cluster has: name, type and every byte of the data, under the keys
 * of both readers. It comes from the outputs alone.
 */
export function smtpSecretOf(smtp: ReferencedSovereign["smtp"]): SmtpSecret {
    const { host, port, from, user, secretRef } = smtp;
    return {
        name: secretRef.split("/").at(-1) ?? secretRef,
        type: "Opaque",
        stringData: pulumi.secret(
            smtp.password.apply((password) => smtpSecretData({ host, port, from, user, password })),
        ),
    };
}
