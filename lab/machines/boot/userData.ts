import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import { z } from "zod";

/** A file that cloud-init writes, decoded. */
export interface WrittenFile {
    readonly path: string;
    readonly content: Buffer;
    /** File mode bits. */
    readonly mode: number;
    readonly append: boolean;
}

/** What a `#cloud-config` asks for, as far as a machine of the lab acts on it. */
export interface CloudConfig {
    readonly files: readonly WrittenFile[];
    /** Commands in order; a list form is joined as cloud-init quotes it. */
    readonly commands: readonly string[];
}

/** User data that cloud-init would refuse. */
export class UserDataError extends Error {
    override readonly name = "UserDataError";
}

const schema = z.object({
    write_files: z
        .array(
            z.object({
                path: z.string(),
                content: z.union([z.string(), z.instanceof(Uint8Array)]).default(""),
                encoding: z.string().default("text/plain"),
                permissions: z.union([z.string(), z.number()]).default("0644"),
                append: z.boolean().default(false),
            }),
        )
        .default([]),
    runcmd: z.array(z.union([z.string(), z.array(z.string())])).default([]),
});

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const BASE64 = /^[A-Za-z0-9+/=\s]+$/;

/**
 * Undoes what wraps user data: Hetzner's datasource decodes base64 where the whole is base64, cloud-init then inflates
 * gzip (cloud-init `DataSourceHetzner.py` `maybe_b64decode`, `util.decomp_gzip`).
 */
export function unwrapUserData(userData: string): string {
    let bytes = Buffer.from(userData, "utf8");
    if (BASE64.test(userData)) bytes = Buffer.from(userData, "base64");
    return (bytes.subarray(0, 2).equals(GZIP_MAGIC) ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** Decodes one file's content by its `encoding` (https://cloudinit.readthedocs.io/en/latest/reference/modules.html#write-files). */
function decodeContent(content: string | Uint8Array, encoding: string, path: string): Buffer {
    const text = typeof content === "string" ? content : Buffer.from(content).toString("utf8");
    switch (encoding.toLowerCase()) {
        case "text/plain":
            return Buffer.from(content);
        case "b64":
        case "base64":
            return Buffer.from(text, "base64");
        case "gz":
        case "gzip":
            return gunzipSync(Buffer.from(content));
        case "gz+b64":
        case "gz+base64":
        case "gzip+b64":
        case "gzip+base64":
            return gunzipSync(Buffer.from(text, "base64"));
        default:
            throw new UserDataError(`write_files ${path}: unknown encoding ${encoding}`);
    }
}

/** @throws UserDataError where cloud-init would not take the data as a cloud-config. */
export function decodeUserData(userData: string): CloudConfig {
    const text = unwrapUserData(userData);
    if (!/^#cloud-config\s*$/m.test(text.split("\n", 1)[0] ?? ""))
        throw new UserDataError("user data does not begin with the line #cloud-config");
    let document: unknown;
    try {
        document = parse(text) ?? {};
    } catch (error) {
        throw new UserDataError(`user data is not YAML: ${String(error)}`, { cause: error });
    }
    const checked = schema.safeParse(document);
    if (!checked.success)
        throw new UserDataError(
            `user data is not a cloud-config: ${z.prettifyError(checked.error)}`,
        );
    return {
        files: checked.data.write_files.map((file) => ({
            path: file.path,
            content: decodeContent(file.content, file.encoding, file.path),
            mode:
                typeof file.permissions === "number"
                    ? file.permissions
                    : Number.parseInt(file.permissions, 8),
            append: file.append,
        })),
        commands: checked.data.runcmd.map((c) => (typeof c === "string" ? c : c.join(" "))),
    };
}
