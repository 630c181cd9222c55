import { rename, writeFile } from "node:fs/promises";

/** Writes a file so that a crash leaves the old content or the new one, never a part. Mode 0600. */
export async function writeFileAtomically(file: string, content: string): Promise<void> {
    const temporary = `${file}.new`;
    await writeFile(temporary, content, { mode: 0o600 });
    await rename(temporary, file);
}
