import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { ADMIN_GROUP } from "../../components/names.ts";
import { issue } from "../support/certificates.ts";

/** A secret of an export in plain has its value as JSON text (https://www.pulumi.com/docs/iac/concepts/secrets/). */
const text = z.union([
    z.string(),
    z
        .object({ plaintext: z.string() })
        .transform(({ plaintext }) => z.string().parse(JSON.parse(plaintext))),
]);

const adminCertificate = z.looseObject({
    type: z.literal("tls:index/locallySignedCert:LocallySignedCert"),
    urn: z.string().endsWith("-admin"),
    inputs: z.looseObject({ caCertPem: text, caPrivateKeyPem: text }),
    outputs: z.looseObject({ certPem: text }),
});

const adminKey = z.looseObject({
    type: z.literal("tls:index/privateKey:PrivateKey"),
    urn: z.string().endsWith("-admin-key"),
    outputs: z.looseObject({ privateKeyPem: text }),
});

const exported = z.looseObject({ deployment: z.looseObject({ resources: z.array(z.unknown()) }) });

function only<T>(resources: readonly unknown[], schema: z.ZodType<T>): T {
    const found = resources
        .map((r) => schema.safeParse(r))
        .flatMap((r) => (r.success ? [r.data] : []));
    const [first] = found;
    if (first === undefined || found.length > 1)
        throw new Error(`${found.length} resources where one was looked for`);
    return first;
}

/**
 * Puts an expired certificate for the same key, from the same CA, in the place of the administrator's in every kubeconfig of the
 * stack's state, as time would have it.
 *
 * @param directory - where the state may stand in plain for a moment
 */
export async function expireAdminCertificate(stack: PulumiCli, directory: string): Promise<void> {
    const { stdout } = await stack.run(["stack", "export", "--show-secrets"]);
    const { resources } = exported.parse(JSON.parse(stdout)).deployment;
    const admin = only(resources, adminCertificate);
    const expired = await issue(
        { commonName: "sovereign-admin", organization: ADMIN_GROUP, ca: false, hours: -1 },
        only(resources, adminKey).outputs.privateKeyPem,
        { certificatePem: admin.inputs.caCertPem, keyPem: admin.inputs.caPrivateKeyPem },
    );
    const base64 = (pem: string) => Buffer.from(pem).toString("base64");
    const file = join(directory, "expired.json");
    await writeFile(file, stdout.replaceAll(base64(admin.outputs.certPem), base64(expired)), {
        mode: 0o600,
    });
    try {
        const { exitCode, stderr } = await stack.run(["stack", "import", "--file", file]);
        if (exitCode !== 0) throw new Error(`the state was not taken:\n${stderr}`);
    } finally {
        await rm(file);
    }
}
