import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { issueLeaf, selfSignedCa } from "../../machines/control/pki.ts";

const stored = z.object({
    authority: z.string(),
    certificate: z.string(),
    privateKey: z.string(),
});

/** Certificate of the lab's public mail host, and of the authority that everyone in the lab trusts for it; PEM. */
export type HostCertificate = z.infer<typeof stored>;

/** The certificate for a host, kept in a directory; made where there is none. */
export async function hostCertificate(directory: string, host: string): Promise<HostCertificate> {
    const file = join(directory, "certificate.json");
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) return stored.parse(JSON.parse(text));
    const authority = await selfSignedCa("Lab public authority");
    const leaf = await issueLeaf(authority, {
        commonName: host,
        altNames: [host],
        usages: ["server"],
    });
    const made = { authority: authority.certificate, ...leaf };
    await mkdir(directory, { recursive: true });
    await writeFile(file, JSON.stringify(made), { mode: 0o600 });
    return made;
}
