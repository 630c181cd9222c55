import assert from "node:assert/strict";
import type { X509Certificate } from "node:crypto";
import { CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";

/** A cert-manager Certificate, as far as the tests read it. */
export const certificateSchema = z.looseObject({
    status: z
        .looseObject({
            revision: z.number().optional(),
            conditions: z
                .array(z.looseObject({ type: z.string(), status: z.string(), message: z.string() }))
                .default([]),
        })
        .prefault({}),
});

export type CertificateStatus = z.infer<typeof certificateSchema>["status"];

/** Whether the certificate is issued and valid. */
export function isIssued({ conditions }: CertificateStatus): boolean {
    return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

/** The names that a certificate is for, sorted. */
export function namesIn({ subjectAltName = "" }: X509Certificate): string[] {
    return subjectAltName
        .split(", ")
        .map((name) => name.replace(/^DNS:/, ""))
        .sort();
}

/** The Certificates of a cluster. */
export class IssuedCertificates {
    readonly custom: CustomObjectsApi;

    constructor(kubeconfig: string) {
        const config = new KubeConfig();
        config.loadFromString(kubeconfig);
        this.custom = config.makeApiClient(CustomObjectsApi);
    }

    async status(namespace: string, name: string): Promise<CertificateStatus> {
        const found: unknown = await this.custom.getNamespacedCustomObject({
            group: "cert-manager.io",
            version: "v1",
            plural: "certificates",
            namespace,
            name,
        });
        return certificateSchema.parse(JSON.parse(JSON.stringify(found))).status;
    }

    /** Throws with cert-manager's words where it is not issued, or another time than the given. */
    async assertIssued(namespace: string, name: string, revision = 1): Promise<void> {
        const status = await this.status(namespace, name);
        const [message] = status.conditions.map((condition) => condition.message);
        assert.deepEqual([isIssued(status), status.revision], [true, revision], message);
    }
}
