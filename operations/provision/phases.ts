/** Parts of a Sovereign in the order in which they begin; they overlap. */
export const PHASES = ["identity", "cloud", "dns", "cluster", "mail", "platform"] as const;

export type Phase = (typeof PHASES)[number];

const CONCERNS: Readonly<Record<string, Phase>> = {
    cloud: "cloud",
    cluster: "cluster",
    dns: "dns",
    mail: "mail",
    platform: "platform",
};

/** Components of the mail that need no cluster: keys and passwords. */
const IDENTITY = /\$?sovereign:mail:(DkimKeys|MailCertificate|SmtpCredentials)\b/;

/** The phase that a resource belongs to, by the component that it lies in. */
export function phaseOf(urn: string): Phase {
    const types = urn.split("::")[2] ?? "";
    if (IDENTITY.test(types)) return "identity";
    for (const type of types.split("$")) {
        const concern = /^sovereign:(\w+):/.exec(type)?.[1] ?? "";
        if (concern in CONCERNS) return CONCERNS[concern] ?? "identity";
    }
    return "identity";
}
