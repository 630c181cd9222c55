import type * as pulumi from "@pulumi/pulumi";

/**
 * Options of a Secret that begins with a certificate of our own authority and is cert-manager's from then on. The program does not
 * look at it again, not even at its labels: it would send the whole object with them, and with it the first certificate.
 */
export function filledByCertManager(publiclyIssued: boolean): pulumi.CustomResourceOptions {
    return publiclyIssued
        ? { ignoreChanges: ["data", "stringData", "metadata.labels", "metadata.annotations"] }
        : {};
}
