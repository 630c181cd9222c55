import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ReferencedSovereign } from "../../operations/outputs/readSovereign.ts";
import { smtpSecretOf } from "../../operations/outputs/smtpSecret.ts";

export interface SmtpSecretCopyArgs {
    readonly sovereign: ReferencedSovereign;
    /** Namespace that is made for it. */
    readonly namespace: string;
}

/** A Sovereign's submission credentials once more in its cluster, made of its outputs alone. */
export class SmtpSecretCopy extends pulumi.ComponentResource {
    /** `namespace/name`. */
    readonly secretRef: pulumi.Output<string>;

    constructor(
        name: string,
        { sovereign, namespace }: SmtpSecretCopyArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("provisioner:index:SmtpSecretCopy", name, { namespace }, opts);
        const { kubeconfig, epoch } = sovereign.cluster;
        const provider = new kubernetes.Provider(
            `${name}-cluster`,
            {
                kubeconfig,
                // Another cluster replaces what is in it; a renewed certificate does not.
                clusterIdentifier: `${sovereign.sovereign.fqdn}#${epoch}`,
                enableSecretMutable: true,
            },
            { parent: this },
        );
        const inCluster = { parent: this, provider };
        const made = new kubernetes.core.v1.Namespace(
            `${name}-namespace`,
            { metadata: { name: namespace } },
            inCluster,
        );
        const { name: secretName, type, stringData } = smtpSecretOf(sovereign.smtp);
        const secret = new kubernetes.core.v1.Secret(
            `${name}-secret`,
            {
                metadata: { name: secretName, namespace: made.metadata.name },
                type,
                stringData,
            },
            inCluster,
        );
        this.secretRef = pulumi.interpolate`${made.metadata.name}/${secret.metadata.name}`;
        this.registerOutputs({ secretRef: this.secretRef });
    }
}
