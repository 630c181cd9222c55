/** Annotation of a Node in which it publishes what it sees of the way out for mail. */
export const MAIL_PROBE_ANNOTATION = "catalyst.openova.io/mail-probe";

/** What a node's look at the way out goes by. */
export interface MailProbe {
    /** Name in EHLO: `mail.<fqdn>`. */
    readonly ehlo: string;
    /** Kubernetes name of the node. */
    readonly node: string;
    /** Mail servers to greet, `<host>:<port>`. */
    readonly targets: readonly string[];
}

const SHELL_SAFE = /^[A-Za-z0-9.: -]*$/;

/** Writes it as shell assignments in single quotes. Throws on a value that a shell could read as more than text. */
export function formatMailProbe({ ehlo, node, targets }: MailProbe): string {
    const values = {
        MAIL_PROBE_EHLO: ehlo,
        MAIL_PROBE_NODE: node,
        MAIL_PROBE_TARGETS: targets.join(" "),
    };
    return Object.entries(values)
        .map(([key, value]) => {
            if (!SHELL_SAFE.test(value))
                throw new Error(`${key} holds a character that is not allowed there`);
            return `${key}='${value}'\n`;
        })
        .join("");
}

/** Reads what {@link formatMailProbe} wrote. Throws where a line is missing. */
export function parseMailProbe(text: string): MailProbe {
    const value = (key: string): string => {
        const found = new RegExp(`^${key}='([^']*)'$`, "m").exec(text)?.[1];
        if (found === undefined) throw new Error(`${key} is missing`);
        return found;
    };
    return {
        ehlo: value("MAIL_PROBE_EHLO"),
        node: value("MAIL_PROBE_NODE"),
        targets: value("MAIL_PROBE_TARGETS").split(" ").filter(Boolean),
    };
}
