import type * as pulumi from "@pulumi/pulumi";

/**
 * Options of a Secret that begins with a certificate of our own authority and is filled by cert-manager from then on: the object is the
 * program's, its contents are not looked at again, so that neither takes them from the other.
 */
export function filledByCertManager(publiclyIssued: boolean): pulumi.CustomResourceOptions {
    return publiclyIssued ? { ignoreChanges: ["data", "stringData"] } : {};
}
