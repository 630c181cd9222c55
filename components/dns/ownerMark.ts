import { createHash } from "node:crypto";

/** Longest mark: PowerDNS keeps the account of a zone or comment in 40 characters. */
const MAX_MARK = 40;

/** The mark that tells a stack's zones and records from everybody else's: `pulumi:<project>/<stack>`, shortened by a digest. */
export function ownerMark(project: string, stack: string): string {
    const mark = `pulumi:${project}/${stack}`;
    if (mark.length <= MAX_MARK) return mark;
    const digest = createHash("sha256").update(mark).digest("hex").slice(0, 8);
    return `${mark.slice(0, MAX_MARK - digest.length - 1)}-${digest}`;
}
