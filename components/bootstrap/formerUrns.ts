import * as pulumi from "@pulumi/pulumi";

const NAMESPACE = "kubernetes:core/v1:Namespace";
const SECRET = "kubernetes:core/v1:Secret";

/** Components whose children moved out of them, by the end of their name. */
const COMPONENTS = {
    mail: "sovereign:mail:Mail",
    platform: "sovereign:platform:Platform",
} as const;

/** Where resources stood before they became prerequisites of their own: below the releases that used them. */
export function formerUrns(name: string, sovereign: pulumi.Resource) {
    const child = (component: keyof typeof COMPONENTS, type: string, end: string) =>
        pulumi.createUrn(
            `${name}-${component}-${end}`,
            type,
            pulumi.createUrn(`${name}-${component}`, COMPONENTS[component], sovereign),
        );
    return {
        namespaces: {
            platform: child("platform", NAMESPACE, "namespace"),
            mail: child("mail", NAMESPACE, "namespace"),
        },
        pullSecrets: { platform: child("platform", SECRET, "pull") },
        certificate: child("platform", SECRET, "tls"),
    };
}
